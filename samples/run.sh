#!/bin/bash
# The sample transcoder on a bare Debian machine: installs the packages that are missing, builds, makes a clip when none
# is given, transcodes it through the software VPL runtime, and has ffprobe check what came out.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/cmake/debian.sh"

usage()
{
    cat <<END
Usage: samples/run.sh [INPUT [OUTPUT]] [OPTION]...

Transcodes INPUT to OUTPUT. Without INPUT, a clip of a few seconds is made first; without OUTPUT, the result goes
to out/ in the build folder (build/, or \$VFA_BUILD_DIR) and replaces what a run before left there. Everything
from the first argument that begins with '-' on goes to sample_transcode:

  samples/run.sh movie.mp4 out.mp4 --codec hevc --size 640x360
  samples/run.sh --help      this text, and the options of sample_transcode

Exit status: that of sample_transcode; 1 when ffprobe finds something else in OUTPUT than was asked for.
END
}

# Makes a clip, unless a run before has: moving pictures with fine detail, and a tone.
make_clip() # OUTPUT
{
    [ ! -s "$1" ] || return 0
    say "Making a clip: $1"
    logged "$build_root/log/clip.log" ffmpeg -nostdin -hide_banner -y \
        -f lavfi -i "mandelbrot=size=1280x720:rate=30:start_scale=1:end_scale=0.01:end_pts=150" \
        -f lavfi -i "sine=frequency=440:beep_factor=4:sample_rate=48000" \
        -t 5 -c:v libx264 -preset veryfast -pix_fmt yuv420p -c:a aac -f mp4 "$1.part" && mv "$1.part" "$1"
}

# The value of a field of the transcoder's report: a number, or a string without escapes.
field() # NAME
{
    sed -n "s/.*\"$1\": \"\{0,1\}\([^\",}]*\).*/\1/p" "$report" | head -n 1
}

# Compares what ffprobe finds in a file with what the report says was written.
check_output() # FILE
{
    local codec width height frames expected found
    codec=$(field codec)
    [ "$codec" != raw ] || codec=rawvideo
    expected="$codec $(field width)x$(field height), $(field frames) frames"
    # A clip made here is short: its frames are decoded. Of a movie the packets are counted.
    local count=packets
    [ "${#inputs[@]}" -gt 0 ] || count=frames
    found=$(ffprobe -v error -select_streams v:0 "-count_$count" -of default=noprint_wrappers=1 \
        -show_entries "stream=codec_name,width,height,nb_read_$count" "$1") || die "ffprobe cannot read '$1'"
    codec=$(sed -n 's/^codec_name=//p' <<<"$found")
    width=$(sed -n 's/^width=//p' <<<"$found")
    height=$(sed -n 's/^height=//p' <<<"$found")
    frames=$(sed -n "s/^nb_read_$count=//p" <<<"$found")
    found="$codec ${width}x$height, $frames frames"
    [ "$found" = "$expected" ] || die "'$1' should hold $expected, but ffprobe finds $found"
    say "checked:   ffprobe finds $found"
}

inputs=()
while [ "$#" -gt 0 ] && [[ $1 != -?* ]]; do
    inputs+=("$1")
    shift
done
[ "${#inputs[@]}" -le 2 ] || die "at most INPUT and OUTPUT are expected, not: ${inputs[*]}"

build_dir=$build_root/samples
transcode=$build_dir/samples/transcode/sample_transcode
case ${1-} in
-h | --help)
    usage
    [ ! -x "$transcode" ] || { say "" && "$transcode" --help; }
    exit 0
    ;;
esac
if [ "${#inputs[@]}" -gt 0 ] && [ "${inputs[0]}" = - ] && [ -t 0 ]; then
    die "INPUT is '-', and stdin is a terminal"
fi

need_packages "build and run the sample transcoder" "${packages_build[@]}" "${packages_samples[@]}" >&2
say "Building the sample transcoder and the software VPL runtime" >&2
configure samples -DCMAKE_BUILD_TYPE=Release -DVFA_BUILD_TESTS=OFF >&2 || exit 1
build samples sample_transcode vpl-softrt >&2 || exit 1

input=${inputs[0]-$build_root/out/clip.mp4}
output=${inputs[1]-}
own_output=()
if [ -z "$output" ]; then
    mkdir -p "$build_root/out"
    name=$(basename "$input")
    output=$build_root/out/${name%.*}-transcoded.mp4
    own_output=(--overwrite)
fi
[ "${#inputs[@]}" -gt 0 ] || make_clip "$input" >&2 || die "ffmpeg could not make a clip"

# What the transcoder writes to stdout is the video itself then: nothing may be added to it.
if [ "$output" = - ]; then
    ONEVPL_PRIORITY_PATH=$build_dir/softrt exec "$transcode" --plan "$@" "$input" -
fi

report=$(mktemp)
trap 'rm -f "$report"' EXIT
status=0
ONEVPL_PRIORITY_PATH=$build_dir/softrt "$transcode" --plan --json "${own_output[@]}" "$@" "$input" "$output" \
    >"$report" || status=$?
[ "$status" -eq 0 ] || [ "$status" -eq 130 ] || exit "$status"

say ""
check_output "$output"
say "playable:  $(realpath "$output")"
say "plan:      $(field frames_planned) surfaces in $(grep -c '"planned":' "$report") pool(s), as above"
say "speed:     $(field fps) fps"
tenths=$((($(field frame_bytes_peak) + 50000) / 100000))
say "memory:    $((tenths / 10)).$((tenths % 10)) MB of frames at the peak, in $(field frames_peak) surfaces ($(field memory))"
exit "$status"
