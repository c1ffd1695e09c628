# Of a file, on Intel's own runtime: what it asks for in video memory and in system memory.
. "$(dirname "$0")/lib.sh"

clip avc.mp4 libx264 -preset veryfast -bf 2
run 0 --json --impl hardware --memory va --device "$VFA_TEST_NODE" avc.mp4
planned=$(json surfaces)
equal "decode and encode count AsyncDepth" "4 4" \
    "$(json pools 0 terms 0 async_depth) $(json pools 0 terms 1 async_depth)"
equal "the frames are the decoder's" "NV12 320x176" \
    "$(json pools 0 format) $(json pools 0 width)x$(json pools 0 height)"
"$TRANSCODE" --impl hardware --memory va --device "$VFA_TEST_NODE" --overwrite --json avc.mp4 out.264 >out.txt 2>err.txt
equal "as sample_transcode plans" "$(json allocator frames_planned)" "$planned"

run 0 --json --impl hardware --memory va --device "$VFA_TEST_NODE" --size 160x96 avc.mp4
equal "two pools" 2 "$(json LENGTH pools)"
run 0 --impl hardware --memory system avc.mp4
check "in system memory too AsyncDepth is counted twice" grep -q 'counted more than once  *-4  *-4' out.txt
finish
