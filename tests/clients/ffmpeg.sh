#!/bin/bash
# ffmpeg's Quick Sync decoders and encoders, by the older dispatcher: Debian 12's ffmpeg 5.1 links libmfx, which opens
# the names in the folder "legacy" of the runtime.
#   ffmpeg.sh sw      libmfxsw64.so.1, frames in system memory
#   ffmpeg.sh hw      libmfx-gen.so.1.2, the guise of hardware, frames in VA surfaces of ffmpeg's
. "$(dirname "$0")/lib.sh"
kind=$1
export LD_LIBRARY_PATH=$ONEVPL_PRIORITY_PATH/legacy
device=(-init_hw_device "qsv=q:$kind")

# decode DECODER CLIP PIXEL-FORMAT: raw streams have no times, and none is to be made up or left out.
decode()
{
    client ffmpeg -nostdin -y "${device[@]}" -c:v "$1" -i "$2" -f rawvideo -pix_fmt "$3" -fps_mode passthrough out.yuv
    same_pictures out.yuv "$2" "$3"
    tell "ffmpeg's own $3"
}

# The same with the pictures left in surfaces until a filter brings them down.
download()
{
    client ffmpeg -nostdin -y "${device[@]}" -hwaccel qsv -hwaccel_output_format qsv -c:v "$1" -i "$2" \
        -vf "hwdownload,format=$3" -f rawvideo -fps_mode passthrough out.yuv
    same_pictures out.yuv "$2" "$3"
    tell "ffmpeg's own $3"
}

# encode ENCODER FILE CODEC-NAME RAW-FILE PIXEL-FORMAT OPTION...
encode()
{
    local encoder=$1 file=$2 name=$3 raw=$4 format=$5
    local size=(-s 176x144 -r 25)
    local source=(-f rawvideo -pix_fmt "$format" "${size[@]}" -i "$raw")
    local same=("${source[@]}")
    # JPEG keeps the numbers and calls them full range, and ffmpeg has no such NV12.
    [ "$name" != mjpeg ] || same=(-f rawvideo -pix_fmt yuvj420p "${size[@]}" -i src.yuv)
    shift 5
    client ffmpeg -nostdin -y "${device[@]}" "${source[@]}" "$@" -c:v "$encoder" "$file"
    coded "$file" "$name,176,144,12" "${same[@]}"
    tell "12 pictures, PSNR over 30 dB"
}

# The same by way of surfaces that ffmpeg allocates and fills.
upload() # ENCODER FILE CODEC-NAME RAW-FILE PIXEL-FORMAT
{
    encode "$@" -filter_hw_device q -vf hwupload=extra_hw_frames=32,format=qsv
}

decode h264_qsv avc.264 nv12
decode hevc_qsv hevc.265 nv12
decode hevc_qsv hevc10.265 p010le
decode mpeg2_qsv mpeg2.m2v nv12
decode mjpeg_qsv jpeg.mjpeg yuvj420p
decode vp8_qsv vp8.ivf nv12
decode vp9_qsv vp9.ivf nv12
decode av1_qsv av1.ivf nv12
encode h264_qsv out.264 h264 src.nv12 nv12
encode hevc_qsv out.265 hevc src.nv12 nv12
encode hevc_qsv out.265 hevc src.p010 p010le
encode mpeg2_qsv out.m2v mpeg2video src.nv12 nv12
encode vp9_qsv out.ivf vp9 src.nv12 nv12
encode vp9_qsv out.ivf vp9 src.p010 p010le
encode mjpeg_qsv out.mjpeg mjpeg src.nv12 nv12
if [ "$kind" = hw ]; then
    download h264_qsv avc.264 nv12
    download hevc_qsv hevc.265 nv12
    download mpeg2_qsv mpeg2.m2v nv12
    download vp9_qsv vp9.ivf nv12
    download av1_qsv av1.ivf nv12
    upload h264_qsv out.264 h264 src.nv12 nv12
    upload hevc_qsv out.265 hevc src.nv12 nv12
    upload hevc_qsv out.265 hevc src.p010 p010le
    upload vp9_qsv out.ivf vp9 src.nv12 nv12
    upload vp9_qsv out.ivf vp9 src.p010 p010le
    upload mjpeg_qsv out.mjpeg mjpeg src.nv12 nv12
    client ffmpeg -nostdin -y "${device[@]}" -hwaccel qsv -hwaccel_output_format qsv -c:v h264_qsv -i avc.264 \
        -vf vpp_qsv=w=96:h=80 -c:v h264_qsv out.264
    equal "$command_line" h264,96,80,12 "$(summary out.264)"
    tell "12 pictures of 96x80"
fi

finish_section "ffmpeg-$kind"
