# Of a file: the numbers are those that the software runtime gives, and sample_transcode works with.
. "$(dirname "$0")/lib.sh"

clip avc.mp4 libx264 -preset veryfast -bf 2
clip hevc.mkv libx265 -preset ultrafast -x265-params log-level=none
clip jpeg.mkv mjpeg
clip mpeg2.ts mpeg2video
clip raw.y4m wrapped_avframe

# same_as_transcode FILE OUTPUT [ARGUMENTS...]: --codec is said to both
same_as_transcode()
{
    file=$1
    output=$2
    shift 2
    run 0 --json --memory system "$@" "$file"
    planned=$(json surfaces)
    pools=$(json LENGTH pools)
    $WRAPPER "$TRANSCODE" --memory system --overwrite --json "$@" "$file" "$output" >out.txt 2>err.txt
    equal "$*: sample_transcode $file: exit status" 0 "$?"
    equal "$*: $file: surfaces and pools" "$(json allocator frames_planned) $(json LENGTH pools)" "$planned $pools"
}
for clip in avc.mp4 hevc.mkv jpeg.mkv mpeg2.ts raw.y4m; do
    same_as_transcode $clip out.mp4 --codec h264
    same_as_transcode $clip out.y4m --codec raw --async 2
done
same_as_transcode avc.mp4 out.mp4 --codec hevc --async 1
same_as_transcode avc.mp4 out.mkv --codec jpeg --async 7
same_as_transcode avc.mp4 out.mp4 --codec h264 --size 160x96
same_as_transcode avc.mp4 out.mp4 --codec h264 --deinterlace --async 40

# What the runtime's requests contain was measured.
run 0 --json --memory system avc.mp4
equal "decode: AsyncDepth, once" "decode 4 1" \
    "$(json pools 0 terms 0 name) $(json pools 0 terms 0 async_depth) $(json pools 0 terms 0 depth_times)"
equal "encode: AsyncDepth" "encode 4" "$(json pools 0 terms 1 name) $(json pools 0 terms 1 async_depth)"
run 0 --memory system --size 160x96 avc.mp4
equal "text: two pools and their total" "2 1" "$(grep -c '^pool ' out.txt) $(grep -c '^total: ' out.txt)"

# Holds go to the last pool.
run 0 --json --memory system avc.mp4
planned=$(json surfaces)
run 0 --json --memory system --hold preview:3 avc.mp4
equal "--hold" "$((planned + 3))" "$(json surfaces)"
run 11 --memory system --budget 1k avc.mp4
check "--budget" grep -q 'not even the minimum fits' err.txt

# Mistakes, and what cannot be asked.
run 3 no-such-file.mp4
run 5 "$PROGRAM"
ffmpeg -nostdin -v error -y -f lavfi -i sine=d=1 sound.wav
run 4 sound.wav
ONEVPL_PRIORITY_PATH=/dev/null run 6 --impl software avc.mp4
run 12 --memory va --device /dev/null avc.mp4
check "nothing on stdout" test ! -s out.txt
finish
