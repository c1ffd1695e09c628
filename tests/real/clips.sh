#!/bin/sh
# Makes the clips that Intel's runtimes are given, those that are not there yet.
#   clips.sh FFMPEG FOLDER
set -eu
ffmpeg=$1 folder=$2
[ -x "$ffmpeg" ] || {
    echo "SKIPPED: there is no ffmpeg"
    exit 77
}
mkdir -p "$folder"

. "$(dirname "$0")/../support/clip.sh"

clip avc.264 320x240 12 -pix_fmt yuv420p -c:v libx264 -profile:v main -bf 2 -g 30 -x264-params log-level=-1
clip avc_large.264 640x480 12 -pix_fmt yuv420p -c:v libx264 -profile:v main -bf 2 -g 30 -x264-params log-level=-1
clip avc_small.264 160x128 12 -pix_fmt yuv420p -c:v libx264 -profile:v main -bf 2 -g 30 -x264-params log-level=-1
clip hevc.265 320x240 2 -pix_fmt yuv420p -c:v libx265 -x265-params log-level=none
clip hevc10.265 320x240 2 -pix_fmt yuv420p10le -c:v libx265 -x265-params log-level=none
clip vp9.ivf 320x240 2 -pix_fmt yuv420p -c:v libvpx-vp9 -cpu-used 8 -deadline realtime
clip av1.ivf 320x240 2 -pix_fmt yuv420p -c:v libaom-av1 -cpu-used 8 -usage realtime
