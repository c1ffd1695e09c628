#!/bin/bash
# sample_encode: what it makes is near its source, and so many pictures of that size.
#   encode.sh sw      in system memory
#   encode.sh hw      in VA surfaces, on the runtime in its guise of hardware
. "$(dirname "$0")/lib.sh"
need_client sample_encode onevpl-tools
kind=$1
case $kind in
sw) memory=(-sw) ;;
hw) memory=(-hw -vaapi -dispatcher:fullSearch -device "$node") ;;
esac

# encode CODEC CODEC-NAME RAW PIXEL-FORMAT WIDTHxHEIGHT OPTION...
encode()
{
    local codec=$1 name=$2 raw=$3 format=$4 width=${5%x*} height=${5#*x}
    shift 5
    client sample_encode "$codec" "${memory[@]}" -i "$raw" -o out.bin -w "$width" -h "$height" "$@"
    coded out.bin "$name,$width,$height,12" -f rawvideo -pix_fmt "$format" -s "${width}x$height" -i "$raw"
    tell "12 pictures, PSNR over 30 dB"
}

# In both memories. (What it reads as I420 is NV12 in a VA surface.)
encode h264 h264 src.yuv yuv420p 176x144 -i420
encode h264 h264 src.nv12 nv12 176x144 -nv12
encode h264 h264 odd.yuv yuv420p 162x122 -i420
encode h264 h264 src.nv12 nv12 176x144 -nv12 -cqp -qpi 20 -qpp 22 -qpb 24 -r 3 -g 6
encode h264 h264 src.nv12 nv12 176x144 -nv12 -async 1
encode h265 hevc src.nv12 nv12 176x144 -nv12
encode h265 hevc src.p010 p010le 176x144 -p010 -msb10
encode mpeg2 mpeg2video src.nv12 nv12 176x144 -nv12
encode jpeg mjpeg src.yuv yuvj420p 176x144 -i420 -q 90
encode vp9 vp9 src.nv12 nv12 176x144 -nv12
encode vp9 vp9 src.p010 p010le 176x144 -p010 -msb10
encode av1 av1 src.nv12 nv12 176x144 -nv12
encode av1 av1 src.p010 p010le 176x144 -p010 -msb10

client sample_encode h264 "${memory[@]}" -i src.yuv -o out.bin -w 176 -h 144 -i420 -dstw 96 -dsth 80
equal "$command_line" h264,96,80,12 "$(summary out.bin)"
tell "12 pictures of 96x80"

if [ "$kind" = sw ]; then
    encode h264 h264 src.yuv yuv420p 176x144 -i420 -ec::nv12
    encode h264 h264 src.yuv yuv420p 176x144 -i420 -vbr -b 500 -MaxKbps 700
    encode h264 h264 src.yuv yuv420p 176x144 -i420 -cbr -b 500
    encode h264 h264 src.yuv yuv420p 176x144 -i420 -icq 23
    encode h265 hevc src.i010 yuv420p10le 176x144 -i010
    encode mpeg2 mpeg2video odd.yuv yuv420p 162x122 -i420 -cbr -b 1000 -r 3 -g 6
    encode vp9 vp9 odd.yuv yuv420p 162x122 -i420
    encode vp9 vp9 src.i010 yuv420p10le 176x144 -i010
    encode av1 av1 odd.yuv yuv420p 162x122 -i420
    encode av1 av1 src.i010 yuv420p10le 176x144 -i010

    # By the entry points of API 1.x, which libvpl looks for in a library of another name.
    export LD_LIBRARY_PATH=$ONEVPL_PRIORITY_PATH/legacy
    encode h264 h264 src.nv12 nv12 176x144 -nv12 -api_ver_init::1x
else
    encode h264 h264 src.nv12 nv12 176x144 -nv12 -lowpower:on
    encode h265 hevc src.nv12 nv12 176x144 -nv12 -vbr -b 500 -MaxKbps 700
fi

finish_section "sample_encode-$kind"
