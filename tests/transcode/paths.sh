# One short transcode by each path that frames take: little enough for a checker to watch in every run of the tests.
# What each path makes of its frames, the other scripts look at closely.
. "$(dirname "$0")/lib.sh"

clip() { # NAME SIZE PIXEL_FORMAT OPTION...
    local name=$1 size=$2 format=$3
    shift 3
    ff -f lavfi -i "testsrc2=s=$size:r=30:d=0.4" -pix_fmt "$format" "$@" "$name"
}

clip h264.ts 160x92 yuv420p -c:v libx264 -preset ultrafast -bf 2
ff -i h264.ts -f lavfi -i sine=440:d=0.4 -c:v copy -c:a aac h264.mp4
clip ten.mkv 160x92 yuv420p10le -c:v libx265 -preset ultrafast -x265-params log-level=none
clip larger.ts 192x108 yuv420p -c:v libx264 -preset ultrafast
clip full.avi 160x92 yuvj420p -c:v mjpeg
ff -f lavfi -i "testsrc2=s=160x96:r=60:d=0.4,tinterlace=interleave_top,fieldorder=tff" -pix_fmt yuv420p -c:v libx264 \
    -preset ultrafast -flags +ilme+ildct -x264opts tff=1 fields.mp4

run 0 --stats h264.mp4 out.mp4
equal "decoder to encoder, and sound beside it" "h264 160x92 12 aac" "$(summary out.mp4) $(ffprobe -v error \
    -select_streams a -show_entries stream=codec_name -of default=nw=1:nk=1 out.mp4)"
run 0 --codec hevc --bitrate 200k ten.mkv out.mkv
equal "10 bits" "hevc 160x92 12 yuv420p10le" "$(summary out.mkv) $(field out.mkv pix_fmt)"
run 0 --overwrite --codec jpeg full.avi out.mkv
equal "JPEG" "mjpeg 160x92 12" "$(summary out.mkv)"
run 0 --overwrite --deinterlace --size 80x48 fields.mp4 out.mp4
equal "filters in between" "h264 80x48 12" "$(summary out.mp4)"
run 0 --hash h264.mp4 out.y4m
equal "decoder to file" "rawvideo 160x92 12" "$(summary out.y4m)"
run 0 --overwrite --json out.y4m out.mp4
equal "file to encoder" "h264 160x92 12" "$(summary out.mp4)"
cat h264.ts larger.ts h264.ts >joined.ts
run 0 --overwrite joined.ts out.mp4
equal "the size changes, and changes back" "h264 160x92 36" "$(summary out.mp4)"
head -c $(($(stat -c %s h264.ts) * 6 / 10)) h264.ts >cut.ts
run 0 --overwrite --async 1 cut.ts out.mp4
check "an input that breaks off" test "$(frames out.mp4)" -gt 0
run 5 --overwrite /dev/null out.mp4
run 8 h264.mp4 out.mp4
run 9 h264.mp4 --format mp4 /dev/full

finish
