#!/bin/bash
# Random real work for a given time: a process that lives all that long (soak.c), once over system memory and once over VA
# surfaces as well where there is a device or the tests' stand-in for one, and beside it transcodes of random clips by
# random options that end, are interrupted or are killed. Fails when something goes wrong, grows, or is left behind.
#
# Usage: tests/soak/run.sh SECONDS [SEED]
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/cmake/debian.sh"

length=${1-}
seed=${2:-$(($(date +%s) % 1000000))}
[[ $length =~ ^[1-9][0-9]*$ && $seed =~ ^[0-9]+$ ]] || die "usage: tests/soak/run.sh SECONDS [SEED]"

need_packages "run the soak" "${packages_build[@]}" "${packages_samples[@]}" libcmocka-dev intel-media-va-driver
configure soak -DCMAKE_BUILD_TYPE=RelWithDebInfo && build soak soak sample_transcode vpl-softrt || exit
build=$build_root/soak
shim=
grep -q '^VFA_HAVE_I915_SHIM:INTERNAL=1' "$build/CMakeCache.txt" && build soak vfa_i915_shim &&
    shim=$build/tests/support/i915/libvfa-i915-shim.so

say "seed: $seed"
RANDOM=$seed
work=$(mktemp -d) || exit
failures=0
rounds=0
# What every process that comes of this has in its environment.
export VFA_SOAK=$work
export TMPDIR=$work/tmp ONEVPL_PRIORITY_PATH=$build/softrt SOFTRT_CLIPS=$work
export VFA_TEST_SHIM=$shim VFA_I915_ROOT=$work/i915 LIBVA_MESSAGING_LEVEL=0
VFA_TEST_DRIVERS=$(pkg-config --variable=driverdir libva)
export VFA_TEST_DRIVERS
mkdir "$work/tmp" "$work/clips" "$work/out"

our_processes()
{
    local found pid
    found=$(grep -lzxF "VFA_SOAK=$work" /proc/[0-9]*/environ 2>/dev/null)
    while read -r pid; do
        [ ! -d "/proc/$pid" ] || say "$pid" # not that of the grep itself
    done < <(sed -n 's|^/proc/\([0-9]*\)/.*|\1|p' <<<"$found")
}

finish()
{
    local pid
    # A child that a signal ends before it is the program it was started for may come here.
    [ "$BASHPID" = "$$" ] || return
    for pid in $(our_processes); do
        kill -KILL "$pid" 2>/dev/null
    done
    rm -rf "$work"
}
trap finish EXIT

failed() # WHAT...
{
    failures=$((failures + 1))
    say "FAILED: $*"
}

clip() # NAME SIZE ENCODER...
{
    local name=$1 size=$2
    shift 2
    ffmpeg -nostdin -v error -y -f lavfi -i "testsrc2=s=$size:r=30:d=1" "$@" "$work/clips/$name" ||
        die "ffmpeg cannot make $name"
}

x264=(-pix_fmt yuv420p -c:v libx264 -preset ultrafast)
clip small.h264 320x176 "${x264[@]}" -bf 2
clip large.h264 640x352 "${x264[@]}"
clip odd.mp4 322x182 "${x264[@]}" -bf 2
clip ten.mp4 322x182 -pix_fmt yuv420p10le -c:v libx265 -preset ultrafast -x265-params log-level=none
clip pictures.mkv 321x181 -pix_fmt yuvj420p -c:v mjpeg
clip mpeg2.ts 320x176 -pix_fmt yuv420p -c:v mpeg2video -q:v 3
cat "$work"/clips/{small,large,small}.h264 >"$work/clips/sizes.h264"
clips=("$work"/clips/*)
streams=("$work"/clips/*.h264)

# One of the arguments, in `chosen`. (Not by a subshell, whose random numbers would not go on.)
choose() # WORD...
{
    local at=$((RANDOM % $# + 1))
    chosen=${!at}
}

# A transcode that runs to its end, is interrupted as by Ctrl-C, or is killed.
transcode_round()
{
    local options=() output codec status expected=0 fate pid before=() log=$work/out/log
    choose h264 hevc jpeg raw
    codec=$chosen
    output=$work/out/out.mkv
    [ "$codec" != raw ] || output=$work/out/out.y4m
    options+=(--overwrite --codec "$codec")
    case $codec in
    h264 | hevc) options+=(--preset veryfast) ;;
    esac
    choose "" "" 160x96 482x270
    [ -z "$chosen" ] || options+=(--size "$chosen")
    choose 1 4 16
    options+=(--async "$chosen")
    choose "" "" --deinterlace
    [ -z "$chosen" ] || options+=("$chosen")
    choose system "${memories[@]}"
    if [ "$chosen" = va ]; then
        options+=(--memory va --device "$node")
        before=("${on_device[@]}")
    else
        options+=(--memory system)
    fi
    choose "${clips[@]}"
    options+=("$chosen" "$output")
    choose end end INT KILL
    fate=$chosen
    # bash has its jobs ignore SIGINT.
    perl -e '$SIG{INT} = "DEFAULT"; exec @ARGV or exit 127' "${before[@]}" "$transcode" "${options[@]}" >"$log" 2>&1 &
    pid=$!
    if [ "$fate" != end ]; then
        sleep "0.$((RANDOM % 9 + 1))"
        kill "-$fate" "$pid" 2>/dev/null
        expected=130
        [ "$fate" = INT ] || expected=137
    fi
    wait "$pid" 2>/dev/null # bash says there whom a signal ended
    status=$?
    rounds=$((rounds + 1))
    # It may have ended before the signal came; and before it minds the first SIGINT that is the end of it.
    if [ "$status" -ne 0 ] && [ "$status" -ne "$expected" ] && { [ "$fate" != INT ] || [ "$status" -ne 130 ]; }; then
        failed "round $rounds: sample_transcode ${options[*]}: exit $status ($fate)"
        tail -n 5 "$log" | sed 's/^/  | /'
    elif [ "$status" -eq 0 ] && [ ! -s "$output" ]; then
        failed "round $rounds: sample_transcode ${options[*]}: no output"
    elif grep -q 'leak:' "$log"; then
        failed "round $rounds: sample_transcode ${options[*]}: $(grep -m 1 'leak:' "$log")"
    fi
    rm -f "$work"/out/out.*
}

on_device=(sh "$root/tests/real/on_device.sh" --)
transcode=$build/samples/transcode/sample_transcode
memories=(system)
# Without the threads' own stores of small blocks, which malloc counts as in use, its figure is of what is not freed.
soak=(env GLIBC_TUNABLES=glibc.malloc.tcache_count=0 "$build/tests/soak/soak")
va=none
# shellcheck disable=SC2016 # for the shell below
node=$("${on_device[@]}" sh -c 'echo "$VFA_TEST_NODE"') && va=$node
if [ "$va" != none ]; then
    memories=(va)
else
    say "SKIPPED: VA surfaces: $node"
fi

"${soak[@]}" "$length" "$seed" "${streams[@]}" >"$work/system.log" 2>&1 &
system_pid=$!
if [ "$va" != none ]; then
    "${on_device[@]}" "${soak[@]}" "$length" "$((seed + 1))" "${streams[@]}" >"$work/va.log" 2>&1 &
    va_pid=$!
fi
transcodes_end=$((SECONDS + length))
while [ "$SECONDS" -lt "$transcodes_end" ]; do
    transcode_round
done
wait "$system_pid" || failed "the process over system memory: exit $?"
sed 's/^FIGURE soak_rounds/FIGURE soak_process_rounds/' "$work/system.log"
if [ "$va" != none ]; then
    wait "$va_pid" || failed "the process over VA surfaces: exit $?"
    sed 's/^FIGURE soak_/FIGURE soak_va_/' "$work/va.log"
fi

# Nobody runs any more, and nothing is left.
left=$(for pid in $(our_processes); do ps -o pid=,args= -p "$pid"; done)
[ -z "$left" ] || failed "processes are left: $left"
left=$(find "$work/tmp" -mindepth 1 -printf '%P ')
[ -z "$left" ] || failed "temporary files are left: $left"
left=$(find /dev/shm -newer "$work/tmp" -name '*vfa*' -printf '%P ' 2>/dev/null)
[ -z "$left" ] || failed "shared memory is left: $left"
left=$(find "$work/out" -mindepth 1 ! -name log -printf '%P ')
[ -z "$left" ] || failed "outputs are left: $left"

say "FIGURE soak_seconds $length"
say "FIGURE soak_rounds $rounds"
say "$failures failures (seed $seed)"
[ "$failures" -eq 0 ]
