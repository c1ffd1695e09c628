#!/bin/bash
# sample_multi_transcode: sessions alone, joined, one decoder for several encoders, several decoders for one composition,
# and the three memory models: 1 an allocator of the client's, 2 surfaces of the runtime's that it asks for, 3 surfaces that it never sees.
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

# Two decoders, and who composes what they decode: all joined, each to the one before it. A composer's output in raw
# frames is not written in memory 3, by any runtime. forceSyncAllSession counts the frames of all sessions together in
# memory 2 and 3, and ends with a decoder that waits for frames which wait for its own.
compose() # OUTPUT
{
    local each="-join -forceSyncAllSession:off"
    transcode "$with -i::h264 avc.264 -o::sink -vpp_comp_dst_x 0 -vpp_comp_dst_y 0 -vpp_comp_dst_w 176 -vpp_comp_dst_h 144 $each" \
        "$with -i::h265 hevc.265 -o::sink -vpp_comp_dst_x 40 -vpp_comp_dst_y 20 -vpp_comp_dst_w 88 -vpp_comp_dst_h 72 $each" \
        "$with -i::source $1 -vpp_comp 2 -w 176 -h 144 $each"
}

"$FFMPEG" -nostdin -v error -i avc.264 -i hevc.265 -lavfi \
    '[0]scale=176:144:flags=bicubic[a];[1]scale=88:72:flags=bicubic[b];[a][b]overlay=40:20:format=yuv420' \
    -f rawvideo -pix_fmt yuv420p composed.yuv

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
    compose "-o::h264 out.264"
    coded out.264 h264,176,144,12 -f rawvideo -pix_fmt yuv420p -s 176x144 -i composed.yuv
    tell "12 pictures of both, PSNR over 30 dB to ffmpeg's overlay" sorted
    [ "$memory" != 3 ] || continue
    compose "-o::raw out.yuv"
    check "$command_line: pictures" cmp composed.yuv out.yuv
    tell "ffmpeg's overlay in yuv420p" sorted
done

finish_section "sample_multi_transcode-$kind"
