# Writes a report: the template with what a run found in it. Arguments: the figures of the run, as lines
# "step<TAB>name<TAB>value", then the template. Set: blocks, a folder of files; partial=1 when the template need not have
# a place for each figure.
#
# In the template {{STEP:NAME}} is a figure, and a line {{NAME}} is the file NAME of blocks. A figure that there is not
# is "**not run**". One that several tests gave is their sum. Names that begin with "step_" are about the step itself.
# Exit status 1: the run has figures that the template does not use; they are named on standard error.

FILENAME == ARGV[1] {
    split($0, field, "\t")
    key = field[1] ":" field[2]
    name = field[2]
    if (!(key in figure)) {
        order[++keys] = key
        figure[key] = field[3]
        owner[key] = name
    } else if (field[3] ~ /^[0-9]+$/ && figure[key] ~ /^[0-9]+$/) {
        figure[key] = sprintf("%.0f", figure[key] + field[3])
    } else {
        figure[key] = figure[key] ", " field[3]
    }
    next
}

/^\{\{[a-z]+\}\}$/ {
    file = blocks "/" substr($0, 3, length($0) - 4)
    while ((getline line <file) > 0)
        print line
    close(file)
    next
}

{
    rest = $0
    while (match(rest, /\{\{[a-z-]+:[a-z_0-9]+\}\}/)) {
        key = substr(rest, RSTART + 2, RLENGTH - 4)
        name = key
        sub(/^[^:]*:/, "", name)
        used[name] = 1
        printf "%s%s", substr(rest, 1, RSTART - 1), key in figure ? figure[key] : "**not run**"
        rest = substr(rest, RSTART + RLENGTH)
    }
    print rest
}

END {
    for (i = 1; i <= keys; i++) {
        name = owner[order[i]]
        if (!partial && name !~ /^step_/ && !(name in used)) {
            printf "the template has no place for the figure %s\n", order[i] >"/dev/stderr"
            wrong = 1
        }
    }
    exit wrong
}
