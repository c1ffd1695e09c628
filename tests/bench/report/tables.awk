# Of the lines of figures.awk: with -v fill=1 those that fill.awk takes, each median and, as NAME_spread, its
# least and greatest value; else, with -v subject=SUBJECT, a table of that subject. Needs nice.awk.
BEGIN { FS = "\t" }

fill {
    split($1, key, ":")
    printf "%s\t%s\t%s\n", key[1], key[2], with_unit($4, $3)
    printf "%s\t%s_spread\t%s to %s\n", key[1], key[2], nice($5), nice($6)
    next
}

index($1, subject ":") == 1 {
    if (!rows++)
        print "| What | Median | Lowest to highest | Rounds | Calls in each |\n|---|---|---|---|---|"
    if ($7 > 1)
        printf "| %s | %s | %s to %s | %s | %s |\n", $2, with_unit($4, $3), nice($5), nice($6), $7, $8
    else
        printf "| %s | %s | | 1 | %s |\n", $2, with_unit($4, $3), $8
}

END {
    if (!fill && !rows)
        print "**not run**"
}
