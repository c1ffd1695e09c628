# What the program tells: help, summary, plan, figures, JSON; and that every frame is the allocator's.
. "$(dirname "$0")/lib.sh"

ff -f lavfi -i testsrc2=s=320x180:r=30:d=2 -pix_fmt yuv420p -c:v libx264 -preset ultrafast source.mp4

# Help: every option, every exit code.
run 0 --help
for word in --codec --bitrate --quality --preset --gop --bframes --size --deinterlace --async --memory --device --impl --frames --low-power \
    --hash --overwrite --plan --stats --json --format; do
    check "--help tells of $word" grep -q -- "$word" out.txt
done
for code in 0 1 2 3 4 5 6 7 8 9 10 11 12 130; do
    check "--help tells of exit code $code" grep -qE "^ +$code  " out.txt
done

# The last line: path, frames, codec, size, memory.
run 0 --plan --stats --overwrite source.mp4 out.mp4
check "summary: $(tail -n 1 out.txt)" grep -qE \
    '^out\.mp4: 60 frames, h264 320x180, [0-9.]+ s, [0-9.]+ fps; peak frame memory [0-9.]+ MB in [0-9]+ surfaces$' <(tail -n 1 out.txt)
check "plan: names both ends" grep -q 'pool "decode->encode": I420 320x' out.txt
check "plan: every term" grep -qE 'decode, AsyncDepth 4' out.txt
check "stats: the runtime" grep -q '^runtime *vfa-softrt' out.txt
equal "nothing on stderr" "" "$(cat err.txt)"
check "no progress line where there is no terminal" bash -c "! grep -q fps err.txt"

# Every frame that a stage has is one of the plan's, in memory of our allocator.
for arguments in "out.mp4" "--size 160x90 out.mp4" "out.y4m" "--deinterlace --codec hevc out.mkv" "--codec jpeg out.mkv" \
    "--async 1 out.mp4" "--async 32 --size 640x360 out.y4m"; do
    # shellcheck disable=SC2086
    run 0 --json --overwrite source.mp4 $arguments
    equal "$arguments: JSON can be read, and counts" 60 "$(json frames)"
    equal "$arguments: frames live are those planned" "$(json allocator frames_planned)" "$(json allocator frames_live)"
    check "$arguments: there are frames" test "$(json allocator frames_live)" -gt 0
    equal "$arguments: no failed calls" 0 "$(json allocator failed)"
    equal "$arguments: no timeouts" 0 "$(json pools 0 timeouts)"
    check "$arguments: the pool is used" test "$(json pools 0 acquired)" -ge 60
    check "$arguments: frames were locked" test "$(json allocator locks)" -ge 60
done
equal "json: exit" 0 "$(json exit)"
run 0 --json --overwrite --hash source.mp4 'a "strange" \name.mp4'
equal "json: names are escaped" 'a "strange" \name.mp4' "$(json output)"
equal "json: md5" "$(raw_md5 source.mp4)" "$(json md5)"
equal "json: bytes" "$(stat -c %s 'a "strange" \name.mp4')" "$(json bytes)"
check "json: the summary for people is on stderr" grep -q "60 frames" err.txt
equal "json: runtime" vfa-softrt "$(json runtime)"

# Where frames live.
equal "json: memory as it was asked for" "system, , , , 0" \
    "$(json memory), $(json memory_reason), $(json device), $(json vendor), $(json va | grep -c surfaces)"
run 0 --stats --overwrite source.mp4 out.mp4
check "stats: memory" grep -qE '^memory +system$' out.txt
run 0 --json --overwrite --memory auto source.mp4 out.mp4
case $(json memory) in
va) check "auto: a device, and its driver: $(json device), $(json vendor)" test -n "$(json device)" -a -n "$(json vendor)" ;;
system) check "auto: why not in a device" test -n "$(json memory_reason)" ;;
*) check "auto: memory is one of two kinds: $(json memory)" false ;;
esac

# A longer depth takes more surfaces.
run 0 --json --overwrite --async 2 source.mp4 out.mp4
few=$(json pools 0 planned)
run 0 --json --overwrite --async 20 source.mp4 out.mp4
check "--async 20 plans more than --async 2: $few, $(json pools 0 planned)" test "$(json pools 0 planned)" -ge $((few + 10))

finish
