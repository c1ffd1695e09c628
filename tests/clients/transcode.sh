#!/bin/bash
# sample_multi_transcode: sessions alone, joined, one decoder for several encoders, and the three memory
# models: 1 an allocator of the client's, 2 surfaces of the runtime's that it asks for, 3 surfaces that it never sees.
#   transcode.sh sw      in system memory
#   transcode.sh hw      in VA surfaces, on the runtime in its guise of hardware
. "$(dirname "$0")/lib.sh"
need_client sample_multi_transcode onevpl-tools
kind=$1
case $kind in
sw) library=-sw ;;
hw) library="-hw -dispatcher:fullSearch -device $node" ;;
esac

# transcode LINE...: the sessions of a parameter file.
transcode()
{
    printf '%s\n' "$@" >par.txt
    rm -f out.*
    client sample_multi_transcode -par par.txt
    command_line=$(in_words "$(printf '%s ⏎ ' "$@")")
    command_line=${command_line% ⏎ }
}

# near FILE CODEC CLIP: the clip once more.
near()
{
    coded "$1" "$2,162,122,12" -i "$3"
}

for memory in 1 2 3; do
    with="$library -memory $memory"
    transcode "$with -i::h264 avc.264 -o::h265 out.265"
    near out.265 hevc avc.264
    tell "12 pictures" sorted
    transcode "$with -i::h265 hevc.265 -o::h264 out.264 -w 96 -h 80"
    equal "$command_line" h264,96,80,12 "$(summary out.264)"
    tell "12 pictures of 96x80" sorted
    transcode "$with -i::h264 avc.264 -o::raw out.yuv"
    same_pictures out.yuv avc.264 yuv420p
    tell "ffmpeg's yuv420p" sorted
    transcode "$with -i::h264 avc.264 -o::h264 out.264 -join" "$with -i::h265 hevc.265 -o::h265 out.265 -join"
    near out.264 h264 avc.264
    near out.265 hevc hevc.265
    tell "12 pictures each" sorted
    transcode "$with -i::h264 avc.264 -o::sink -join" "$with -i::source -o::h264 out.264 -join" \
        "$with -i::source -o::h265 out.265 -join"
    near out.264 h264 avc.264
    near out.265 hevc avc.264
    tell "12 pictures each" sorted
    transcode "$with -i::vp9 vp9.ivf -o::sink" "$with -i::source -o::h264 out.264" \
        "$with -i::source -o::h265 out.265 -w 96 -h 80"
    near out.264 h264 vp9.ivf
    equal "$command_line" hevc,96,80,12 "$(summary out.265)"
    tell "12 pictures each" sorted
done

finish_section "sample_multi_transcode-$kind"
