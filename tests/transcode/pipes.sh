# stdin and stdout.
. "$(dirname "$0")/lib.sh"

ff -f lavfi -i testsrc2=s=320x180:r=30:d=2 -f lavfi -i sine=440:d=2 -pix_fmt yuv420p -c:v libx264 -preset ultrafast -c:a aac \
    -movflags +faststart source.mp4
ff -i source.mp4 -c copy source.mkv
run 0 source.mp4 direct.264

# piped ARGUMENTS...: from stdin to stdout, stdout in the file "piped".
piped() {
    checks=$((checks + 1))
    # shellcheck disable=SC2086
    if ! cat source.mkv | $WRAPPER "$TRANSCODE" "$@" >piped 2>err.txt; then
        failures=$((failures + 1))
        echo "FAILED: sample_transcode $*: $(cat err.txt)"
    fi
}

piped - -
equal "to stdout: Matroska" "matroska,webm" "$(ffprobe -v error -show_entries format=format_name -of default=nw=1:nk=1 piped)"
equal "to stdout" "h264 320x180 60" "$(summary piped)"
equal "to stdout: sound" "$(copied_md5 source.mp4 a:0)" "$(copied_md5 piped a:0)"
check "the reports go to stderr" grep -q "60 frames, h264 320x180" err.txt
piped --format mp4 - -
equal "mp4 to stdout" "h264 320x180 60" "$(summary piped)"
check "mp4 to stdout: times" same_times source.mkv piped 0.0001
piped --format mpegts - -
equal "ts to stdout" "h264 320x180 60" "$(summary piped)"
piped --format h264 - -
check "h264 to stdout: the same bytes as in a file" cmp -s piped direct.264
piped --codec raw - -
check "raw to stdout: y4m" grep -q -a '^YUV4MPEG2 W320 H180' piped
equal "raw to stdout" "$(raw_md5 source.mp4)" "$(raw_md5 piped)"
piped --format nut --codec hevc - -
equal "nut to stdout" "hevc 320x180 60" "$(summary piped)"
piped --plan --stats - -
check "--plan on stderr" grep -q 'decode->encode' err.txt
equal "--plan: stdout is a video all the same" "h264 320x180 60" "$(summary piped)"

# An mp4 whose index comes first can be read from a pipe.
checks=$((checks + 1))
# shellcheck disable=SC2086
$WRAPPER "$TRANSCODE" - out.mp4 <source.mp4 >out.txt 2>err.txt || {
    failures=$((failures + 1))
    cat err.txt
}
equal "mp4 from stdin" "h264 320x180 60" "$(summary out.mp4)"

# Two of them, one after the other.
# shellcheck disable=SC2086
$WRAPPER "$TRANSCODE" --codec raw source.mp4 - 2>err.txt | $WRAPPER "$TRANSCODE" --overwrite - out.mp4 >out.txt 2>err2.txt
equal "a chain: exits $(cat err.txt err2.txt)" "0 0" "${PIPESTATUS[*]}"
equal "a chain" "h264 320x180 60" "$(summary out.mp4)"

# The reader goes away.
# shellcheck disable=SC2086
{
    $WRAPPER "$TRANSCODE" --codec raw --format yuv4mpegpipe source.mp4 - 2>err.txt
    echo $? >status.txt
} | head -c 1000 >/dev/null
equal "a reader that goes away" 9 "$(cat status.txt)"
check "says so: $(cat err.txt)" grep -q "Broken pipe" err.txt

# Nothing comes.
run 5 - out.mkv </dev/null

finish
