# Each codec that is decoded: what reaches the encoder is what ffmpeg decodes, bit for bit.
. "$(dirname "$0")/lib.sh"

source=(-f lavfi -i testsrc2=s=320x180:r=30:d=1)

# same_frames FILE FORMAT FOURCC: decoded to a raw file and to an encoder, both with --hash.
same_frames() {
    local expected
    expected=$(raw_md5 "$1" "$2")
    run 0 --overwrite --hash "$1" out.y4m
    equal "$1: md5 of the frames" "md5 of the frames: $expected" "$(grep md5 out.txt)"
    equal "$1: the raw file's own" "$expected" "$(raw_md5 out.y4m "$2")"
    run 0 --overwrite --json "$1" out.mkv
    check "$1: $3 all the way" grep -q "\"format\": \"$3\"" out.txt
    equal "$1: one pool" 1 "$(grep -c '"name":' out.txt)"
    equal "$1: frames" "$(frames "$1")" "$(frames out.mkv)"
    check "$1: times" same_times "$1" out.mkv 0.00101
}

ff "${source[@]}" -pix_fmt yuv420p -c:v libx264 -preset veryfast -bf 3 h264.mp4
same_frames h264.mp4 yuv420p I420
ff "${source[@]}" -pix_fmt yuv420p10le -c:v libx264 -preset veryfast h264_10.mkv
same_frames h264_10.mkv yuv420p10le I010
ff "${source[@]}" -pix_fmt yuv420p -c:v libx265 -preset ultrafast -x265-params log-level=none hevc.mp4
same_frames hevc.mp4 yuv420p I420
ff "${source[@]}" -pix_fmt yuv420p10le -c:v libx265 -preset ultrafast -x265-params log-level=none hevc_10.mkv
same_frames hevc_10.mkv yuv420p10le I010
ff "${source[@]}" -pix_fmt yuv420p -c:v mpeg2video -bf 2 -q:v 4 mpeg2.ts
same_frames mpeg2.ts yuv420p I420
ff "${source[@]}" -pix_fmt yuv420p -c:v mpeg2video -bf 2 -q:v 4 mpeg2.mkv
same_frames mpeg2.mkv yuv420p I420
ff "${source[@]}" -pix_fmt yuvj420p -c:v mjpeg -q:v 3 jpeg.avi
same_frames jpeg.avi yuvj420p I420
ff "${source[@]}" -pix_fmt yuv420p -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -auto-alt-ref 1 -lag-in-frames 10 vp9.webm
same_frames vp9.webm yuv420p I420
ff "${source[@]}" -pix_fmt yuv420p10le -c:v libvpx-vp9 -deadline realtime -cpu-used 8 vp9_10.webm
same_frames vp9_10.webm yuv420p10le I010
ff "${source[@]}" -pix_fmt yuv420p -frames:v 12 -c:v libaom-av1 -cpu-used 8 -usage realtime av1.mp4
same_frames av1.mp4 yuv420p I420

# Sizes that are no multiple of anything.
ff -f lavfi -i testsrc2=s=322x178:r=30:d=0.5 -pix_fmt yuv420p -c:v libx264 -preset veryfast odd.mp4
same_frames odd.mp4 yuv420p I420
equal "odd.mp4: size" "h264 322x178 15" "$(summary out.mkv)"

# An odd row or column cannot be coded in 4:2:0: the last one goes.
ff -f lavfi -i testsrc2=s=321x179:r=30:d=0.5 -pix_fmt yuv420p -c:v libvpx-vp9 -deadline realtime -cpu-used 8 odd.webm
run 0 --overwrite odd.webm out.mp4
equal "odd.webm" "h264 320x178 15" "$(summary out.mp4)"

# Raw pictures.
for format in yuv420p nv12 yuv420p10le; do
    ff "${source[@]}" -pix_fmt "$format" -c:v rawvideo raw.nut
    run 0 --overwrite --hash raw.nut out.mkv
    equal "raw $format: md5 of the frames" "md5 of the frames: $(raw_md5 raw.nut)" "$(grep md5 out.txt)"
    equal "raw $format: frames" "h264 320x180 30" "$(summary out.mkv)"
done

# A format the encoder does not take: the filters convert it.
ff "${source[@]}" -pix_fmt yuyv422 -c:v rawvideo raw.nut
run 0 --overwrite --json raw.nut out.mkv
equal "raw yuyv422: two pools" 2 "$(grep -c '"name":' out.txt)"
psnr_at_least "raw yuyv422" out.mkv raw.nut 30

finish
