# Inputs that break off or are damaged: what can be transcoded is, with a warning; never a crash, never a hang.
. "$(dirname "$0")/lib.sh"

ff -f lavfi -i testsrc2=s=320x180:r=30:d=3 -f lavfi -i sine=440:d=3 -pix_fmt yuv420p -c:v libx264 -preset veryfast -g 15 \
    -c:a aac -movflags +faststart source.mp4
ff -i source.mp4 -c copy source.ts
ff -i source.mp4 -c copy source.mkv
ff -i source.mp4 -an -f yuv4mpegpipe source.y4m
ff -i source.mp4 -an -c copy source.264

# Longer, and it hangs. Checkers make it slower.
limit=120
[ -z "$WRAPPER" ] || limit=1800

# survives FILE: done, or damaged; and what was written can be played to its end.
survives() {
    local status
    rm -f out.mkv
    # shellcheck disable=SC2086
    timeout $limit $WRAPPER "$TRANSCODE" --overwrite "$1" out.mkv >out.txt 2>err.txt
    status=$?
    check "$1: exit $status: $(tail -n 1 err.txt)" test $status -eq 0 -o $status -eq 5 -o $status -eq 4
    [ $status -ne 0 ] || check "$1: playable" test "$(frames out.mkv)" -gt 0
    return 0
}

# Broken off: most of the frames are there, and the user is told where the container allows to know.
cut_at() { head -c $(($(stat -c %s "$1") * $2 / 100)) "$1" >"$3"; }
for input in source.mp4 source.ts source.mkv source.y4m source.264; do
    cut_at $input 60 cut.${input#*.}
    run 0 --overwrite cut.${input#*.} out.mkv
    count=$(frames out.mkv)
    check "cut.${input#*.}: $count of 90 frames" test "$count" -ge 40 -a "$count" -le 70
done
run 0 --overwrite --json cut.mp4 out.mkv
check "mp4: a warning" grep -q "warning: the input" err.txt
check "mp4: in the summary" grep -q '"truncated_input": true' out.txt
run 0 --overwrite --json source.mp4 out.mkv
equal "a whole input: no warning" "" "$(grep warning err.txt)"
check "a whole input: in the summary" grep -q '"truncated_input": false' out.txt

# Of a picture that is not whole libavformat says nothing.
check "y4m: a warning" grep -q "warning: the input breaks off: its last picture" <(run 0 --overwrite cut.y4m out.mkv && cat err.txt)
run 0 --overwrite source.y4m out.mkv
equal "a whole y4m: no warning" "" "$(grep warning err.txt)"
head -c 1000 source.y4m >none.y4m
run 5 none.y4m none.mkv
check "y4m without a picture: no output" test ! -e none.mkv
head -c 20 source.y4m >none.y4m
run 5 none.y4m none.mkv

# Cut anywhere.
for percent in 1 3 10 33 50 77 99; do
    for input in source.mp4 source.ts source.mkv source.264; do
        cut_at $input $percent cut.$percent.${input#*.}
        survives cut.$percent.${input#*.}
    done
done

# Bytes overwritten, in the middle and all over. (awk makes the places: the same in every run.)
scramble() { # FILE OUT SEED COUNT FIRST_BYTE
    local size at
    size=$(stat -c %s "$1")
    cp "$1" "$2"
    for at in $(awk -v size="$size" -v seed="$3" -v n="$4" -v first="$5" \
        'BEGIN { srand(seed); for (i = 0; i < n; i++) print int(first + rand() * (size - first - 1)) }'); do
        printf '\xa5\x00\xff' | dd of="$2" bs=1 seek="$at" conv=notrunc status=none
    done
}
for seed in 1 2 3; do
    for input in source.mp4 source.ts source.mkv source.264; do
        scramble $input bad.$seed.${input#*.} $seed 40 5000
        survives bad.$seed.${input#*.}
    done
done

# A hole in the middle of a transport stream: the parts on both sides are there.
size=$(stat -c %s source.ts)
packets=$((size / 188))
{
    head -c $((packets / 3 * 188)) source.ts
    tail -c $((packets / 3 * 188)) source.ts
} >hole.ts
run 0 --overwrite hole.ts out.mp4
count=$(frames out.mp4)
check "hole.ts: $count of 90 frames" test "$count" -ge 40
check "hole.ts: packets" valid_packets out.mp4

# The whole video is noise, in a container that is sound.
ff -i source.264 -c copy -bsf:v "noise=amount=1" -f h264 noise.264
survives noise.264

# Begins without a key frame: from the next one on.
ff -i source.264 -c copy -bsf:v "noise=amount=0:drop='lt(n,5)'" -f h264 headless.264
run 0 --overwrite headless.264 out.mkv
check "headless.264: $(frames out.mkv) frames" test "$(frames out.mkv)" -ge 70

finish
