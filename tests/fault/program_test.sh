#!/bin/bash
# The samples and the software runtime when they, or the libraries under them, are refused memory, a thread or a lock at
# the n-th request: a program ends with an error that says so, or does all that it was asked for, and gives everything
# back.
#
# Usage: program_test.sh STEP: every so many requests are refused, 1: each; FAULT_STEP says otherwise. Set by CTest:
# SAMPLES (the folder of the programs), ONEVPL_PRIORITY_PATH, PRELOAD (preload.c, built).
set -u
export LC_ALL=C
: "${SAMPLES:?the folder of the samples}" "${ONEVPL_PRIORITY_PATH:?the folder of the VPL runtime}"
: "${PRELOAD:?the library that refuses}"
step=${FAULT_STEP:-$1}
# It comes before a sanitizer's own library.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0
work=$(mktemp -d "${TMPDIR:-/tmp}/vfa-fault.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

points=0 failures=0

failed() # WHAT
{
    failures=$((failures + 1))
    echo "FAILED: $1; it said: $(head -c 300 err.txt)"
}

# Runs the command; its exit status is in $code, and what the library reports in $requests, $name, $left.
refuse() # N|0 on|once
{
    local environment=(LD_PRELOAD="$PRELOAD" FAULT_REPORT=report.txt FAULT_AT="$1")
    [ "$2" = on ] && environment+=(FAULT_ON=1)
    rm -f report.txt
    timeout 60 env "${environment[@]}" "${command[@]}" >out.txt 2>err.txt
    code=$?
    requests=0 name=nothing left=unknown
    [ -s report.txt ] && read -r _ requests _ name _ left <report.txt
}

# Everything that one run must be, whatever was refused: `result` is what is left of the output when what may differ is
# taken out of it, `errors` the statuses that a failure may have, `says` how its message begins.
look_at() # WHAT
{
    local what="$1: $name was refused"
    if [ "$left" != 0 ]; then
        failed "$what: exit status $code, $left blocks are left"
    elif [ "$code" = 0 ]; then
        [ "$(result)" = "$whole" ] || failed "$what: success, and not what it was asked for"
    elif [[ " $errors " != *" $code "* ]]; then
        failed "$what: exit status $code"
    elif ! grep -q "^$says" err.txt; then
        failed "$what: exit status $code without an error"
    fi
}

# Every step-th request, until there is none so late.
sweep() # on|once STEP
{
    local how=$1 by=$2 n total what="${command[*]##*/}"
    refuse 0 once
    total=$requests
    whole=$(result)
    if [ "$code" != 0 ] || [ "$left" != 0 ] || [ "$total" -lt 10 ] || [ -z "$whole" ]; then
        failed "$what with nothing refused: exit status $code, $total requests, $left blocks left"
        return
    fi
    for ((n = 1; n <= total + 10; n += by)); do
        refuse "$n" "$how"
        [ "$name" = none ] && break
        look_at "$what ($how, request $n)"
        points=$((points + 1))
    done
}

ffmpeg -nostdin -v error -y -f lavfi -i testsrc2=s=64x64:r=25:d=0.2 -f lavfi -i sine=440:d=0.2 -pix_fmt yuv420p \
    -c:v libx264 -preset ultrafast -c:a aac clip.mp4 || exit 1

# The frames, whatever the number of surfaces they went through.
result()
{
    grep -oE '[0-9a-f]{32}' out.txt
}
errors="6 10 11" says="sample_transcode: error: "
transcode=("$SAMPLES/transcode/sample_transcode" --overwrite --hash)
command=("${transcode[@]}" --size 32x32 clip.mp4 out.mp4)
sweep once "$step"
sweep on "$((step * 3 - 2))"
command=("${transcode[@]}" --codec hevc clip.mp4 out.mp4)
sweep once "$((step * 3 - 2))"

result()
{
    cat out.txt
}
errors="6 7 11" says="vfa-plan: error: "
command=("$SAMPLES/plan/vfa-plan" clip.mp4)
sweep once 1

errors=1 says="minimal: MFX_ERR_"
command=("$SAMPLES/minimal/minimal")
sweep once "$((step * 3 - 2))"

echo "FIGURE program_points $points"
[ "$failures" -eq 0 ] && [ "$points" -gt 20 ]
