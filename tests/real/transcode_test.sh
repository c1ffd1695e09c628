# The transcoder with frames in VA surfaces, on the software runtime, which computes every pixel and reaches it through the
# allocator's Lock: what comes out is, bit for bit, what comes out with frames in system memory.
. "$(dirname "$0")/transcode_lib.sh"

avc=(-pix_fmt yuv420p -c:v libx264 -preset veryfast -bf 2)
hevc10=(-pix_fmt yuv420p10le -c:v libx265 -preset ultrafast -x265-params log-level=none)
clip() { # NAME SIZE CODEC...
    local name=$1 size=$2
    shift 2
    ff -f lavfi -i testsrc2=s="$size":r=30:d=1 "$@" "$name"
}
clip avc.mp4 320x180 "${avc[@]}"
clip odd.mp4 322x182 "${avc[@]}"
clip ten.mp4 322x182 "${hevc10[@]}"
clip jpeg.mkv 321x181 -pix_fmt yuvj420p -c:v mjpeg
clip mpeg2.ts 320x176 -pix_fmt yuv420p -c:v mpeg2video -q:v 3
clip vp9.webm 322x182 -pix_fmt yuv420p -c:v libvpx-vp9 -deadline realtime -cpu-used 8
clip nv12.nut 322x182 -pix_fmt nv12 -c:v rawvideo
ff -f lavfi -i "testsrc2=s=320x176:r=60:d=2,tinterlace=interleave_top,fieldorder=tff" -t 1 "${avc[@]}" -flags +ilme+ildct \
    -x264opts tff=1 fields.mp4
clip small.ts 320x180 "${avc[@]}"
clip large.ts 642x362 "${avc[@]}"
cat small.ts large.ts small.ts >sizes.ts

# same FORMAT OUTPUT-TYPE ARGUMENTS...: FORMAT is that of the frames in VA surfaces that the encoder is given.
same() {
    local format=$1 type=$2 hash
    shift 2
    run 0 --overwrite --memory system --json --hash "$@" "system.$type"
    hash=$(json format)/$(json md5)/$(json frames)
    run 0 --overwrite --memory va --device "$node" --json --hash "$@" "va.$type"
    ended "$*"
    equal "$*: format" "$format" "$(json format)"
    # I010, which the driver does not make, holds the samples of P010 in other places.
    [ "$format" = P010 ] || equal "$*: frames" "$hash" "$(json format)/$(json md5)/$(json frames)"
    check "$*: $type is not the same" cmp "system.$type" "va.$type"
    equal "$*: every lock is one map" "$(json allocator locks)" "$(maps)"
    check "$*: at least one map a frame" test "$(maps)" -ge "$(json frames)"
}

same I420 mp4 avc.mp4
same I420 265 --codec hevc --preset veryfast avc.mp4
same I420 mp4 --async 1 --bframes 0 odd.mp4
same I420 mp4 --async 16 --frames 13 odd.mp4
same P010 mp4 --codec hevc --preset veryfast ten.mp4
same P010 mp4 --codec h264 ten.mp4
same I420 mp4 --codec jpeg avc.mp4
same I420 mkv.mjpeg --codec jpeg jpeg.mkv
same I420 mp4 jpeg.mkv
same I420 mp4 mpeg2.ts
same I420 mp4 vp9.webm
same I420 mp4 --size 160x90 avc.mp4
same P010 mp4 --size 482x270 --codec hevc --preset veryfast ten.mp4
same I420 mp4 --deinterlace fields.mp4
same I420 mp4 --deinterlace --size 162x90 fields.mp4
same I420 mp4 --deinterlace --codec jpeg --size 162x90 fields.mp4

# Read from the program itself, and written by it: with NV12 the other tiled format.
same NV12 mp4 nv12.nut
same NV12 mp4 --size 160x90 nv12.nut
same I420 y4m avc.mp4
same I420 nut --codec raw --size 100x100 odd.mp4
same NV12 nut --codec raw nv12.nut

# Ten bits by ffmpeg's own count of them.
run 0 --overwrite --memory va --device "$node" --json --hash --codec raw ten.mp4 ten.yuv
ended "P010"
equal "P010: md5 of the frames, the file" "$(raw_md5 ten.mp4 p010le) $(raw_md5 ten.mp4 p010le)" \
    "$(json md5) $(md5sum <ten.yuv | cut -d' ' -f1)"
# Where a container has no word for P010, 8 bits are left, and that is said.
run 0 --overwrite --memory va --json --codec raw ten.mp4 ten.nut
check "8 of 10 bits: said" grep -q "warning: the output has 8 bits a sample, the source 10" err.txt

# A new size in mid-stream.
same I420 mp4 sizes.ts
equal "sizes.ts: changes" 2 "$(json size_changes)"
same I420 mp4 --deinterlace --size 200x100 sizes.ts

# auto: in surfaces where that works; else it says why not.
run 0 --overwrite --memory auto --device "$node" --json avc.mp4 auto.mp4
equal "auto, with a device" "va " "$(json memory) $(json memory_reason)"
# reason ARGUMENTS... PATTERN: auto, and why frames live in system memory then.
reason() {
    local pattern=${!#}
    run 0 --overwrite --memory auto --json "${@:1:$#-1}"
    equal "auto, $*: memory" "system, " "$(json memory), $(json device)"
    check "auto, $*: says '$(json memory_reason)'" grep -q "$pattern" <<<"$(json memory_reason)"
    clean "auto, $*"
}
reason avc.mp4 auto.mp4 "works on the processor"
reason --codec raw nv12.nut auto.nut "only copied"
reason ten.mp4 auto.y4m "lose depth"
equal "auto, y4m: no depth was lost" I010 "$(json format)"
# When they fail Intel's driver, and Intel's runtime, which the dispatcher asks what it can do, forget things of their own.
no_leaks=${ASAN_OPTIONS:-}:detect_leaks=0
LIBVA_DRIVER_NAME=none ASAN_OPTIONS=$no_leaks reason avc.mp4 auto.mp4 "vaInitialize"

# What people read.
run 0 --overwrite --memory va --stats --plan avc.mp4 stats.mp4
check "stats: the device and its driver" grep -qE "^memory +VA-API surfaces, $node, Intel iHD" out.txt
check "stats: what was done there" grep -qE "^ +surfaces=[0-9]+ .*maps_[a-z]+=[0-9]+ .*syncs=[0-9]+" out.txt
run 0 --overwrite --memory va --verbose avc.mp4 verbose.mp4
equal "every Alloc has its Free" "$(grep -c ': Alloc: ' err.txt)" "$(grep -c ': Free: ' err.txt)"
check "the runtime's Alloc at Init got the program's frames" grep -qE 'Alloc: I420 320x192, type 0x0212, .*shares' err.txt

# What goes wrong.
LIBVA_DRIVER_NAME=none run 12 --overwrite --memory va avc.mp4 broken.mp4
check "no driver: $(cat err.txt)" grep -q "error: no frames in VA-API surfaces: .*vaInitialize($node).*driver.*installed" err.txt
run 12 --overwrite --device "${node}0" avc.mp4 broken.mp4
check "no node: $(cat err.txt)" grep -q "${node}0: No such file" err.txt
if [ "$under_shim" = 1 ]; then
    # The device opens, for which it takes some 30 buffers, and makes no surfaces.
    VFA_I915_FAIL=gem_create:40+:ENOMEM ASAN_OPTIONS=$no_leaks run 7 --overwrite --memory va avc.mp4 broken.mp4
    check "no memory: $(cat err.txt)" grep -q "error: .*in VA-API surfaces.*vaCreateSurfaces" err.txt
    clean "no memory"
    VFA_I915_FAIL=gem_create:40+:ENOMEM ASAN_OPTIONS=$no_leaks reason avc.mp4 auto.mp4 vaCreateSurfaces
fi

# Ctrl-C: what went in comes out, and nothing is left behind.
mkfifo slow
ffmpeg -nostdin -v quiet -stream_loop 100 -readrate 4 -i avc.mp4 -c copy -f matroska -y slow >/dev/null 2>&1 &
feeder=$!
perl -e '$SIG{INT} = "DEFAULT"; exec @ARGV or exit 127' "$TRANSCODE" --memory va --async 1 --json slow interrupted.mkv >out.txt 2>err.txt &
program=$!
n=0
until [ -s interrupted.mkv ] || [ $n -ge 600 ]; do
    sleep 0.05
    n=$((n + 1))
done
kill -INT $program
wait $program
equal "interrupted: exit" 130 $?
ended "interrupted"
check "interrupted: frames" test "$(frames interrupted.mkv)" -gt 0
kill $feeder 2>/dev/null
wait $feeder 2>/dev/null

finish
