# Compares the lines that no test runs with those that tests/coverage/uncovered.txt excuses. Reads that list, then what
# lines.awk printed; prints each difference. Exit status 1: there are some.

function trimmed(string)
{
    gsub(/[ \t]+/, " ", string)
    sub(/^ /, "", string)
    sub(/ $/, "", string)
    return string
}

function complain(what)
{
    print what
    wrong = 1
}

function end_of_entry()
{
    if (place != "" && !has_reason)
        complain("listed without a reason: " place)
}

BEGIN { FS = "\t" }

# The list: see its first lines.
FILENAME == ARGV[1] {
    if ($0 ~ /^#/ || $0 ~ /^[ \t]*$/)
        next
    if ($0 ~ /^[^ \t|~]/) {
        end_of_entry()
        place = trimmed($0)
        has_reason = 0
    } else if ($0 ~ /^[|~]/) {
        key = place " | " trimmed(substr($0, 2))
        if (!(key in listed))
            order[++keys] = key
        listed[key]++
        if ($0 ~ /^~/)
            by_chance[key]++
    } else {
        has_reason = 1
    }
    next
}

# A source line that was not run; the same text may stand in a function more than once.
$3 == 0 {
    key = $1 " " $6 " | " trimmed($7)
    if (++missed[key] > listed[key])
        complain($1 ":" $2 ": not covered and not listed, in " $6 ": " $7)
}

END {
    end_of_entry()
    for (i = 1; i <= keys; i++) {
        key = order[i]
        if (missed[key] < listed[key] - by_chance[key])
            complain("listed as not covered, but it is covered, or gone: " key)
    }
    exit wrong
}
