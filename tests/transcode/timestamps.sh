# Times that are not regular: kept exactly where the container can hold them.
. "$(dirname "$0")/lib.sh"

clip=(-f lavfi -i testsrc2=s=320x180:r=30:d=2 -pix_fmt yuv420p -c:v libx264 -preset ultrafast)

# Frames of different lengths: some of a regular clip are missing.
ff "${clip[@]}" -vf "select='not(eq(mod(n,7),3)+between(n,20,32)+eq(n,1))'" -fps_mode passthrough -bf 3 vfr.mp4
count=$(frames vfr.mp4)
check "the clip has fewer frames: $count" test "$count" -lt 40
for bframes in 0 1 3; do
    run 0 --overwrite --bframes $bframes vfr.mp4 out.mp4
    equal "vfr, $bframes B-frames: frames" "$count" "$(frames out.mp4)"
    check "vfr, $bframes B-frames: times" same_times vfr.mp4 out.mp4 0 exact
    check "vfr, $bframes B-frames: packets" valid_packets out.mp4
done
run 0 --overwrite vfr.mp4 out.mkv
check "vfr to mkv: times" same_times vfr.mp4 out.mkv 0.00101
run 0 --overwrite --codec hevc vfr.mp4 hevc.mp4
check "vfr to hevc: times" same_times vfr.mp4 hevc.mp4 0 exact
check "vfr to hevc: packets" valid_packets hevc.mp4
run 0 --overwrite --size 160x90 vfr.mp4 out.mp4
check "vfr, scaled: times" same_times vfr.mp4 out.mp4 0 exact
run 0 --overwrite --size 160x90 --deinterlace vfr.mp4 out.mp4
check "vfr, deinterlaced: times" same_times vfr.mp4 out.mp4 0 exact

# Units of time that are no multiple of 1/90000 s, and rates that are no whole number.
for rate in 24000/1001 30000/1001 59.94 7 1000/33; do
    ff -f lavfi -i testsrc2=s=320x180:r=$rate:d=1 -pix_fmt yuv420p -c:v libx264 -preset ultrafast -bf 2 \
        -video_track_timescale 1000003 rate.mp4
    run 0 --overwrite rate.mp4 out.mp4
    check "rate $rate: times" same_times rate.mp4 out.mp4 0 exact
    equal "rate $rate: frames" "$(frames rate.mp4)" "$(frames out.mp4)"
done
run 0 --overwrite rate.mp4 out.y4m

# The length of the last frame, and so of the whole, is kept.
ff "${clip[@]}" -bf 2 regular.mp4
run 0 --overwrite regular.mp4 out.mp4
equal "length" "$(field regular.mp4 duration)" "$(field out.mp4 duration)"
equal "rate" "$(field regular.mp4 avg_frame_rate)" "$(field out.mp4 avg_frame_rate)"

# Sound that begins before the picture, or after it.
ff -itsoffset 0.5 -i regular.mp4 -f lavfi -i sine=440:d=2 -map 0:v -map 1:a -c:v copy -c:a aac late.mp4
run 0 --overwrite late.mp4 out.mp4
check "late picture: times" same_times late.mp4 out.mp4 0.0001 exact
run 0 --overwrite late.mp4 out.mkv
check "late picture to mkv: begins at $(times out.mkv | head -n 1)" awk -v t="$(times out.mkv | head -n 1)" \
    'BEGIN { exit !(t > 0.49 && t < 0.53) }'

# Frames that an edit list hides are decoded, and not shown.
ff -ss 0.5 -i regular.mp4 -c copy cut.mp4
check "the clip hides frames" test "$(ffprobe -v error -count_packets -select_streams v -show_entries \
    stream=nb_read_packets -of csv=p=0 cut.mp4)" -gt "$(times cut.mp4 | wc -l)"
shown=$(times cut.mp4 | wc -l)
run 0 --overwrite cut.mp4 out.mp4
equal "edit list: shown frames" "$shown" "$(frames out.mp4)"

# One frame only; and a still picture's worth of B-frames.
for count in 1 2 3; do
    ff "${clip[@]}" -frames:v $count short.mp4
    run 0 --overwrite short.mp4 out.mp4
    equal "$count frames" "$count" "$(frames out.mp4)"
    check "$count frames: packets" valid_packets out.mp4
done

finish
