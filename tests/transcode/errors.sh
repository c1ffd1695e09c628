# Every exit code, and that its message says what is wrong.
. "$(dirname "$0")/lib.sh"

ff -f lavfi -i testsrc2=s=320x180:r=30:d=1 -f lavfi -i sine=440:d=1 -pix_fmt yuv420p -c:v libx264 -preset ultrafast -c:a aac \
    source.mp4

# says PATTERN: the message, on stderr, in one line that begins with the program's name.
says() {
    check "says '$1', but: $(head -c 300 err.txt)" grep -q "^sample_transcode: error: .*$1" err.txt
    equal "nothing on stdout" "" "$(cat out.txt)"
}

# 2: usage.
for arguments in "" "source.mp4" "source.mp4 a.mp4 b.mp4" "--nonsense source.mp4 a.mp4" "--codec h266 source.mp4 a.mp4" \
    "--bitrate fast source.mp4 a.mp4" "--bitrate 0 source.mp4 a.mp4" "--bitrate -5 source.mp4 a.mp4" "--bitrate 5000M source.mp4 a.mp4" \
    "--quality 0 source.mp4 a.mp4" "--quality 1e3 source.mp4 a.mp4" "--codec hevc --quality 60 source.mp4 a.mp4" "--quality 60 source.mp4 a.mkv" \
    "--quality 20 --bitrate 500k source.mp4 a.mp4" "--preset 9 source.mp4 a.mp4" "--gop 0 source.mp4 a.mp4" \
    "--gop 70000 source.mp4 a.mp4" "--bframes 17 source.mp4 a.mp4" "--size 320 source.mp4 a.mp4" "--size 0x0 source.mp4 a.mp4" \
    "--size 321x180 source.mp4 a.mp4" "--size 99999x99999 source.mp4 a.mp4" "--size 320x180x source.mp4 a.mp4" \
    "--async 0 source.mp4 a.mp4" "--async 65 source.mp4 a.mp4" "--memory cloud source.mp4 a.mp4" \
    "--memory system --device /dev/dri/renderD128 source.mp4 a.mp4" "--device" "--impl magic source.mp4 a.mp4" \
    "--frames 0 source.mp4 a.mp4" "--frames 99999999999999999999 source.mp4 a.mp4" "--low-power maybe source.mp4 a.mp4" \
    "--json source.mp4 -" "--format nonsense source.mp4 a.mp4" "source.mp4 a.unknown" "source.mp4 source.mp4" \
    "--overwrite source.mp4 ./source.mp4"; do
    # shellcheck disable=SC2086
    run 2 $arguments
    check "usage '$arguments': says why" grep -q '^sample_transcode: error: ' err.txt
done
equal "usage: no file was made" source.mp4 "$(ls ./*.mp4 | xargs -n 1 basename)"

# 3: the input cannot be opened.
run 3 missing.mp4 out.mp4
says "missing.mp4.*No such file"
mkdir folder
run 3 folder out.mp4
says "folder"

# 4: no video.
ff -i source.mp4 -map 0:a -c copy sound.m4a
run 4 sound.m4a out.mp4
says "no video stream"
ff -f lavfi -i color=s=64x64 -frames:v 1 cover.png
ff -i sound.m4a -i cover.png -map 0 -map 1 -c copy -disposition:v attached_pic cover.m4a
run 4 cover.m4a out.mp4
says "no video stream"

# 5: damaged beyond use.
: >empty.mp4
# The same bytes each time: now and then true noise passes for a codec.
seq 60000 | gzip -n | tail -c +1000 | head -c 100000 >random.mp4
head -c 3000 source.mp4 >index.mp4
for input in empty.mp4 random.mp4; do
    run 5 "$input" out.mp4
    says "$input"
done

# 6: no runtime.
mkdir nothing
saved=$ONEVPL_PRIORITY_PATH
ONEVPL_PRIORITY_PATH=$PWD/nothing run 6 --impl hardware source.mp4 out.mp4
says "no VPL runtime"
ONEVPL_PRIORITY_PATH=$saved

# 7: cannot be done.
ff -i source.mp4 -c:v mpeg4 -an mpeg4.mp4
run 7 mpeg4.mp4 out.mp4
says "mpeg4"
run 7 --codec hevc source.mp4 out.264
says "h264.*cannot hold hevc"
run 7 source.mp4 out.wav
says "holds no video"
ff -f lavfi -i testsrc2=s=320x180:d=0.2 -pix_fmt yuv444p -c:v libx264 -preset ultrafast 444.mp4
run 7 444.mp4 out.mp4
says "vfa-softrt.*320x180"
ff -f lavfi -i testsrc2=s=64x64:d=0.1 -pix_fmt yuv444p -f yuv4mpegpipe 444.y4m
run 7 444.y4m out.mp4
says "yuv444p"
run 7 --low-power on source.mp4 out.mp4
says "vfa-softrt"
check "7: no file was made" test ! -e out.mp4

# 8: the output exists, and is not touched.
echo precious >out.mp4
run 8 source.mp4 out.mp4
says "exists"
equal "8: not touched" precious "$(cat out.mp4)"
run 5 --overwrite random.mp4 out.mp4
equal "not touched either before the input is known to be good" precious "$(cat out.mp4)"
run 0 --overwrite source.mp4 out.mp4
equal "--overwrite" "h264 320x180 30" "$(summary out.mp4)"

# Whatever it is called, and however many files the container makes of it.
cp source.mp4 whole.mp4
run 8 whole.mp4 file:out.mp4
says "file:out.mp4.*exists"
equal "8: not touched, by its address" "h264 320x180 30" "$(summary out.mp4)"
for arguments in "source.mp4 file:source.mp4" "--overwrite source.mp4 file:source.mp4" "--overwrite file:source.mp4 source.mp4"; do
    # shellcheck disable=SC2086
    run 2 $arguments
    says "same file"
done
for name in tee:out.mp4 md5:out.mp4 crypto:out.mp4 "out: 1.mp4"; do
    run 2 source.mp4 "$name"
    says "a file of that name is './$name'"
done
check "the input is whole" cmp -s source.mp4 whole.mp4
run 0 source.mp4 "./out: 1.mp4"
echo precious >still2.jpg
run 8 --frames 3 source.mp4 still%d.jpg
check "one picture of several exists: $(cat err.txt)" grep -q "error: 'still2.jpg' exists" err.txt
equal "8: a picture is not touched" precious "$(cat still2.jpg)"
run 0 --overwrite --frames 3 source.mp4 still%d.jpg
equal "--overwrite of pictures" "mjpeg 320x180 1" "$(summary still2.jpg)"
run 9 --frames 3 source.mp4 still.jpg
check "pictures without a number: $(cat err.txt)" grep -q "needs a number" err.txt
echo precious >part0.ts
run 8 source.mp4 part.m3u8
check "a segment exists: $(cat err.txt)" grep -q "error: 'part0.ts' exists" err.txt
equal "8: a segment is not touched" precious "$(cat part0.ts)"
run 0 source.mp4 other.m3u8
run 0 --overwrite source.mp4 part.m3u8
check "--overwrite of segments" cmp -s part0.ts other0.ts

# 9: cannot be written.
run 9 source.mp4 no/such/folder/out.mp4
says "No such file"
run 9 --overwrite --format mp4 source.mp4 folder
says "directory"
for container in mp4 matroska mpegts h264 yuv4mpegpipe nut; do
    run 9 --format $container source.mp4 /dev/full
    check "$container: says that the disk is full: $(cat err.txt)" grep -q "error: .*disk is full" err.txt
done
ff -f lavfi -i "testsrc2=s=320x180:r=30:d=4,noise=alls=40:allf=t" -pix_fmt yuv420p -c:v libx264 -preset ultrafast noisy.mp4
(
    ulimit -f 200
    # shellcheck disable=SC2086
    $WRAPPER "$TRANSCODE" --quality 5 --preset veryfast noisy.mp4 big.mp4 >out.txt 2>err.txt
    echo $? >status.txt
)
equal "a limit on the size of files" 9 "$(cat status.txt)"
check "says so: $(cat err.txt)" grep -q "cannot write 'big.mp4'" err.txt

# Started without stdin and stdout, it does not take its output for stdout.
# shellcheck disable=SC2086
$WRAPPER "$TRANSCODE" source.mp4 open.mp4 >out.txt 2>err.txt
# shellcheck disable=SC2086
$WRAPPER "$TRANSCODE" --plan --stats source.mp4 closed.mp4 <&- >&- 2>err.txt
equal "without stdout: exit" 9 "$?"
check "without stdout: the output is whole" cmp -s open.mp4 closed.mp4
# shellcheck disable=SC2086
$WRAPPER "$TRANSCODE" --help >/dev/full 2>err.txt
equal "--help on a full disk" 9 "$?"
# shellcheck disable=SC2086
$WRAPPER "$TRANSCODE" --overwrite --format mpegts --stats source.mp4 /dev/stdout >standard.ts 2>err.txt
equal "stdout by its name: exit" 0 "$?"
equal "stdout by its name: nothing but the video" 0 "$(grep -a -c 'frames, h264' standard.ts)"
check "stdout by its name: reports on stderr" grep -q '30 frames, h264 320x180' err.txt

# 12: no device for frames in VA-API surfaces. Asked for by name it must be there, whatever --memory says.
for arguments in "--memory va --device $PWD/no-such-node" "--device $PWD/no-such-node" "--memory auto --device $PWD/no-such-node"; do
    # shellcheck disable=SC2086
    run 12 $arguments source.mp4 device.mp4
    [ "$VFA_HAVE_VA" = 0 ] || says "VA-API surfaces: .*no-such-node: No such file.*--memory system"
    says "VA-API"
done
run 12 --memory va --device source.mp4 source.mp4 device.mp4 # a file that is no node
says "VA-API"
run 12 --memory va --device "" source.mp4 device.mp4
says "VA-API"
[ -e /dev/dri ] || {
    run 12 --memory va source.mp4 device.mp4
    says "VA-API"
}
check "12: no file was made" test ! -e device.mp4

finish
