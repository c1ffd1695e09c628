#!/bin/bash
# The report of reliability: its template names every step of tests/run.sh and has a place for every figure that a test
# gives; and what fill.awk makes of a run.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

wrong()
{
    printf 'FAILED: %s\n' "$*"
    failures=$((failures + 1))
}

# The template.
steps=$("$root/tests/run.sh" --help | sed -n '/^Steps:/,/^$/s/^  \([a-z-]*\) .*/\1/p')
[ -n "$steps" ] || wrong "tests/run.sh --help lists no steps"
for step in $steps; do
    grep -q "\`$step\`" "$here/reliability.md.in" || wrong "the template does not name the step $step"
done
figures=$(cd "$root/tests" && {
    grep -rhoE 'FIGURE [a-z_0-9]+ [%$]' --include='*.c' --include='*.sh' . | cut -d ' ' -f 2
    sed -nE 's/^ *figure ([a-z_0-9]+) .*/\1/p' steps/*.sh
    grep -oE '[a-z_]+\\t%' coverage/table.awk | sed 's/.t%//'
} | grep -v '^step_' | sort -u)
[ -n "$figures" ] || wrong "no test gives a figure"
for name in $figures; do
    grep -q "{{[a-z-]*:$name}}" "$here/reliability.md.in" || wrong "the template has no place for the figure $name"
done

# fill.awk: what a run found, what it did not, and figures without a place.
fill() # FIGURES TEMPLATE
{
    printf '%b' "$1" >"$work/figures"
    printf '%s\n' "$2" >"$work/template"
    mkdir -p "$work/blocks"
    printf 'first\nsecond\n' >"$work/blocks/block"
    awk -v blocks="$work/blocks" -f "$here/fill.awk" "$work/figures" "$work/template" 2>"$work/errors"
}

expect() # WHAT EXPECTED STATUS FIGURES TEMPLATE
{
    local said status=0
    said=$(fill "$4" "$5") || status=$?
    [ "$said" = "$2" ] && [ "$status" -eq "$3" ] || wrong "$1: '$said', exit status $status"
}

expect "a figure stands in its places" "x 12, 12" 0 'gcc\tcount\t12\n' 'x {{gcc:count}}, {{gcc:count}}'
expect "each step has its own figures" "3 7" 0 'fuzz\tn\t3\nfuzz-long\tn\t7\n' '{{fuzz:n}} {{fuzz-long:n}}'
expect "what several tests count is added up" "15" 0 'gcc\tn\t12\ngcc\tn\t3\n' '{{gcc:n}}'
expect "large numbers stay whole" "6000000001" 0 'gcc\tn\t6000000000\ngcc\tn\t1\n' '{{gcc:n}}'
expect "what did not run says so" "a **not run** b" 0 'gcc\tn\t12\n' 'a {{model:n}} b' && [ ! -s "$work/errors" ]
expect "a block is put in whole" $'first\nsecond\n1' 0 'gcc\tn\t1\n' $'{{block}}\n{{gcc:n}}'
expect "what a step says of itself needs no place" "1" 0 'gcc\tn\t1\ngcc\tstep_seconds\t3\n' '{{gcc:n}}'
expect "no figures at all" "**not run**" 0 '' '{{gcc:n}}'
expect "a figure without a place fails" "1" 1 'gcc\tn\t1\ngcc\tlost\t3\n' '{{gcc:n}}'
grep -q 'gcc:lost' "$work/errors" || wrong "it is not named: $(cat "$work/errors")"

[ "$failures" -eq 0 ] && printf '%d steps, %d figures\n' "$(wc -w <<<"$steps")" "$(wc -w <<<"$figures")"
