# A runtime that is slow, busy, fails, or gives surfaces back early, as its test knobs make it (docs/softrt-knobs.md): what
# the transcoder does then.
. "$(dirname "$0")/lib.sh"

ff -f lavfi -i testsrc2=s=320x180:r=30:d=0.8 -pix_fmt yuv420p -c:v libx264 -preset ultrafast -bf 2 source.mp4
scaled=(--size 160x90)

# knobs WORDS EXPECTED_STATUS ARGUMENTS...
knobs() {
    local words=$1
    shift
    SOFTRT_KNOBS=$words run "$@"
}

run 0 "${scaled[@]}" source.mp4 plain.mp4
run 0 --codec raw source.mp4 plain.y4m
plain=$(raw_md5 plain.mp4)

# Late and busy: the same video.
for words in latency=any:3ms,busy=any:2 busy=decode:3,busy=encode:5; do
    knobs "$words" 0 --overwrite "${scaled[@]}" source.mp4 out.mp4
    equal "$words: the same video" "$plain" "$(raw_md5 out.mp4)"
    equal "$words: nothing is said" "" "$(cat err.txt)"
done

# Data.Locked that falls before the pixels are there: no frame is another one's.
knobs drop_locked=1,latency=decode:10ms 0 --codec raw source.mp4 early.y4m
check "drop_locked: the same frames" cmp -s plain.y4m early.y4m
knobs drop_locked=1,latency=decode:5ms,latency=vpp:5ms 0 --overwrite "${scaled[@]}" source.mp4 out.mp4
equal "drop_locked: the same video" "$plain" "$(raw_md5 out.mp4)"

# A failure ends it with a message that names the call and the status.
fails() { # WORDS PATTERN [OPTION...]
    local words=$1 pattern=$2
    shift 2
    knobs "$words" 10 --overwrite "${scaled[@]}" "$@" source.mp4 out.mkv
    check "$words: says '$pattern', but: $(head -c 400 err.txt)" grep -q "^sample_transcode: error: .*$pattern" err.txt
}
# What depends on an operation that failed is aborted: the message tells of that one.
aborted() { # WORDS CAUSE [OPTION...]
    local words=$1 cause=$2
    shift 2
    fails "$words" "answers MFX_ERR_ABORTED, because $cause; the device has failed: try again" "$@"
}
decoding='decoding frame 6 ended with MFX_ERR_GPU_HANG (MFXVideoDECODE_DecodeFrameAsync)'
filtering='filtering frame 6 ended with MFX_ERR_DEVICE_LOST (MFXVideoVPP_RunFrameVPPAsync)'
aborted fail=decode:7:MFX_ERR_GPU_HANG "$decoding"
aborted fail=decode:7:MFX_ERR_GPU_HANG "$decoding" --async 1
aborted fail=decode:7:MFX_ERR_GPU_HANG "$decoding" --codec raw
aborted fail=vpp:7:MFX_ERR_DEVICE_LOST "$filtering"
aborted fail=vpp:7:MFX_ERR_DEVICE_LOST,latency=vpp:5ms "$filtering"
aborted fail=vpp:7+:MFX_ERR_DEVICE_LOST,fail=decode:9:MFX_ERR_GPU_HANG "$filtering" --async 16
fails fail=encode:7:MFX_ERR_GPU_HANG 'waiting for an encoded frame: MFXVideoCORE_SyncOperation answers MFX_ERR_GPU_HANG; the device has failed'
fails fail_call=decode:7:MFX_ERR_DEVICE_FAILED 'MFXVideoDECODE_DecodeFrameAsync answers MFX_ERR_DEVICE_FAILED; the device has failed'
fails fail_call=vpp:7:MFX_ERR_DEVICE_FAILED 'MFXVideoVPP_RunFrameVPPAsync answers MFX_ERR_DEVICE_FAILED; the device has failed'
fails fail_call=encode:7:MFX_ERR_DEVICE_FAILED 'MFXVideoENCODE_EncodeFrameAsync answers MFX_ERR_DEVICE_FAILED; the device has failed'

# What the transcoder can mend it mends: a bitstream said to be too small becomes larger.
knobs fail_call=encode:3:MFX_ERR_NOT_ENOUGH_BUFFER 0 --overwrite "${scaled[@]}" source.mp4 out.mp4
equal "a small bitstream: the same video" "$plain" "$(raw_md5 out.mp4)"

# A wrong word: no session, and stderr says which.
knobs latency=decode:5 6 --overwrite source.mp4 out.mp4
check "a wrong word: says which, but: $(head -c 300 err.txt)" grep -q "SOFTRT_KNOBS, in 'latency=decode:5': '5' is not a time" err.txt
check "a wrong word: no session" grep -q '^sample_transcode: error: .*MFXCreateSession' err.txt

finish
