# Ctrl-C and termination: the output is finished and can be played.
. "$(dirname "$0")/lib.sh"

ff -f lavfi -i testsrc2=s=320x180:r=30:d=60 -f lavfi -i sine=440:d=60 -pix_fmt yuv420p -c:v libx264 -preset ultrafast -c:a aac \
    source.mkv

# Starts the program in the background with SIGINT as a terminal's program has it; bash ignores it for its jobs.
launch() {
    perl -e '$SIG{INT} = "DEFAULT"; exec @ARGV or exit 127' $WRAPPER "$TRANSCODE" "$@" >out.txt 2>err.txt &
    pid=$!
}

# Until the output has begun.
wait_for() {
    local n=0
    until [ -s "$1" ] || [ $n -ge 600 ]; do
        sleep 0.05
        n=$((n + 1))
    done
}

# stopped WHAT OUTPUT: exit 130, and what is there can be played.
stopped() {
    local status count
    wait $pid
    status=$?
    equal "$1: exit" 130 $status
    count=$(frames "$2")
    check "$1: $count frames" test "${count:-0}" -gt 0 -a "${count:-0}" -lt 1800
    check "$1: the summary is there" grep -q "^$2: $count frames" out.txt
}

# Slowly enough to be caught at work.
at_work() { # SIGNAL OUTPUT
    mkfifo slow
    ffmpeg -nostdin -v quiet -readrate 6 -i ../source.mkv -c copy -f matroska -y slow >/dev/null 2>&1 &
    feeder=$!
    launch --async 1 slow "$2"
    wait_for "$2"
    sleep 0.7
    kill -"$1" $pid
    stopped "SIG$1, $2" "$2"
    kill $feeder 2>/dev/null
    wait $feeder 2>/dev/null
}

# While it waits for a pipe in which nothing comes.
silent() {
    mkfifo silent
    sleep 60 >silent &
    holder=$!
    launch silent out.mp4
    sleep 1
    kill -INT $pid
    wait $pid
    equal "waiting for the first byte: exit" 130 $?
    check "waiting for the first byte: no output" test ! -e out.mp4
    kill $holder
    wait $holder 2>/dev/null
}

# While it opens a pipe that nobody has at the other end.
alone() { # SIGNAL INPUT OUTPUT
    mkfifo alone
    launch "$2" "$3" --format matroska
    sleep 2
    kill -"$1" $pid
    wait $pid
    equal "SIG$1, opening a pipe: exit" 130 $?
    check "SIG$1, opening a pipe: says so: $(cat err.txt)" grep -q "interrupted before" err.txt
}

# The pipe stalls in the middle.
stalled() {
    mkfifo stalled
    {
        head -c 400000 ../source.mkv
        exec sleep 60
    } >stalled &
    holder=$!
    launch stalled out.mkv
    wait_for out.mkv
    sleep 1
    kill -TERM $pid
    stopped "a pipe that stalls" out.mkv
    kill $holder
    wait $holder 2>/dev/null
}

# Most of the time all of them wait: so they do it side by side.
for signal in INT TERM; do
    for output in out.mp4 out.mkv out.y4m; do
        beside at_work $signal $output
    done
done
for signal in INT TERM; do
    beside alone $signal alone out.mkv
    beside alone $signal ../source.mkv alone
done
beside silent
beside stalled
finish_all
