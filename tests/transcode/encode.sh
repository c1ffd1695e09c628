# Each codec that is encoded: decodable, every frame there, looks like the source; and the options.
. "$(dirname "$0")/lib.sh"

ff -f lavfi -i testsrc2=s=320x180:r=30:d=2 -pix_fmt yuv420p -c:v ffv1 source.mkv
ff -i source.mkv -c:v libx264 -preset ultrafast -qp 4 -bf 0 source.mp4
ff -i source.mp4 -f yuv4mpegpipe source.y4m

for codec in h264 hevc jpeg; do
    run 0 --overwrite --codec $codec source.mp4 $codec.mkv
    name=${codec/jpeg/mjpeg}
    equal "$codec" "$name 320x180 60" "$(summary $codec.mkv)"
    psnr_at_least "$codec at the default quality" $codec.mkv source.mp4 35
    run 0 --overwrite --codec $codec source.y4m $codec.y4m.mkv
    equal "$codec, raw in: the same picture" "$(raw_md5 $codec.mkv)" "$(raw_md5 $codec.y4m.mkv)"
done

# The container's stream headers are there: a decoder can be set up before the first packet.
for file in h264.mp4 hevc.mp4 h264.mkv hevc.mkv; do
    run 0 --overwrite --codec "${file%.*}" source.mp4 "$file"
    [ "${file#*.}" = mp4 ] && check "$file: packets" valid_packets "$file"
    check "$file: extradata of $(field "$file" extradata_size) bytes" test "$(field "$file" extradata_size)" -gt 20
done
equal "mp4's hevc has its tag" hev1 "$(field hevc.mp4 codec_tag_string | sed s/hvc1/hev1/)"

bytes() { stat -c %s "$1"; }

# Quality and bitrate.
run 0 --overwrite --quality 15 source.mp4 good.mp4
run 0 --overwrite --quality 40 source.mp4 bad.mp4
check "--quality 15 is larger than 40" test "$(bytes good.mp4)" -gt "$(bytes bad.mp4)"
check "--quality 15 is better than 40" awk -v a="$(psnr good.mp4 source.mp4)" -v b="$(psnr bad.mp4 source.mp4)" \
    'BEGIN { exit !(a > b + 5) }'
run 0 --overwrite --codec jpeg --quality 95 source.mp4 good.mjpeg
run 0 --overwrite --codec jpeg --quality 20 source.mp4 bad.mjpeg
check "jpeg: --quality 95 is larger than 20" test "$(bytes good.mjpeg)" -gt "$(bytes bad.mjpeg)"
ff -f lavfi -i "testsrc2=s=320x180:r=30:d=6,noise=alls=20:allf=t" -pix_fmt yuv420p -c:v libx264 -preset ultrafast -qp 10 noisy.mp4
for rate in 300 1200; do
    run 0 --overwrite --bitrate ${rate}k noisy.mp4 rate.264
    check "--bitrate ${rate}k gives $(($(bytes rate.264) * 8 / 6000)) kbit/s" \
        awk -v bits="$(($(bytes rate.264) * 8))" -v want=$rate 'BEGIN { rate = bits / 6000; exit !(rate > want * 0.6 && rate < want * 1.4) }'
done
run 0 --overwrite --bitrate 0.3M noisy.mp4 rate2.264
run 0 --overwrite --bitrate 300 noisy.mp4 rate.264
check "0.3M is 300k" cmp -s rate.264 rate2.264

# Pictures of each kind.
kinds() { ffprobe -v error -select_streams v:0 -show_entries frame=pict_type -of csv=p=0 "$1" | tr -d ',\n'; }
key_frames() { ffprobe -v error -select_streams v:0 -show_entries packet=flags -of csv=p=0 "$1" | grep -c K; }
run 0 --overwrite --gop 10 --bframes 0 source.mp4 gop.mp4
equal "--gop 10 --bframes 0: kinds" "$(printf 'IPPPPPPPPP%.0s' 1 2 3 4 5 6)" "$(kinds gop.mp4)"
equal "--gop 10: key frames, marked so" 6 "$(key_frames gop.mp4)"
run 0 --overwrite --bframes 2 source.mp4 b.mp4
check "--bframes 2 makes B-frames: $(kinds b.mp4)" grep -q BB <<<"$(kinds b.mp4)"
check "--bframes 2 makes no three in a row" bash -c "! grep -q BBB <<<'$(kinds b.mp4)'"
check "--bframes 2: packets" valid_packets b.mp4
check "--bframes 2: times" same_times source.mp4 b.mp4 0 exact
run 0 --overwrite --codec hevc --gop 15 source.mp4 gop.mkv
equal "hevc --gop 15: key frames, marked so" 4 "$(key_frames gop.mkv)"

# Speed against size.
run 0 --overwrite --frames 20 --preset slow noisy.mp4 slow.264
run 0 --overwrite --frames 20 --preset 7 noisy.mp4 fast.264
check "--preset is heard" bash -c '! cmp -s slow.264 fast.264'

# More or fewer operations in flight change nothing.
run 0 --overwrite --hash source.mp4 out.264
sum=$(md5sum <out.264)
for depth in 1 2 16 64; do
    run 0 --overwrite --async $depth source.mp4 async.264
    equal "--async $depth: the same stream" "$sum" "$(md5sum <async.264)"
done

run 0 --overwrite --low-power off source.mp4 out.mp4
run 0 --overwrite --memory system --impl software source.mp4 out.mp4

# 10 bits stay 10 bits where the codec can, and become 8 where it cannot.
ff -i source.mkv -pix_fmt yuv420p10le -c:v libx265 -preset ultrafast -x265-params log-level=none:crf=10 ten.mkv
run 0 --overwrite --codec hevc ten.mkv out.mkv
equal "10 bits, hevc" "yuv420p10le Main 10" "$(field out.mkv pix_fmt) $(field out.mkv profile)"
psnr_at_least "10 bits, hevc" out.mkv ten.mkv 35
run 0 --overwrite --codec h264 ten.mkv out.mkv
equal "10 bits, h264" "yuv420p10le High 10" "$(field out.mkv pix_fmt) $(field out.mkv profile)"
run 0 --overwrite --codec jpeg ten.mkv out.mkv
check "10 bits, jpeg: 8 bits" grep -q '^yuvj\?420p$' <<<"$(field out.mkv pix_fmt)"
psnr_at_least "10 bits, jpeg" out.mkv source.mkv 30

finish
