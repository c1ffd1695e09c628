#!/bin/bash
# Makes the document of the benchmarks' figures: report.sh FIGURES OUTPUT. FIGURES is a folder of what benchmarks wrote
# (VFA_BENCH_FIGURES). OUTPUT gets performance.md, performance/*.svg, and asked.md, the table of what was asked. Exit status
# 1, with the document written: a row that is not met has no reason, or a benchmark that ran did not give a figure that the
# document is about; they are named.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if [ "$#" -ne 2 ] || [ ! -d "$1" ]; then
    printf 'Usage: report.sh FIGURES OUTPUT\n' >&2
    exit 2
fi
figures=$1 output=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
blocks=$work/blocks
mkdir -p "$blocks" "$output/performance"
fill=$here/../../reliability/fill.awk

shopt -s nullglob
files=("$figures"/*.json)
shopt -u nullglob
subjects=(pool hot-path frames present copy pitch va-map transcode overhead)

awk -f "$here/figures.awk" "${files[@]:-/dev/null}" >"$work/figures"
awk -v facts=1 -f "$here/figures.awk" "${files[@]:-/dev/null}" >"$work/facts"
{
    awk -v fill=1 -f "$here/nice.awk" -f "$here/tables.awk" "$work/figures"
    awk -F '\t' '$2 == "machine" && $3 == "cores" && !cores++ { printf "machine\tcores\t%s\n", $4 }' "$work/facts"
} >"$work/fill"

# Where the machine or its software changed between two subjects, both are said.
facts_table()
{
    awk -F '\t' -v rows='processor=Processor cores=Cores caches=Caches governor=Governor huge_pages=Huge_pages
            kernel=Kernel compiler=Compiler c_library=C_library' '
        $2 == "run" || $3 == "load" || known[$3, $4]++ { next }
        !($3 in said) && $2 == "libraries" { library[++libraries] = $3 }
        {
            before = $3 in said ? said[$3] " / " : ""
            said[$3] = before $4
        }
        END {
            print "| What | Which |\n|---|---|"
            count = split(rows, row, /[ \n]+/)
            for (i = 1; i <= count; i++) {
                split(row[i], pair, "=")
                gsub(/_/, " ", pair[2])
                printf "| %s | %s |\n", pair[2], pair[1] in said ? said[pair[1]] : "**not run**"
            }
            for (i = 1; i <= libraries; i++)
                printf "| %s | %s |\n", library[i], said[library[i]]
        }' "$work/facts"
}

runs_table()
{
    printf '| Subject | When (UTC) | Sources | Load of the machine when it began |\n|---|---|---|---|\n'
    awk -F '\t' -v subjects="${subjects[*]}" '
        { said[$1, $3] = $4 }
        END {
            count = split(subjects, subject, " ")
            for (i = 1; i <= count; i++) {
                s = subject[i]
                if ((s, "when") in said)
                    printf "| %s | %s | %s | %s |\n", s, said[s, "when"], said[s, "sources"], said[s, "load"]
                else
                    printf "| %s | **not run** | | |\n", s
            }
        }' "$work/facts"
}

plot_blocks()
{
    local name title
    while read -r name title; do
        if [ -e "$output/performance/$name.svg" ]; then
            printf '![%s](performance/%s.svg)\n' "$title" "$name"
        else
            printf '%s: **not run**\n' "$title"
        fi >"$blocks/plot$name"
    done < <(awk '$1 == "plot" { name = $2 } $1 == "title" { sub(/^title /, ""); print name, $0 }' "$here/plots.txt")
}

# The sections of the rows that are not met.
reasons_block()
{
    local key status=0
    while read -r key; do
        if ! grep -q "^<!-- $key -->" "$here/reasons.md.in"; then
            printf 'the row "%s" is not met, and reasons.md.in does not say why\n' "$key" >&2
            printf '**%s**: no reason is known.\n\n' "$key"
            status=1
            continue
        fi
        awk -v key="$key" '/^<!-- / { on = $2 == key; next } on' "$here/reasons.md.in" >"$work/reason"
        awk -v partial=1 -f "$fill" "$work/fill" "$work/reason"
        printf '\n'
    done < <(awk -v unmet=1 -f "$here/nice.awk" -f "$here/criteria.awk" "$work/figures" "$here/criteria.txt")
    return "$status"
}

# Figures that the document is about, of subjects that ran, and that there are not.
missing_figures()
{
    {
        grep -ohE '\{\{[a-z-]+:[a-z_0-9]+\}\}' "$here/performance.md.in" "$here/reasons.md.in" | tr -d '{}'
        grep -v '^#' "$here/criteria.txt" | grep -oE '[a-z-]+:[a-z_0-9]+'
        awk '$1 == "bar" || $1 == "mark" { print $2 }' "$here/plots.txt"
    } | sed 's/_spread$//' | sort -u | awk -F '\t' '
        FILENAME == ARGV[1] { split($1, key, ":"); there[$1] = 1; ran[key[1]] = 1; next }
        { split($0, key, ":") }
        key[1] in ran && !($0 in there) { print "a figure is missing: " $0; missing = 1 }
        END { exit missing }' "$work/figures" - >&2
}

status=0
rm -f "$output"/performance/*.svg
awk -v folder="$output/performance" -f "$here/nice.awk" -f "$here/plot.awk" "$work/figures" "$here/plots.txt" || status=1
plot_blocks
for subject in "${subjects[@]}"; do
    {
        printf '<details><summary>All figures</summary>\n\n'
        awk -v subject="$subject" -f "$here/nice.awk" -f "$here/tables.awk" "$work/figures"
        printf '\n</details>\n'
    } >"$blocks/table${subject//-/}"
done
awk -f "$here/nice.awk" -f "$here/criteria.awk" "$work/figures" "$here/criteria.txt" >"$blocks/criteria"
cp "$blocks/criteria" "$output/asked.md" || status=1
reasons_block >"$blocks/reasons" || status=1
runs_table >"$blocks/runs"
facts_table >"$blocks/machine"
awk -v partial=1 -v blocks="$blocks" -f "$fill" "$work/fill" "$here/performance.md.in" | cat -s >"$output/performance.md" ||
    status=1
missing_figures || status=1
exit "$status"
