#!/bin/bash
# sample_decode: every codec, 8 and 10 bits, equal to ffmpeg's bit for bit.
#   decode.sh sw      in system memory
#   decode.sh hw      in VA surfaces, on the runtime in its guise of hardware
. "$(dirname "$0")/lib.sh"
need_client sample_decode onevpl-tools
kind=$1
case $kind in
sw) memory=(-sw) ;;
hw) memory=(-hw -vaapi -dispatcher:fullSearch -device "$node") ;;
esac

# decode CODEC CLIP PIXEL-FORMAT OPTION...
decode()
{
    local codec=$1 clip=$2 format=$3
    shift 3
    client sample_decode "$codec" "${memory[@]}" -i "$clip" -o out.yuv "$@"
    same_pictures out.yuv "$clip" "$format"
    tell "ffmpeg's $format"
}

# The same with conversions on the way: decode_by CODEC CLIP PIXEL-FORMAT FILTERS OPTION...
decode_by()
{
    local codec=$1 clip=$2 format=$3 filters=$4
    shift 4
    client sample_decode "$codec" "${memory[@]}" -i "$clip" -o out.yuv "$@"
    same_pictures out.yuv "$clip" "$format" "$filters"
    tell "ffmpeg's $format, $filters"
}

# The client writes samples of P010 in the low bits, whatever the surface's are in: here 1/64 of ffmpeg's.
decode_p010() # CODEC -i CLIP OPTION...
{
    local expected
    client sample_decode "$@" "${memory[@]}" -o out.yuv
    expected=$("$FFMPEG" -nostdin -v error -i "$3" -f rawvideo -pix_fmt p010le - |
        "$FFMPEG" -v error -f rawvideo -pix_fmt gray16le -s 162x183 -i - -vf lut=y=val/64 -f rawvideo -pix_fmt gray16le - |
        md5sum)
    equal "$command_line: md5 of the pictures" "$expected" "$(md5sum <out.yuv)"
    tell "ffmpeg's p010le, in the low bits"
}

if [ "$kind" = sw ]; then
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
    decode_p010 h264 -i avc10.264 -p010
    decode_p010 h265 -i hevc10.265 -p010
    decode_p010 vp9 -i vp910.ivf -p010
    decode_p010 av1 -i av110.ivf -p010
else
    decode h264 avc.264 nv12
    decode h264 avc.264 yuv420p -i420
    decode h264 fields.264 nv12 -nv12
    decode_by h264 avc.264 bgra format=nv12 -rgb4
    decode h265 hevc.265 nv12 -nv12
    decode mpeg2 mpeg2.m2v nv12 -nv12
    decode jpeg jpeg.mjpeg yuvj420p -i420
    decode_by jpeg jpeg.mjpeg nv12 scale=in_range=full:out_range=full
    decode jpeg jpeg.mjpeg bgra -rgb4
    decode vp8 vp8.ivf nv12 -nv12
    decode vp9 vp9.ivf nv12 -nv12
    decode av1 av1.ivf nv12 -nv12
    decode h264 avc.264 nv12 -nv12 -async 1
    decode h264 avc.264 nv12 -nv12 -async 16
    decode h264 avc.264 nv12 -nv12 -low_latency
    decode_by h264 avc10.264 yuv420p format=p010le,format=nv12 -i420
    decode_p010 h264 -i avc10.264
    decode_p010 h265 -i hevc10.265
    decode_p010 vp9 -i vp910.ivf
    decode_p010 av1 -i av110.ivf
fi

client sample_decode h264 "${memory[@]}" -i avc.264 -o out.yuv -w 80 -h 64 -i420
equal "$command_line: bytes" $((80 * 64 * 3 / 2 * 12)) "$(stat -c %s out.yuv)"
tell "12 pictures of 80x64"

# The size of the pictures changes: to a smaller one within the surfaces, to a larger one with new surfaces.
for change in 'shrinks large small' 'grows small large'; do
    read -r stream first second <<<"$change"
    client sample_decode h264 "${memory[@]}" -i "$stream.264" -o out.yuv -i420
    for part in "$first" "$second"; do
        "$FFMPEG" -nostdin -v error -i "$part.264" -f rawvideo -pix_fmt yuv420p -
    done >expected.yuv
    check "$command_line: pictures" cmp expected.yuv out.yuv
    tell "ffmpeg's yuv420p of both sizes"
done

finish_section "sample_decode-$kind"
