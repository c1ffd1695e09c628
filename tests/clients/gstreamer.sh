#!/bin/bash
# GStreamer's Quick Sync decoders and encoders, which take hardware implementations on VA-API alone: on the runtime in
# that guise.
. "$(dirname "$0")/lib.sh"
need_client gst-launch-1.0 gstreamer1.0-tools
export GST_REGISTRY=$PWD/registry

client gst-inspect-1.0 qsv
for element in qsv{h264,h265,vp9,jpeg}dec qsv{h264,h265,vp9,av1,jpeg}enc; do
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

# encode RAW GSTREAMER-FORMAT PIXEL-FORMAT CODEC-NAME FILE WORD...: the encoder, its options, and what comes behind it.
encode()
{
    local raw=$1 format=$2 pix_fmt=$3 codec=$4 file=$5
    shift 5
    client gst-launch-1.0 -q filesrc location="$raw" ! rawvideoparse format="$format" width=176 height=144 framerate=25/1 ! \
        "$@" ! filesink location="$file"
    coded "$file" "$codec,176,144,12" -f rawvideo -pix_fmt "$pix_fmt" -s 176x144 -i "$raw"
    tell "12 pictures, PSNR over 30 dB" sorted
}

bytes=video/x-h264,stream-format=byte-stream
encode src.nv12 nv12 nv12 h264 out.264 qsvh264enc ! $bytes
encode src.nv12 nv12 nv12 h264 out.264 qsvh264enc rate-control=cqp qp-i=20 qp-p=22 qp-b=24 b-frames=2 gop-size=6 ! $bytes
encode src.nv12 nv12 nv12 h264 out.264 qsvh264enc rate-control=vbr bitrate=500 max-bitrate=700 low-latency=true ! $bytes
encode src.nv12 nv12 nv12 hevc out.265 qsvh265enc
encode src.p010 p010-10le p010le hevc out.265 qsvh265enc
encode src.nv12 nv12 nv12 vp9 out.mkv qsvvp9enc ! matroskamux
encode src.p010 p010-10le p010le vp9 out.mkv qsvvp9enc ! matroskamux
encode src.nv12 nv12 nv12 av1 out.mkv qsvav1enc ! av1parse ! matroskamux
encode src.p010 p010-10le p010le av1 out.mkv qsvav1enc ! av1parse ! matroskamux
encode src.yuv i420 yuvj420p mjpeg out.mjpeg videoconvert ! qsvjpegenc quality=90

finish_section gstreamer-hw
