# Scaling, deinterlacing, and stopping early.
. "$(dirname "$0")/lib.sh"

ff -f lavfi -i testsrc2=s=320x180:r=30:d=2 -pix_fmt yuv420p -c:v libx264 -preset ultrafast -qp 8 source.mp4

# Scaled down and up: as ffmpeg scales, up to what encoding loses.
for size in 160x90 640x360 200x300 322x182; do
    ff -i source.mp4 -vf scale=${size/x/:} -c:v libx264 -preset ultrafast -qp 4 reference.mp4
    run 0 --overwrite --quality 10 --size $size source.mp4 out.mp4
    equal "--size $size" "h264 $size 60" "$(summary out.mp4)"
    psnr_at_least "--size $size" out.mp4 reference.mp4 30
    check "--size $size: times" same_times source.mp4 out.mp4 0 exact
done
run 0 --overwrite --size 160x90 source.mp4 out.y4m
equal "--size, raw" "rawvideo 160x90 60" "$(summary out.y4m)"
run 0 --overwrite --size 640x360 out.y4m out.mkv
equal "raw, --size" "h264 640x360 60" "$(summary out.mkv)"
run 0 --overwrite --size 320x180 --plan source.mp4 out.mp4
equal "--size as it is: no filter" 0 "$(grep -c vpp out.txt)"
run 0 --overwrite --size 160x90 --plan source.mp4 out.mp4
check "--plan: both pools" grep -q 'decode->vpp' out.txt
check "--plan: both pools" grep -q 'vpp->encode' out.txt

# Fields: the source says it has them, the output that it has none; and the combs are gone.
ff -f lavfi -i "testsrc2=s=320x176:r=60:d=2,tinterlace=interleave_top,fieldorder=tff" -pix_fmt yuv420p -c:v libx264 \
    -preset ultrafast -qp 8 -flags +ilme+ildct -x264opts tff=1 fields.mp4
interlaced() { ffprobe -v error -select_streams v:0 -show_entries frame=interlaced_frame -of csv=p=0 "$1" | grep -o '[01]' | sort | uniq -c | xargs; }
equal "the clip has fields" "60 1" "$(interlaced fields.mp4)"
run 0 --overwrite --deinterlace --quality 12 fields.mp4 out.mp4
equal "--deinterlace: no fields" "60 0" "$(interlaced out.mp4)"
check "--deinterlace: times" same_times fields.mp4 out.mp4 0 exact
ff -i fields.mp4 -vf bwdif=mode=send_frame -c:v ffv1 reference.mkv
psnr_at_least "--deinterlace: as ffmpeg's own" out.mp4 reference.mkv 40
check "which is not the source: $(psnr fields.mp4 reference.mkv) dB" awk -v v="$(psnr fields.mp4 reference.mkv)" 'BEGIN { exit !(v < 36) }'
run 0 --overwrite --deinterlace --size 160x88 fields.mp4 out.mp4
equal "--deinterlace --size" "h264 160x88 60" "$(summary out.mp4)"
run 0 --overwrite --deinterlace fields.mp4 out.y4m
equal "--deinterlace, raw" 60 "$(frames out.y4m)"
run 0 --overwrite --deinterlace source.mp4 out.mp4
equal "--deinterlace of a progressive clip" "h264 320x180 60" "$(summary out.mp4)"

# Without the option fields stay fields, where the codec has them.
run 0 --overwrite fields.mp4 out.mp4
equal "fields stay fields" "60 1" "$(interlaced out.mp4)"
run 0 --overwrite --codec hevc fields.mp4 out.mkv
check "hevc has none: said" grep -q "interlaced" err.txt
equal "hevc: frames" 60 "$(frames out.mkv)"
ff -f lavfi -i "testsrc2=s=320x176:r=60:d=1,tinterlace=interleave_top,fieldorder=tff" -pix_fmt yuv420p -c:v mpeg2video -q:v 3 \
    -flags +ilme+ildct -top 1 fields.ts
run 0 --overwrite --deinterlace fields.ts out.mp4
equal "mpeg2 fields" "30 0" "$(interlaced out.mp4)"

# A number of frames.
for count in 1 7 59 60 1000; do
    run 0 --overwrite --frames $count source.mp4 out.mp4
    equal "--frames $count" "$((count > 60 ? 60 : count))" "$(frames out.mp4)"
done
run 0 --overwrite --frames 5 --deinterlace source.mp4 out.mp4
equal "--frames 5 --deinterlace" 5 "$(frames out.mp4)"
run 0 --overwrite --frames 5 source.mp4 out.y4m
equal "--frames 5, raw" "$(ffmpeg -v error -i source.mp4 -frames:v 5 -f rawvideo - | md5sum)" \
    "$(ffmpeg -v error -i out.y4m -f rawvideo - | md5sum)"

finish
