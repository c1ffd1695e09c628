#!/bin/sh
# Makes the clips and raw pictures that the clients are given, those that are not there yet. 162x122 is a multiple of
# nothing that a codec or a driver wants: what clients decode has a rectangle to cut out.
#   clips.sh FFMPEG FOLDER
set -eu
ffmpeg=$1 folder=$2
mkdir -p "$folder"
. "$(dirname "$0")/../support/clip.sh"

quick='-cpu-used 8 -deadline realtime'
clip avc.264 162x122 12 -pix_fmt yuv420p -c:v libx264 -bf 2 -g 30
clip avc10.264 162x122 12 -pix_fmt yuv420p10le -c:v libx264 -bf 2 -g 30
clip fields.264 176x144 12 -pix_fmt yuv420p -c:v libx264 -flags +ildct+ilme -bf 2 -g 30
clip hevc.265 162x122 12 -pix_fmt yuv420p -c:v libx265 -x265-params log-level=none
clip hevc10.265 162x122 12 -pix_fmt yuv420p10le -c:v libx265 -x265-params log-level=none
clip mpeg2.m2v 162x122 12 -pix_fmt yuv420p -c:v mpeg2video -bf 2 -g 12 -b:v 1M
# shellcheck disable=SC2086 # several words
{
    clip vp8.ivf 162x122 12 -pix_fmt yuv420p -c:v libvpx $quick
    clip vp9.ivf 162x122 12 -pix_fmt yuv420p -c:v libvpx-vp9 $quick
    clip vp910.ivf 162x122 12 -pix_fmt yuv420p10le -c:v libvpx-vp9 -profile:v 2 $quick
}
clip av1.ivf 162x122 12 -pix_fmt yuv420p -c:v libaom-av1 -cpu-used 8 -usage realtime
clip av110.ivf 162x122 12 -pix_fmt yuv420p10le -c:v libaom-av1 -cpu-used 8 -usage realtime
clip jpeg.mjpeg 162x122 12 -pix_fmt yuvj420p -c:v mjpeg

# For programs that write raw pictures with rows of whole words: a size that needs no such padding, but a crop rectangle.
clip even.264 168x122 12 -pix_fmt yuv420p -c:v libx264 -bf 2 -g 30
clip even.265 168x122 12 -pix_fmt yuv420p -c:v libx265 -x265-params log-level=none
clip even10.265 168x122 12 -pix_fmt yuv420p10le -c:v libx265 -x265-params log-level=none
# shellcheck disable=SC2086
clip even.ivf 168x122 12 -pix_fmt yuv420p -c:v libvpx-vp9 $quick
clip even.mjpeg 168x122 12 -pix_fmt yuvj420p -c:v mjpeg

# Streams in which the size of pictures changes.
clip large.264 176x144 6 -pix_fmt yuv420p -c:v libx264 -bf 2
clip small.264 96x80 6 -pix_fmt yuv420p -c:v libx264 -bf 2
cat "$folder/large.264" "$folder/small.264" >"$folder/shrinks.264"
cat "$folder/small.264" "$folder/large.264" >"$folder/grows.264"

clip src.yuv 176x144 12 -pix_fmt yuv420p -f rawvideo
clip src.nv12 176x144 12 -pix_fmt nv12 -f rawvideo
clip src.p010 176x144 12 -pix_fmt p010le -f rawvideo
clip src.i010 176x144 12 -pix_fmt yuv420p10le -f rawvideo
clip odd.yuv 162x122 12 -pix_fmt yuv420p -f rawvideo
