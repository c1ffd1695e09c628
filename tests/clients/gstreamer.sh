#!/bin/bash
# GStreamer's Quick Sync decoders, which take hardware implementations on VA-API alone: on the runtime in that guise.
. "$(dirname "$0")/lib.sh"
need_client gst-launch-1.0 gstreamer1.0-tools
export GST_REGISTRY=$PWD/registry

client gst-inspect-1.0 qsv
for element in qsvh264dec qsvh265dec qsvvp9dec qsvjpegdec qsvh264enc; do
    check "$command_line: no $element" grep -q "^ *$element:" log.txt
done
[ "$failures" -eq 0 ] || finish

# decode CLIP PARSERS DECODER FORMAT PIXEL-FORMAT
decode()
{
    # shellcheck disable=SC2086 # several words
    client gst-launch-1.0 -q filesrc location="$1" ! $2 ! "$3" ! videoconvert ! "video/x-raw,format=$4" ! \
        filesink location=out.yuv
    same_pictures out.yuv "$1" "$5"
    tell "ffmpeg's $5" sorted
}

decode even.264 h264parse qsvh264dec NV12 nv12
decode even.264 h264parse qsvh264dec I420 yuv420p
decode even.265 h265parse qsvh265dec NV12 nv12
decode even10.265 h265parse qsvh265dec P010_10LE p010le
decode even.ivf 'ivfparse ! vp9parse' qsvvp9dec NV12 nv12
decode even.mjpeg jpegparse qsvjpegdec I420 yuvj420p

finish_section gstreamer-hw
