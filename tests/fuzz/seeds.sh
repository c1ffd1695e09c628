#!/bin/sh
# Seeds for the harnesses that read bitstreams: a few small pictures of each codec, made by ffmpeg, into FOLDER/stream
# and FOLDER/units. What tests/fuzz/corpus has began with them.
#   tests/fuzz/seeds.sh FOLDER
set -eu
to=$1
mkdir -p "$to/stream" "$to/units"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Codec by its place in the harnesses' list, its name, and what ffmpeg needs to make it.
clip() # NAME SIZE FORMAT ENCODER [OPTION...]
{
    name=$1 size=$2 format=$3
    shift 3
    ffmpeg -v error -y -f lavfi -i "testsrc2=size=$size:rate=5:duration=1" -frames:v 3 -c:v "$@" \
        -bitexact -f "$format" "$work/$name"
}
clip 0-avc 48x32 h264 libx264 -bf 1 -g 2 -crf 40 -pix_fmt yuv420p
clip 0-avc-fields 48x64 h264 libx264 -flags +ilme+ildct -crf 45 -pix_fmt yuv420p
clip 1-hevc 64x64 hevc libx265 -x265-params log-level=none:info=0:keyint=2:bframes=1 -crf 45 -pix_fmt yuv420p
clip 2-mpeg2 48x32 mpeg2video mpeg2video -bf 1 -q:v 31
clip 3-jpeg 48x32 mjpeg mjpeg -q:v 31 -pix_fmt yuvj420p
clip 4-vp9 48x32 ivf libvpx-vp9 -crf 60 -b:v 0
clip 5-av1 48x32 ivf libaom-av1 -crf 60 -cpu-used 8

# A number in two bytes, the low one first.
two_bytes() # NUMBER
{
    # shellcheck disable=SC2059 # the format is made of escapes
    printf "$(printf '\\%03o\\%03o' $(($1 % 256)) $(($1 / 256)))"
}

# Codec, how it is driven, the size of a piece, the stream; see stream_fuzz.c.
for file in "$work"/*; do
    name=${file##*/}
    codec=${name%%-*}
    case $codec in
    4 | 5) # the frames of an IVF file: 32 bytes of header, then 12 for each
        {
            printf "\\00$codec\\000\\377\\377"
            at=33
            total=$(stat -c %s "$file")
            while [ "$at" -lt "$total" ]; do
                frame=$(tail -c +"$at" "$file" | od -An -tu4 -N4 | tr -d ' ')
                two_bytes "$frame"
                tail -c +"$((at + 12))" "$file" | head -c "$frame"
                at=$((at + 12 + frame))
            done
        } >"$to/stream/$name"
        ;;
    *)
        { printf "\\00$codec\\020" && two_bytes 4096 && cat "$file"; } >"$to/stream/$name"
        { printf "\\00$codec\\010" && two_bytes 300 && cat "$file"; } >"$to/stream/$name-pieces"
        { printf "\\00$codec\\120" && two_bytes 4096 && cat "$file"; } >"$to/stream/$name-own" # the runtime's surfaces
        ;;
    esac
    for what in 0 1 2 4 5 6; do
        { printf "\\00$codec\\00$what\\000" && head -c 600 "$file"; } >"$to/units/$name-$what"
    done
done
