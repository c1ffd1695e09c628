# Each container: codec, size, frame count, times, and the sound bit for bit.
. "$(dirname "$0")/lib.sh"

ff -f lavfi -i testsrc2=s=320x180:r=30:d=2 -f lavfi -i sine=440:d=2 -c:v libx264 -preset ultrafast -bf 2 -pix_fmt yuv420p \
    -c:a aac source.mp4
sound=$(copied_md5 source.mp4 a:0)

# Matroska counts in milliseconds; the others hold the source's times exactly, transport streams but for their start.
for output in out.mp4 out.mov out.mkv out.nut; do
    run 0 source.mp4 "$output"
    equal "$output: video" "h264 320x180 60" "$(summary "$output")"
    equal "$output: sound" "$sound" "$(copied_md5 "$output" a:0)"
    check "$output: times" same_times source.mp4 "$output" 0.00101
done
check "out.mp4: packets" valid_packets out.mp4
check "out.mov: packets" valid_packets out.mov
check "mp4 to mp4: times as they were" same_times source.mp4 out.mp4 0 exact

run 0 source.mp4 out.ts
equal "out.ts: video" "h264 320x180 60" "$(summary out.ts)"
check "out.ts: times" same_times source.mp4 out.ts 0.00002
check "out.ts: packets" valid_packets out.ts
equal "out.ts: as much sound" "$(ffprobe -v error -select_streams a -count_packets -show_entries stream=nb_read_packets \
    -of csv=p=0 source.mp4)" "$(ffprobe -v error -select_streams a -count_packets -show_entries stream=nb_read_packets \
    -of csv=p=0 out.ts | head -n 1)"

# Sound and picture stay together in every container.
offset() {
    local video sound
    video=$(ffprobe -v error -select_streams v:0 -show_entries packet=pts_time -of csv=p=0 "$1" | tr -d ',' | grep '[0-9]' | sort -n | head -n 1)
    sound=$(ffprobe -v error -select_streams a:0 -show_entries packet=pts_time -of csv=p=0 "$1" | tr -d ',' | grep '[0-9]' | sort -n | head -n 1)
    awk -v v="$video" -v a="$sound" 'BEGIN { printf "%.3f", v - a }'
}
for output in out.mp4 out.mov out.mkv out.nut out.ts; do
    check "$output: sound $(offset "$output") s before the picture, not $(offset source.mp4) s" awk -v a="$(offset "$output")" \
        -v b="$(offset source.mp4)" 'BEGIN { d = a - b; exit !(d < 0.0011 && d > -0.0011) }'
done

# From each container.
for input in out.mkv out.ts out.nut out.mov; do
    run 0 --overwrite "$input" back.mp4
    equal "from $input: video" "h264 320x180 60" "$(summary back.mp4)"
    check "from $input: times" same_times "$input" back.mp4 0.0001
    check "from $input: packets" valid_packets back.mp4
done

# A transport stream's clock begins anywhere: kept in a transport stream, taken off elsewhere.
ff -i source.mp4 -c copy -output_ts_offset 1000 late.ts
run 0 --overwrite late.ts out.ts
check "ts to ts: times as they were" same_times late.ts out.ts 0.00002 exact
run 0 --overwrite late.ts out.mp4
check "ts to mp4: begins near 0, at $(times out.mp4 | head -n 1)" awk -v t="$(times out.mp4 | head -n 1)" 'BEGIN { exit !(t < 0.2) }'

# Containers that hold the video alone, and say so.
for output in out.264 out.265 out.mjpeg out.y4m; do
    run 0 source.mp4 "$output"
    check "$output: says that sound is left out" grep -q "stream 1 (audio, aac) is left out" err.txt
    equal "$output: frames" 60 "$(frames "$output")"
done
equal "out.264" h264 "$(field out.264 codec_name)"
equal "out.265" hevc "$(field out.265 codec_name)"
equal "out.mjpeg" mjpeg "$(field out.mjpeg codec_name)"
equal "out.y4m" rawvideo "$(field out.y4m codec_name)"
equal "out.y4m: rate" 30/1 "$(field out.y4m r_frame_rate)"

# Raw streams have no times: frames follow one another at their rate.
run 0 --overwrite out.264 back.mp4
check "from out.264: times" same_times source.mp4 back.mp4 0.0001
run 0 --overwrite out.265 back.mkv
equal "from out.265" "h264 320x180 60" "$(summary back.mkv)"
run 0 --overwrite out.y4m back.mp4
check "from out.y4m: times" same_times source.mp4 back.mp4 0.0001

finish
