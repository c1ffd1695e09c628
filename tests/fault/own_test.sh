#!/bin/bash
# The runtime's own surfaces, and its encoders by libx265 and libvpx, when it, or libvfa in it, is refused memory, a thread
# or a lock at the n-th request: a client ends with an error or has all that it came for, and everything was given back.
#
# Set by CTest: CLIENTS (the folder of own_client.c and encode_client.c, built), ONEVPL_PRIORITY_PATH, PRELOAD (preload.c,
# built). FAULT_STEP: every so many requests fail (default 5; 1: each).
set -u
export LC_ALL=C
: "${CLIENTS:?the folder of the clients}" "${ONEVPL_PRIORITY_PATH:?the folder of the VPL runtime}" "${PRELOAD:?the library that refuses}"
step=${FAULT_STEP:-5}
work=$(mktemp -d "${TMPDIR:-/tmp}/vfa-fault.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

points=0 failures=0

failed() # WHAT
{
    failures=$((failures + 1))
    echo "FAILED: $1; it said: $(head -c 300 err.txt)"
}

refuse() # N|0 [FAULT_ON=1]
{
    rm -f report.txt
    timeout 60 env LD_PRELOAD="$PRELOAD" FAULT_REPORT=report.txt FAULT_AT="$1" ${2:+"$2"} \
        "${command[@]}" >out.txt 2>err.txt
    code=$?
    requests=0 name=nothing left=unknown
    [ -s report.txt ] && read -r _ requests _ name _ left <report.txt
}

ffmpeg -nostdin -v error -y -f lavfi -i testsrc2=s=64x64:r=25:d=0.2 -pix_fmt yuv420p -c:v libx264 -bf 1 clip.264 || exit 1
sweep() # WHAT-IT-PRINTS CLIENT ARGUMENT...
{
    local all=$1 total on n what="${*:2}"
    command=("$CLIENTS/fault_$2" "${@:3}")
    refuse 0
    total=$requests
    if [ "$code" != 0 ] || [ "$left" != 0 ] || [ "$(cat out.txt)" != "$all" ]; then
        failed "$what with nothing refused: exit status $code, '$(cat out.txt)', $left blocks left"
    fi
    for on in "" FAULT_ON=1; do
        for ((n = 1; n <= total; n += step)); do
            refuse "$n" "$on"
            [ "$name" = none ] && continue
            points=$((points + 1))
            [ "$left" = 0 ] || failed "$what, request $n $on, $name: exit status $code, $left blocks are left"
            case $code in
            0) [ "$(cat out.txt)" = "$all" ] || failed "$what, request $n $on, $name: success, but $(cat out.txt)" ;;
            6) grep -q error err.txt || failed "$what, request $n $on, $name: no error was told" ;;
            *) failed "$what, request $n $on, $name: exit status $code" ;;
            esac
        done
    done
}
sweep "surfaces 10" own_client clip.264 32 32
sweep "pictures 4" encode_client hevc
sweep "pictures 4" encode_client vp9

echo "FIGURE own_points $points"
[ "$failures" -eq 0 ] && [ "$points" -gt 20 ]
