# The transcoder with frames in VA surfaces, on Intel's own runtime: decoder, filters and encoder work on the surfaces
# themselves, and the program maps them only where it wants pixels.
#
# Under the shim no picture is computed: what is looked at is that all frames go through, with the calls that they take, and
# that nothing is left behind. AVC and JPEG encode to 1024 bytes a frame there, of no meaning; HEVC finds in its own bitstream
# that nothing was encoded, and fails.
. "$(dirname "$0")/transcode_lib.sh"

ff -f lavfi -i testsrc2=s=320x180:r=30:d=1 -pix_fmt yuv420p -c:v libx264 -preset veryfast -bf 2 avc.mp4
ff -f lavfi -i testsrc2=s=320x176:r=30:d=1 -pix_fmt nv12 -c:v rawvideo nv12.nut
ff -f lavfi -i testsrc2=s=320x180:r=30:d=1 -pix_fmt yuvj420p -c:v mjpeg jpeg.mkv

# hardware MAPS OUTPUT ARGUMENTS...: how many maps the program makes of surfaces; none is made by the runtime.
hardware() {
    local maps=$1 output=$2
    shift 2
    run 0 --overwrite --impl hardware --memory va --device "$node" --json "$@" "$output"
    ended "$*"
    equal "$*: runtime" mfx-gen "$(json runtime)"
    equal "$*: frames" 30 "$(json frames)"
    equal "$*: locks and maps" "$maps $maps" "$(json allocator locks) $(maps)"
    if [ "$under_shim" = 0 ]; then
        equal "$*: frames in the file" 30 "$(frames "$output")"
    fi
}

# One Alloc by the program, and the runtime's at the decoder's Init, which finds the same frames.
hardware 0 out.264 --low-power on avc.mp4
equal "Allocs: the program's and Init's" "2 1" "$(json allocator allocs) $(json allocator shared)"
[ "$under_shim" = 0 ] || equal "the file has what the runtime gave" $((30 * 1024)) "$(stat -c %s out.264)"
[ "$under_shim" = 1 ] || psnr_at_least "pictures" out.264 avc.mp4 30
hardware 0 out.264 avc.mp4 # the mode that the device has is found
hardware 0 out.mp4 --async 1 avc.mp4
hardware 0 out.264 --async 16 avc.mp4
hardware 0 out.264 --size 640x360 avc.mp4
hardware 0 out.264 --deinterlace avc.mp4
hardware 0 out.mkv --codec jpeg jpeg.mkv

# What the program itself reads or writes is mapped, once for each frame, and a read puts nothing back.
hardware 30 out.264 --hash avc.mp4
equal "--hash: no pixels were put back" 0 "$(json va writebacks)"
hardware 30 out.nut --codec raw avc.mp4
equal "raw: no pixels were put back" 0 "$(json va writebacks)"
hardware 30 out.264 nv12.nut

run 0 --overwrite --impl hardware --json avc.mp4 --memory auto out.264
equal "auto" "va " "$(json memory) $(json memory_reason)"
run 0 --overwrite --impl hardware --json avc.mp4 out.264
equal "system: memory, failed calls" "system 0" "$(json memory) $(json allocator failed)"
check "system: the runtime locks" test "$(json allocator locks)" -ge 30

run 0 --overwrite --impl hardware --memory va --verbose avc.mp4 out.264
equal "every Alloc has its Free" "$(grep -c ': Alloc: ' err.txt)" "$(grep -c ': Free: ' err.txt)"
check "Init's Alloc shares the program's frames" grep -qE 'Alloc: NV12 320x192, type 0x0212, .*shares' err.txt

# A runtime that fails at work.
if [ "$under_shim" = 1 ]; then
    run 10 --overwrite --impl hardware --memory va --codec hevc avc.mp4 out.265
    check "says where: $(cat err.txt)" grep -q "waiting for an encoded frame" err.txt
    clean "a runtime that fails"
fi

finish
