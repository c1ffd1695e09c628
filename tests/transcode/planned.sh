# The plan and the surfaces in use: on every codec, with and without filters, from one operation in flight to many, the
# peak is within the plan, and no surface is waited for in vain.
. "$(dirname "$0")/lib.sh"

source=(-f lavfi -i testsrc2=s=160x96:r=30:d=0.7 -pix_fmt yuv420p)
ff "${source[@]}" -c:v libx264 -preset veryfast -bf 3 h264.mp4
ff "${source[@]}" -c:v libx265 -preset ultrafast -x265-params log-level=none hevc.mkv
ff "${source[@]}" -c:v mpeg2video -bf 2 mpeg2.ts
ff "${source[@]}" -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -lag-in-frames 10 vp9.webm
ff "${source[@]}" -frames:v 8 -c:v libaom-av1 -cpu-used 8 -usage realtime av1.mp4
ff "${source[@]}" -c:v mjpeg jpeg.avi
ff "${source[@]}" -c:v rawvideo raw.nut
ff -f lavfi -i testsrc2=s=160x96:r=30:d=0.7 -pix_fmt yuv420p10le -c:v libx265 -preset ultrafast -x265-params log-level=none ten.mkv
ff -f lavfi -i "testsrc2=s=160x96:r=60:d=0.7,tinterlace=interleave_top,fieldorder=tff" -pix_fmt yuv420p -c:v mpeg2video -flags +ildct+ilme \
    fields.ts

# planned FILE ARGUMENTS...: `run` checks the peak.
planned() {
    run 0 --overwrite --json "$@" || return
    equal "$*: allocated is what was planned" "$(json allocator frames_planned)" "$(json allocator frames_peak)"
    check "$*: no surface was waited for in vain" bash -c "! grep -q '\"timeouts\": [1-9]' out.txt"
    grep '"planned"' out.txt | sed 's/^ *{"name": "\([^"]*\)".*"planned": \([0-9]*\),.*"peak": \([0-9]*\),.*/\1: planned \2, peak \3/' |
        sed "s|^|$*: |"
}

for clip in h264.mp4 hevc.mkv mpeg2.ts vp9.webm av1.mp4 jpeg.avi raw.nut ten.mkv fields.ts; do
    for codec in h264 hevc jpeg raw; do
        planned --codec $codec "$clip" out.mkv
    done
    planned --async 1 "$clip" out.mp4
    planned --async 17 "$clip" out.y4m
    [ "$clip" = fields.ts ] || planned --size 96x64 --async 2 "$clip" out.mp4
done
planned --deinterlace fields.ts out.mp4
planned --deinterlace --size 96x64 --async 7 --codec hevc fields.ts out.mkv
planned --bframes 3 --gop 8 h264.mp4 out.mp4
planned --hash h264.mp4 out.y4m

finish
