#!/bin/bash
# What the tests reached of src/, after they ran in a build with VFA_COVERAGE: a table by folder, the totals as figures,
# and whether what they did not reach is what uncovered.txt excuses.
#   report.sh BUILD-FOLDER OUTPUT-FOLDER
#
# A line counts when any object that has it ran it. Branches are gcov's, at -O0: two for each condition, those joined by
# && and || each by itself, and one for each case of a switch; C has none that a compiler would add. Assertions are
# compiled out (NDEBUG): their other branch is not for tests to reach.
# Into OUTPUT-FOLDER go lines.tsv (see lines.awk), figures, and branches.txt, the lines with a branch that was not taken.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$1 out=$2 status=0
mkdir -p "$out"

# One object at a time: of several at once gcov makes a sum of its own, in which branches are lost.
find "$build/src" -name '*.gcno' -print0 | sort -z | xargs -0 -n 1 gcov -t -b -c 2>"$out/gcov.log" |
    awk -v prefix="$(cd "$here/../.." && pwd)/" -f "$here/lines.awk" |
    awk -F '\t' '$1 ~ /^src\//' | sort -t '	' -k 1,1 -k 2,2n >"$out/lines.tsv"
[ "$?" -eq 0 ] && [ -s "$out/lines.tsv" ] || {
    printf 'gcov failed, or knew no line of src/:\n'
    grep -v 'No such file\|cannot open data file' "$out/gcov.log" | head -n 20
    exit 1
}
awk -F '\t' '$3 > 0 && $5 < $4 { printf "%s:%d: %d of %d: %s\n", $1, $2, $5, $4, $7 }' "$out/lines.tsv" >"$out/branches.txt"

awk -v figures="$out/figures" -v least_lines=95 -v least_branches=90 -f "$here/table.awk" "$out/lines.tsv" || status=1
awk -f "$here/list.awk" "$here/uncovered.txt" "$out/lines.tsv" || status=1
exit "$status"
