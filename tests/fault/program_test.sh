#!/bin/bash
# The transcoder and the software runtime when they, or the libraries under them, are refused memory, a thread or a lock
# at the n-th request: it ends with an error that says so, or does all that it was asked for, and gives everything back.
#
# Set by CTest: TRANSCODE, ONEVPL_PRIORITY_PATH, PRELOAD (preload.c, built). FAULT_STEP: every so many requests fail
# (default 3; 1: each).
set -u
export LC_ALL=C
: "${TRANSCODE:?the path of sample_transcode}" "${ONEVPL_PRIORITY_PATH:?the folder of the VPL runtime}"
: "${PRELOAD:?the library that refuses}"
step=${FAULT_STEP:-3}
work=$(mktemp -d "${TMPDIR:-/tmp}/vfa-fault.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

points=0 failures=0

failed() # WHAT
{
    failures=$((failures + 1))
    echo "FAILED: $1; it said: $(head -c 300 err.txt)"
}

# Runs the program; its exit status is in $code, and what the library reports in $requests, $name, $left.
refuse() # N|0 on|once OPTION...
{
    local environment=(LD_PRELOAD="$PRELOAD" FAULT_REPORT=report.txt FAULT_AT="$1")
    [ "$2" = on ] && environment+=(FAULT_ON=1)
    shift 2
    rm -f report.txt
    timeout 60 env "${environment[@]}" "$TRANSCODE" --overwrite --hash "$@" clip.mp4 out.mp4 >out.txt 2>err.txt
    code=$?
    requests=0 name=nothing left=unknown
    [ -s report.txt ] && read -r _ requests _ name _ left <report.txt
}

# Everything that one run must be, whatever was refused.
look_at() # WHAT
{
    local what="$1: $name was refused"
    [ "$left" = 0 ] || failed "$what: exit status $code, $left blocks are left"
    case $code in
    0) [ "$(grep -c "$hash" out.txt)" = 1 ] || failed "$what: success without the frames" ;;
    6 | 10 | 11) grep -q '^sample_transcode: error: ' err.txt || failed "$what: exit status $code without an error" ;;
    *) failed "$what: exit status $code" ;;
    esac
}

# Every step-th request, until there is none so late.
sweep() # on|once STEP OPTION...
{
    local how=$1 by=$2 n
    shift 2
    refuse 0 once "$@"
    hash=$(grep -oE '[0-9a-f]{32}' out.txt)
    if [ "$code" != 0 ] || [ "$left" != 0 ] || [ "$requests" -lt 100 ] || [ -z "$hash" ]; then
        failed "with nothing refused: exit status $code, $requests requests, $left blocks left"
        return
    fi
    for ((n = 1; n <= requests + 10; n += by)); do
        refuse "$n" "$how" "$@"
        [ "$name" = none ] && break
        look_at "$* ($how, request $n)"
        points=$((points + 1))
    done
}

ffmpeg -nostdin -v error -y -f lavfi -i testsrc2=s=64x64:r=25:d=0.2 -f lavfi -i sine=440:d=0.2 -pix_fmt yuv420p \
    -c:v libx264 -preset ultrafast -c:a aac clip.mp4 || exit 1
sweep once "$step" --size 32x32
sweep on "$((step * 3))" --size 32x32
sweep once "$((step * 3))" --codec hevc

echo "FIGURE program_points $points"
[ "$failures" -eq 0 ] && [ "$points" -gt 20 ]
