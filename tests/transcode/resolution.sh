# The picture's size changes in mid-stream: the output keeps the first one, and every frame is there.
. "$(dirname "$0")/lib.sh"

# part NAME SIZE CODEC...: one second of a stream.
part() {
    local name=$1 size=$2
    shift 2
    ff -f lavfi -i testsrc2=s="$size":r=30:d=1 -pix_fmt yuv420p "$@" "$name"
}

avc=(-c:v libx264 -preset veryfast -bf 2)
part small.ts 320x180 "${avc[@]}"
part large.ts 640x360 "${avc[@]}"
part other.ts 256x256 "${avc[@]}"

# The clocks of the parts begin anew, too: the output goes on.
regular() { times "$1" | awk 'NR > 1 && ($1 - last < 0.032 || $1 - last > 0.035) { exit bad = 1 } { last = $1 } END { exit bad }'; }

# joined WHAT SIZE PARTS...
joined() {
    local what=$1 size=$2
    shift 2
    cat "$@" >joined.ts
    run 0 --overwrite --json --quality 12 joined.ts out.mp4
    equal "$what" "h264 $size $(($# * 30))" "$(summary out.mp4)"
    check "$what: packets" valid_packets out.mp4
    check "$what: frames follow one another" regular out.mp4
    check "$what: $(($# - 1)) changes" grep -q "\"size_changes\": $(($# - 1))," out.txt
    for part in "$@"; do
        ff -i "$part" -vf scale=${size/x/:} -pix_fmt yuv420p -c:v ffv1 "$part.mkv"
        echo "file '$part.mkv'"
    done >list.txt
    ff -f concat -safe 0 -i list.txt -c copy reference.mkv
    psnr_at_least "$what: every frame in its place" out.mp4 reference.mkv 30
}

joined "larger" 320x180 small.ts large.ts
joined "smaller" 640x360 large.ts small.ts
joined "there and back" 320x180 small.ts large.ts small.ts

# A pool whose frames are too small has them replaced; those of the filters, as large as the encoder wants them, are made
# once, for all sizes.
made_once() { equal "$2: frames made once" "$2 $(json pools "$1" planned)" "$(json pools "$1" name) $(json pools "$1" made)"; }
joined "larger and larger" 320x180 small.ts other.ts large.ts
equal "two pools" 2 "$(grep -c '"planned":' out.txt)"
check "the decoder's frames were replaced" test "$(json pools 0 made)" -gt "$(json pools 0 planned)"
made_once 1 "vpp->encode"

# A decoder that begins with the largest size keeps its frames.
joined "back and forth" 640x360 large.ts small.ts large.ts other.ts small.ts
made_once 0 "decode->encode"
made_once 1 "vpp->encode"

# With filters in the first place.
run 0 --overwrite --size 160x90 joined.ts out.mp4
equal "--size" "h264 160x90 150" "$(summary out.mp4)"
run 0 --overwrite --deinterlace joined.ts out.mp4
equal "--deinterlace" "h264 640x360 150" "$(summary out.mp4)"
run 0 --overwrite joined.ts out.y4m
equal "raw" "rawvideo 640x360 150" "$(summary out.y4m)"
run 0 --overwrite --codec hevc --preset veryfast joined.ts out.mkv
equal "to hevc" "hevc 640x360 150" "$(summary out.mkv)"
run 0 --overwrite --async 1 joined.ts out.mp4
equal "--async 1" "h264 640x360 150" "$(summary out.mp4)"

# No frame of a pool that was replaced stays behind.
run 0 --overwrite --stats joined.ts out.mp4
pools=$(sed -n 's/^pool .*: \([0-9]*\) surfaces.*/\1/p' out.txt | awk '{ n += $1 } END { print n }')
peak=$(sed -n 's/.*peak \([0-9]*\); .*MB, peak.*/\1/p' out.txt)
check "peak of $peak frames, $pools at the end" test "$peak" -le $((pools * 3))
check "nothing leaked" bash -c "! grep -qi 'leak\|not freed' err.txt"

# Other codecs.
part small.mpg.ts 320x176 -c:v mpeg2video -q:v 3
part large.mpg.ts 640x352 -c:v mpeg2video -q:v 3
joined "mpeg2" 320x176 small.mpg.ts large.mpg.ts
part small.265.ts 320x180 -c:v libx265 -preset ultrafast -x265-params log-level=none
part large.265.ts 640x360 -c:v libx265 -preset ultrafast -x265-params log-level=none
joined "hevc" 640x360 large.265.ts small.265.ts
joined "hevc" 320x180 small.265.ts large.265.ts

# 8 bits become 10 and 8 again.
ff -f lavfi -i testsrc2=s=320x180:r=30:d=1 -pix_fmt yuv420p10le -c:v libx265 -preset ultrafast -x265-params log-level=none ten.ts
joined "10 bits in between" 320x180 small.265.ts ten.ts small.265.ts

# Sound goes on beside it.
for size in 320x180 640x360; do
    ff -f lavfi -i testsrc2=s=$size:r=30:d=2 -f lavfi -i sine=440:d=2 -pix_fmt yuv420p "${avc[@]}" -c:a aac $size.ts
done
cat 320x180.ts 640x360.ts >joined.ts
run 0 --overwrite joined.ts out.mp4
equal "with sound" "h264 320x180 120" "$(summary out.mp4)"
seconds=$(ffprobe -v error -select_streams a -show_entries stream=duration -of csv=p=0 out.mp4)
check "with sound: $seconds s of it" awk -v s="$seconds" 'BEGIN { exit !(s > 3.9 && s < 4.15) }'

finish
