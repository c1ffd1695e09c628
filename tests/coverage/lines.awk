# What gcov prints of all objects (gcov -t -b -c), merged: a source compiled into several objects counts once, with what
# any of them ran. One line each, tab-separated: file, line number, times run, branches, those taken, function, text.
# Set: prefix, the folder before the names of files, with its slash.

/^ *-: *0:Source:/ {
    file = $0
    sub(/^[^:]*:[^:]*:Source:/, "", file)
    ours = index(file, prefix) == 1
    file = substr(file, length(prefix) + 1)
    name = ""
    next
}

!ours { next }

/^function [^ ]+ called / {
    name = $2
    next
}

/^ *[-#=0-9]+\*?: *[0-9]+:/ {
    split($0, part, ":")
    count = part[1]
    line = part[2] + 0
    gsub(/[ *]/, "", count)
    key = ""
    if (count == "-" || line == 0)
        next
    key = file SUBSEP line
    if (!(key in runs)) {
        runs[key] = 0
        order[++keys] = key
    }
    if (count ~ /^[0-9]+$/)
        runs[key] += count
    owner[key] = name
    text[key] = $0
    sub(/^[^:]*:[^:]*:[ \t]*/, "", text[key])
    next
}

# Calls share their numbers with branches.
/^branch +[0-9]+ / && key != "" {
    if (!((key, $2) in taken)) {
        taken[key, $2] = 0
        branches[key]++
    }
    if ($3 == "taken" && $4 > 0 && !taken[key, $2]) {
        taken[key, $2] = 1
        reached[key]++
    }
}

END {
    for (i = 1; i <= keys; i++) {
        key = order[i]
        split(key, part, SUBSEP)
        printf "%s\t%d\t%d\t%d\t%d\t%s\t%s\n", part[1], part[2], runs[key], branches[key], reached[key], owner[key], text[key]
    }
}
