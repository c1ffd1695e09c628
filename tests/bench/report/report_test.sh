#!/bin/bash
# The figures that benchmarks write and the document that is made of them: report_test.sh SAMPLE, the program of sample.c.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
sample=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

wrong()
{
    printf 'FAILED: %s\n' "$*"
    failures=$((failures + 1))
}

report() # STATUS FIGURES OUTPUT
{
    local status=0
    mkdir -p "$3"
    "$here/report.sh" "$2" "$3" 2>"$work/errors" || status=$?
    [ "$status" -eq "$1" ] || wrong "report of $2: exit status $status, $(cat "$work/errors")"
}

has() # WHAT FILE TEXT
{
    grep -qF -- "$3" "$2" || wrong "$1: there is no '$3'"
}

has_not() # WHAT FILE TEXT
{
    ! grep -qF -- "$3" "$2" || wrong "$1: there is a '$3'"
}

# Where no folder is named nothing is written.
mkdir "$work/figures" "$work/none"
(cd "$work/none" && env -u VFA_BENCH_FIGURES "$sample") || wrong "the sample without a folder"
[ -z "$(ls "$work/none")" ] || wrong "something was written without a folder"
VFA_BENCH_FIGURES=$work/absent "$sample" 2>"$work/errors" && wrong "a folder that there is not"
has "a folder that there is not" "$work/errors" "hot_path.json cannot be written into $work/absent"

export VFA_BENCH_FIGURES=$work/figures VFA_BENCH_SOURCES=0123456789
"$sample" || wrong "the sample failed"
"$sample" failed || wrong "the sample that fails failed"
[ "$(ls "$work/figures")" = $'hot_path.json\npool.json' ] || wrong "there are $(ls "$work/figures")"

json=$work/figures/hot_path.json
has "a figure" "$json" '{"name": "lock", "text": "lock", "unit": "ns", "median": 25, "lowest": 12.5, "lower_quartile": 18.75,'\
' "upper_quartile": 31.25, "highest": 50, "rounds": 5, "calls": 1000}'
has "a ratio" "$json" '"text": "a \"ratio\"", "unit": "ratio", "median": 0.25, "lowest": 0.125, "lower_quartile": 0.125,'\
' "upper_quartile": 0.5, "highest": 0.75, "rounds": 5, "calls": 1}'
has "a library" "$json" '"libsample": "1.2.3"'
for fact in processor cores caches governor huge_pages load kernel compiler c_library when sources; do
    grep -q "^ *\"$fact\": \".*\"" "$json" || wrong "the file does not say $fact"
done
if command -v python3 >/dev/null; then
    python3 -c 'import json, sys; [json.load(open(name)) for name in sys.argv[1:]]' "$work"/figures/*.json ||
        wrong "it is not JSON"
fi

# What ran, what did not, what is met and what is not.
report 1 "$work/figures" "$work/out"
grep -q 'a figure is missing: pool:full_of_gst_64$' "$work/errors" || wrong "a missing figure is not named"
! grep -q 'copy:' "$work/errors" || wrong "a figure of what did not run is missed"
document=$work/out/performance.md
has "a row that is met" "$document" "of AVBufferPool's time | 20 ns, 22 ns | 0.350 (0.175 to 1.05) | yes |"
has "a row that is not met" "$document" \
    "| at most 0.17 of gst_video_frame_map and unmap | 25 ns, 100 ns | 0.250 (0.125 to 0.750) | **no** |"
has "its reason" "$document" "compare-and-swaps, which count a lock in and out, take 15.1 ns by themselves, 0.150 of"
has_not "a reason for what is met" "$document" "is the limit of any pool without a lock"
has "a row with missing figures" "$document" "time | 200 ns, **not run** | **not run** | **not run** |"
has "a subject that did not run" "$document" "| copy | **not run** | | |"
has "a figure in the text" "$document" "least times differ by a factor of"
has "the sources" "$document" "| 0123456789 |"
has "a library" "$document" "| libsample | 1.2.3 |"
has "a plot" "$document" "](performance/poolsize.svg)"
has "a plot that was not drawn" "$document" "Threads on one pool of 8: **not run**"
has_not "places that stayed" "$document" "{{"

# Plots: the figures' places, well formed, and the same each time.
plot=$work/out/performance/poolsize.svg
[ "$(ls "$work/out/performance")" = $'poolfull.svg\npoolsize.svg' ] || wrong "plots: $(ls "$work/out/performance")"
# The highest value is 200 ns, so the axis ends at 200, at 60 of 60 to 330; the smallest pool is at the left, 60.
has "a point" "$plot" '<circle cx="60.0" cy="60.0" r="3.5"'
has "a line" "$plot" 'points="60.0,303.0 730.0,300.3"'
has "what did not run" "$work/out/performance/poolfull.svg" 'AVBufferPool: not run'
for plot in "$work"/out/performance/*.svg; do
    awk '{ while (match($0, /<[^>]*>/)) { tag = substr($0, RSTART, RLENGTH); $0 = substr($0, RSTART + RLENGTH)
               if (tag ~ /^<\//) depth--; else if (tag !~ /\/>$/) depth++; if (depth < 0) exit 1 } }
         END { exit depth != 0 }' "$plot" || wrong "$plot is not well formed"
done
cp -r "$work/out" "$work/before"
report 1 "$work/figures" "$work/out"
diff -r "$work/before" "$work/out" >/dev/null || wrong "the same figures make another document"

# Nothing at all.
report 0 "$work/none" "$work/out"
has "nothing ran" "$document" "| pool | **not run** | | |"
[ -z "$(ls "$work/out/performance")" ] || wrong "plots of nothing"
"$here/report.sh" 2>/dev/null && wrong "no arguments"

# The document of the repository has the plots that it shows.
docs=$here/../../../docs
if [ -e "$docs/performance.md" ]; then
    while read -r plot; do
        [ -e "$docs/$plot" ] || wrong "docs/performance.md shows $plot, and there is none"
    done < <(grep -oE 'performance/[a-z]+\.svg' "$docs/performance.md" | sort -u)
fi

[ "$failures" -eq 0 ]
