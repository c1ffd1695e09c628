#!/bin/bash
# sample_decode in system memory: every codec, 8 and 10 bits, equal to ffmpeg's bit for bit.
. "$(dirname "$0")/lib.sh"
need_client sample_decode onevpl-tools

# decode CODEC CLIP PIXEL-FORMAT OPTION...
decode()
{
    local codec=$1 clip=$2 format=$3
    shift 3
    client sample_decode "$codec" -sw -i "$clip" -o out.yuv "$@"
    same_pictures out.yuv "$clip" "$format"
    tell "ffmpeg's $format"
}

decode h264 avc.264 yuv420p
decode h264 avc.264 yuv420p -i420
decode h264 avc.264 nv12 -nv12
decode h264 fields.264 yuv420p -i420
decode h264 avc.264 bgra -rgb4
decode h264 avc10.264 yuv420p10le
decode h264 avc10.264 yuv420p -i420
decode h265 hevc.265 yuv420p -i420
decode h265 hevc10.265 yuv420p10le
decode mpeg2 mpeg2.m2v yuv420p -i420
decode jpeg jpeg.mjpeg yuvj420p -i420
decode vp8 vp8.ivf yuv420p -i420
decode vp9 vp9.ivf yuv420p -i420
decode vp9 vp910.ivf yuv420p10le
decode av1 av1.ivf yuv420p -i420
decode av1 av110.ivf yuv420p10le
decode h264 avc.264 yuv420p -i420 -async 1
decode h264 avc.264 yuv420p -i420 -async 16
decode h264 avc.264 yuv420p -i420 -low_latency

# The client writes samples of P010 in the low bits, whatever the surface's are in: here 1/64 of ffmpeg's.
decode_p010() # CODEC CLIP
{
    local expected
    client sample_decode "$1" -sw -i "$2" -o out.yuv -p010
    expected=$("$FFMPEG" -nostdin -v error -i "$2" -f rawvideo -pix_fmt p010le - |
        "$FFMPEG" -v error -f rawvideo -pix_fmt gray16le -s 162x183 -i - -vf lut=y=val/64 -f rawvideo -pix_fmt gray16le - |
        md5sum)
    equal "$command_line: md5 of the pictures" "$expected" "$(md5sum <out.yuv)"
    tell "ffmpeg's p010le, in the low bits"
}

decode_p010 h264 avc10.264
decode_p010 h265 hevc10.265
decode_p010 vp9 vp910.ivf
decode_p010 av1 av110.ivf

client sample_decode h264 -sw -i avc.264 -o out.yuv -w 80 -h 64 -i420
equal "$command_line: bytes" $((80 * 64 * 3 / 2 * 12)) "$(stat -c %s out.yuv)"
tell "12 pictures of 80x64"

# The size of the pictures changes: to a smaller one within the surfaces, to a larger one with new surfaces.
for change in 'shrinks large small' 'grows small large'; do
    read -r stream first second <<<"$change"
    client sample_decode h264 -sw -i "$stream.264" -o out.yuv -i420
    for part in "$first" "$second"; do
        "$FFMPEG" -nostdin -v error -i "$part.264" -f rawvideo -pix_fmt yuv420p -
    done >expected.yuv
    check "$command_line: pictures" cmp expected.yuv out.yuv
    tell "ffmpeg's yuv420p of both sizes"
done

finish_section sample_decode-sw
