# The table of what was asked: figures (lines of figures.awk), then criteria.txt. With -v unmet=1 prints the keys of the
# rows that were measured and are not met instead. Needs nice.awk.
BEGIN { FS = "\t" }

function trim(text)
{
    gsub(/^ +| +$/, "", text)
    return text
}

# The figures of a list, with their units; one that there is not is "not run".
function list(keys,    count, name, i, out)
{
    count = split(keys, name, " ")
    for (i = 1; i <= count; i++)
        out = out (i > 1 ? ", " : "") (name[i] in median ? with_unit(median[name[i]], unit[name[i]]) : "**not run**")
    return out
}

FILENAME == ARGV[1] {
    unit[$1] = $3
    median[$1] = $4
    lowest[$1] = $5
    highest[$1] = $6
    next
}

/^#/ || !NF { next }

{
    # key | what | at most or at least | limit | of what | figures shown | figures judged | median or highest
    split($0, row, "|")
    key = trim(row[1])
    relation = trim(row[3])
    limit = trim(row[4])
    sign = relation == "at most" ? 1 : -1
    count = split(trim(row[7]), judged, " ")
    worst = ""
    missing = 0
    for (i = 1; i <= count; i++) {
        if (!(judged[i] in median)) {
            missing++
            continue
        }
        value = trim(row[8]) == "highest" ? highest[judged[i]] : median[judged[i]]
        if (worst == "" || sign * (value - worst) > 0) {
            worst = value
            at = judged[i]
        }
    }
    met = missing || !count ? "**not run**" : sign * (worst - limit) <= 0 ? "yes" : "**no**"
    if (unmet && met == "**no**")
        print key
    if (unmet)
        next
    if (!header++)
        print "| What | Asked | Measured | Of that, the worst (its rounds) | Met |\n|---|---|---|---|---|"
    shown = worst == "" ? "**not run**" : with_unit(worst, unit[at])
    if (worst != "" && lowest[at] != highest[at])
        shown = shown " (" nice(lowest[at]) " to " nice(highest[at]) ")"
    printf "| %s | %s %s %s | %s | %s | %s |\n", trim(row[2]), relation, limit, trim(row[5]), list(trim(row[6])), shown,
        met
}
