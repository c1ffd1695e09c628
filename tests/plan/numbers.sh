# From numbers: the shapes of pipelines, the budget, and every mistake.
. "$(dirname "$0")/lib.sh"

# mistake WORD ARGUMENTS...: exit status 2, the message names the word, nothing on stdout.
mistake()
{
    word=$1
    shift
    run 2 "$@"
    check "$*: the message names $word" grep -q -e "$word" err.txt
    check "$*: nothing on stdout" test ! -s out.txt
}

# pools "NAME SUGGESTED MIN" ... -- ARGUMENTS...
pools()
{
    wanted=
    while [ "$1" != -- ]; do
        wanted="$wanted$1; "
        shift
    done
    shift
    run 0 --json "$@"
    count=$(json LENGTH pools) got=
    i=0
    while [ "$i" -lt "$count" ]; do
        got="$got$(json pools $i name) $(json pools $i suggested) $(json pools $i min); "
        i=$((i + 1))
    done
    equal "$*" "$wanted" "$got"
}

# The published formula, and the surface between.
pools "decode->encode 13 12" -- --decode 5:9:4 --encode 7:7:4
pools "decode->encode 17 12" -- --decode 5:9 --encode 7
pools "decode 9 5" -- --decode 5:9:4
pools "encode 7 7" -- --encode 7:7:4

# Chains: a pool between each two stages; filters without a source are fed by the application.
pools "decode->vpp 10 9" "vpp->encode 9 8" -- --decode 5:9:4 --vpp 4:4:4/5:5:4 --encode 7:7:4
pools "vpp 4 4" "vpp->encode 9 8" -- --vpp 4:4:4/5:5:4 --encode 7:7:4
pools "decode->vpp 10 9" "vpp->sharpen 6 5" "sharpen 4 4" -- --decode 5:9:4 --vpp 4:4:4/5:5:4 --vpp sharpen=4:4:4/4:4:4

# One decoder for several encoders, which drift apart or go in step.
pools "decode->high, ... 15 14" -- --decode 5:9:4 --encode high=7:7:4 --encode low=6:6:4
pools "decode->high, ... 13 12" -- --decode 5:9:4 --in-step --encode high=7:7:4 --encode low=6:6:4

# Composition, each source in its size, and one pool for all.
run 0 --json --size 640x360 --decode 5:9:4 --size 1920x1088 --decode 5:9:4 --vpp 8:8:4/4:4:4
equal "composition: sizes" "640 1920 1920" "$(json pools 0 width) $(json pools 1 width) $(json pools 2 width)"
pools "left->vpp 18 13" "right->vpp 15 13" "vpp->encode 8 7" -- \
    --decode left=5:9:4 --decode right=5:6:1 --vpp 8:8:4/4:4:4 --encode 7:7:4
pools "shared 17 16" -- --share --decode 8:8:4 --vpp 4:4:4/4:4:4 --encode 12:12:4

# What the application holds belongs to the pool of the stage before.
pools "decode->vpp 12 11" "vpp->encode 12 11" -- \
    --decode 5:9:4 --hold preview:2 --vpp 4:4:4/5:5:4 --hold queue:1 --encode 7:7:4 --hold writer:2
pools "decode->encode 14 13" -- --hold early:1 --decode 5:9:4 --encode 7:7:4

# Frames.
run 0 --json --size 1280x720 --format p010 --decode 3 --vpp 2/2 --size 640x360 --format nv12 --encode 4
equal "the source's frames" "P010 1280x720 2826240" \
    "$(json pools 0 format) $(json pools 0 width)x$(json pools 0 height) $(json pools 0 bytes_per_surface)"
equal "the filter gives what the encoder takes" "NV12 640x360" \
    "$(json pools 1 format) $(json pools 1 width)x$(json pools 1 height)"
equal "total: bytes" "$(($(json pools 0 bytes) + $(json pools 1 bytes)))" "$(json bytes)"

# Text: every term has its name.
run 0 --decode 5:9:4 --encode 7:7:4 --hold writer:2
for term in 'decode, AsyncDepth 4  *5  *9' 'AsyncDepth counted more than once  *-0  *-4' \
    'on its way between components  *+0  *+1' 'held by writer  *+2  *+2' 'surfaces  *14  *15' \
    '15 surfaces of 3 133 440 bytes: 47.0 MB'; do
    check "text has: $term" grep -q "$term" out.txt
done

# Odd names are JSON all the same.
run 0 --json --decode 'a"b\c=1:2' --hold 'tab	end:1' --encode "caf$(printf '\303\251')=1:2" --encode "$(printf 'x\351')=3"
equal "quote and backslash" 'a"b\c' "$(json pools 0 terms 0 name)"
equal "not UTF-8: left out" x "$(json pools 0 terms 2 name)"

# The budget: as many as fit, down to the minimum.
run 0 --json --budget 40M --decode 5:9:4 --encode 3:7:4
equal "all fit" "13 13" "$(json surfaces) $(json suggested)"
run 0 --json --budget 33000000 --decode 5:9:4 --encode 3:7:4
equal "ten of thirteen" "10 13 8" "$(json surfaces) $(json suggested) $(json min)"
check "within" test "$(json bytes)" -le 33000000
run 0 --budget 33000000 --decode 5:9:4 --encode 3:7:4
check "text says so" grep -q 'surfaces within the budget  *8  *10' out.txt
run 11 --budget 20M --decode 5:9:4 --encode 3:7:4
check "not even the minimum: what it takes" grep -q 'not even the minimum fits, 8 surfaces of 25067520 bytes' err.txt
check "not even the minimum: the plan is there" grep -q '^  surfaces ' out.txt
run 0 --json --budget 18014398509481983k --decode 1
equal "a budget beyond all" 1 "$(json surfaces)"

# Counts beyond what a request can ask for.
run 0 --json --decode 65535 --encode 65535
equal "saturated" "65535 saturated" "$(json pools 0 surfaces) $(json pools 0 warnings 0)"
run 0 --decode 65535 --encode 65535
check "saturated: said" grep -q 'warning: more than the 65535 surfaces' out.txt
run 0 --decode 6:5 --encode 1
check "SUGGESTED below MIN: said" grep -q 'warning: decode: its NumFrameSuggested is below its NumFrameMin' out.txt

# 7: what the planner refuses.
run 7 --decode 5:9:4 --encode 3:3:4
check "SUGGESTED below ASYNC" grep -q 'decode->encode: SUGGESTED is less than ASYNC' err.txt
run 7 --decode 5 --format P010 --encode 5
check "formats that differ" grep -q 'cannot share frames' err.txt
run 0 --decode 5 --vpp 1/1 --format P010 --encode 5

# 2: mistakes are named.
mistake nonsense --nonsense
mistake requires --decode
mistake 'needs FILE'
mistake 'needs FILE' --json
for need in '' x 5: 5:9:4:1 :9 -1 65536 5:65536 5:9:-4 0 0:0 name= 5/5; do
    mistake "--decode needs .*not '$need'" --decode "$need"
done
for need in 5 5/ /5 5/5/5 5:9; do mistake "--vpp needs .*not '$need'" --vpp "$need"; done
for hold in 5 :5 a: a:b a:65536 a:1:2; do mistake "--hold needs .*not '$hold'" --decode 5 --hold "$hold"; done
for size in 0x5 5x 5 x5 5x5x5 65536x1; do mistake "--size needs .*not '$size'" --size "$size"; done
for budget in '' x 5T 5MM -1 18446744073709551616 18446744073709551615k; do
    mistake "--budget needs .*not '$budget'" --decode 5 --budget "$budget"
done
mistake "'H264'" --format H264
mistake "'P8'" --format P8
for depth in 0 65 x 4x ''; do mistake "--async needs .*not '$depth'" --async "$depth"; done
mistake "'vp9'" --codec vp9
mistake "'gpu'" --impl gpu
mistake "'disk'" --memory disk
mistake 'decode after --encode' --encode 5 --decode 5
mistake 'vpp after --encode' --encode 5 --vpp 5/5
mistake composes --decode 5 --decode 5 --encode 5
mistake exclude --decode 5 file.mp4
mistake 'one FILE, got 2' a.mp4 b.mp4
mistake exclude --memory system --device /dev/null a.mp4
for option in --share --in-step '--format P010'; do
    # shellcheck disable=SC2086
    mistake 'not for FILE' $option a.mp4
done
for option in '--impl software' '--async 2' '--codec hevc' --deinterlace '--memory va' '--device /dev/null'; do
    # shellcheck disable=SC2086
    mistake "$(echo "$option" | cut -d' ' -f1) is for FILE" $option --decode 5
done
mistake even --size 321x240 a.mp4
stages=
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do stages="$stages --encode $i"; done
# shellcheck disable=SC2086
mistake 'more than 16 stages' $stages --encode 17
# shellcheck disable=SC2086
run 0 $stages

# 0: help says all options, in 100 columns.
run 0 --help
for option in decode vpp encode hold format size share in-step budget json impl async codec deinterlace memory device verbose; do
    check "--help has --$option" grep -q -e "--$option" out.txt
done
check "--help keeps to 100 columns" test "$(wc -L <out.txt)" -le 100

# 9: the output cannot be written.
$WRAPPER "$PROGRAM" --decode 5 >/dev/full 2>err.txt
equal "a full disk" 9 "$?"
check "a full disk is told" grep -q "cannot be written" err.txt
$WRAPPER "$PROGRAM" --help >/dev/full 2>err.txt
equal "--help on a full disk" 9 "$?"
finish
