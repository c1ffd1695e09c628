# Reads the files that benchmarks write (figures.c: one figure a line) and prints their figures as lines of
#   SUBJECT:NAME  text  unit  median  lowest  highest  rounds  calls  lower-quartile  upper-quartile
# separated by tabs; with -v facts=1 what they say of the run instead, as lines of
#   SUBJECT  "machine" or "libraries" or "run"  name  value
# In SUBJECT, - stands for _: so fill.awk has it.

function text_of(line, key,    at, value)
{
    at = index(line, "\"" key "\": \"")
    if (!at)
        return ""
    value = substr(line, at + length(key) + 5)
    gsub(/\\"/, "\001", value)
    value = substr(value, 1, index(value, "\"") - 1)
    gsub(/\001/, "\"", value)
    gsub(/\\\\/, "\\", value)
    return value
}

function number_of(line, key,    at)
{
    at = index(line, "\"" key "\": ")
    return at ? substr(line, at + length(key) + 4) + 0 : ""
}

function fact(name, value)
{
    if (facts)
        printf "%s\t%s\t%s\t%s\n", subject, part, name, value
}

FNR == 1 {
    subject = ""
    part = "run"
}

/^  "subject": / {
    subject = text_of($0, "subject")
    gsub(/_/, "-", subject)
}

/^  "when": / { fact("when", text_of($0, "when")) }
/^  "sources": / { fact("sources", text_of($0, "sources")) }
/^  "machine": / { part = "machine" }
/^  "libraries": / { part = "libraries" }

/^    "/ {
    name = $0
    sub(/^    "/, "", name)
    sub(/".*/, "", name)
    fact(name, text_of($0, name))
}

/^    \{"name": / && !facts {
    printf "%s:%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", subject, text_of($0, "name"), text_of($0, "text"),
        text_of($0, "unit"), number_of($0, "median"), number_of($0, "lowest"), number_of($0, "highest"),
        number_of($0, "rounds"), number_of($0, "calls"), number_of($0, "lower_quartile"), number_of($0, "upper_quartile")
}
