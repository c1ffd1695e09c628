# What the transcoder's tests share: running the program, looking at files with ffprobe, and counting checks.
#
# Set by CTest: TRANSCODE (the program), ONEVPL_PRIORITY_PATH (the folder of the runtime), VFA_HAVE_VA (0: the program was
# built without VA-API). WRAPPER, if set, is put in front of the program:
# WRAPPER="valgrind -q --error-exitcode=99 --leak-check=full".

set -u
export LC_ALL=C
: "${TRANSCODE:?the path of sample_transcode}"
: "${ONEVPL_PRIORITY_PATH:?the folder of the VPL runtime}"
WRAPPER=${WRAPPER:-}
VFA_HAVE_VA=${VFA_HAVE_VA:-1}
transcode_tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

work=$(mktemp -d "${TMPDIR:-/tmp}/vfa-transcode.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

checks=0
failures=0

# check WHAT COMMAND...: counts, and says what failed.
check() {
    local what=$1
    shift
    checks=$((checks + 1))
    if ! "$@"; then
        failures=$((failures + 1))
        echo "FAILED: $what"
    fi
}

# equal WHAT EXPECTED ACTUAL
equal() {
    checks=$((checks + 1))
    if [ "$2" != "$3" ]; then
        failures=$((failures + 1))
        printf 'FAILED: %s\n  expected: %s\n  actual:   %s\n' "$1" "$(printf %s "$2" | head -c 400)" \
            "$(printf %s "$3" | head -c 400)"
    fi
}

# Ends the script: a test that checked nothing has failed too.
finish() {
    echo "$checks checks, $failures failed"
    [ "$checks" -gt 0 ] && [ "$failures" -eq 0 ]
    exit
}

# beside COMMAND...: the command in a folder of its own, while the script goes on, but no more than four at a time;
# finish_all waits for all of them.
besides=()
beside() {
    local folder
    while [ "$(jobs -rp | wc -l)" -ge 4 ]; do
        wait -n
    done
    folder=beside.${#besides[@]}
    mkdir "$folder"
    (
        trap - EXIT
        cd "$folder" || exit 1
        checks=0 failures=0
        "$@"
        finish
    ) >"$folder.txt" 2>&1 &
    besides+=($!)
}

# Ends the script as `finish` does, with the checks of what went on beside it.
finish_all() {
    local i words
    for i in "${!besides[@]}"; do
        wait "${besides[$i]}" || failures=$((failures + 1))
        words=($(tail -n 1 "beside.$i.txt"))
        checks=$((checks + words[0]))
        head -n -1 "beside.$i.txt"
    done
    finish
}

ff() {
    ffmpeg -nostdin -v error -y "$@" || {
        echo "FAILED: ffmpeg $*"
        exit 1
    }
}

# The report in out.txt: no pool has more surfaces than its plan, or ever had more out than any of its plans asked for; nor
# has the allocator, but where the picture's size changed and frames were replaced.
within_plan() {
    awk '
        function number(name) { return match($0, "\"" name "\": [0-9]+") ? substr($0, RSTART + length(name) + 4) + 0 : -1 }
        /"size_changes"/ { changes = number("size_changes") }
        /"planned"/ { pools++; if (number("surfaces") != number("planned") || number("peak") > number("planned_most")) bad = 1
                     if (!changes && number("planned_most") != number("planned")) bad = 1 }
        /"frames_planned"/ { planned = number("frames_planned"); peak = number("frames_peak") }
        bad { print "  " $0; exit }
        END { exit bad || pools == 0 || (!changes && peak > planned) }' out.txt
}

# run EXPECTED_STATUS ARGUMENTS...: stdout in out.txt, stderr in err.txt. Frames live in system memory unless an argument
# says otherwise: so a test shows the same with and without a device.
run() {
    local expected=$1 status memory=(--memory system)
    shift
    [[ " $* " != *" --device "* ]] || memory=()
    # shellcheck disable=SC2086
    $WRAPPER "$TRANSCODE" "${memory[@]}" "$@" >out.txt 2>err.txt
    status=$?
    checks=$((checks + 1))
    if [ "$status" -ne "$expected" ]; then
        failures=$((failures + 1))
        echo "FAILED: sample_transcode $*: exit $status, not $expected"
        head -n 20 err.txt
    fi
    if [ "$status" -eq 0 ] && [[ " $* " == *" --json "* ]]; then
        check "sample_transcode $*: surfaces are those planned" within_plan
    fi
    return "$status"
}

# json FIELD...: a value of the object in out.txt, by CMake's reader of JSON, which is started once for each report.
json() {
    local line
    if [ ! values.txt -nt out.txt ]; then
        "${CMAKE:-cmake}" -DIN=out.txt -P "$transcode_tests/flatten.cmake" >values.txt 2>&1
    fi
    while IFS= read -r line; do
        if [ "${line%%$'\t'*}" = "$* " ]; then
            printf '%s\n' "${line#*$'\t'}"
            return
        fi
    done <values.txt
    echo "no $* in: $(head -n 5 values.txt)"
}

# A stream's field of a file's video: field FILE NAME
field() {
    ffprobe -v error -select_streams v:0 -show_entries "stream=$2" -of default=nw=1:nk=1 "$1" | head -n 1
}

# Frames that can be decoded.
frames() {
    ffprobe -v error -select_streams v:0 -count_frames -show_entries stream=nb_read_frames -of default=nw=1:nk=1 "$1" |
        head -n 1
}

# "codec WIDTHxHEIGHT frames"
summary() {
    echo "$(field "$1" codec_name) $(field "$1" width)x$(field "$1" height) $(frames "$1")"
}

# Times of the shown frames in seconds, one a line: times FILE
times() {
    ffprobe -v error -select_streams v:0 -show_entries frame=best_effort_timestamp_time -of default=nw=1:nk=1 "$1"
}

# The same, counted from the first.
times_from_start() {
    times "$1" | awk 'NR == 1 { first = $1 } { printf "%.6f\n", $1 - first }'
}

# same_times FILE FILE TOLERANCE_SECONDS [exact]: from the start, or as they are.
same_times() {
    local list=times_from_start
    [ "${4:-}" = exact ] && list=times
    paste <($list "$1") <($list "$2") | awk -v tolerance="$3" '
        NF != 2 { print "  line " NR ": a frame is missing"; bad = 1; exit }
        $1 - $2 > tolerance || $2 - $1 > tolerance { print "  frame " NR ": " $1 " and " $2; bad = 1; exit }
        END { exit bad || NR == 0 }'
}

# Decoding times rise, and no picture is decoded after it is shown; for containers that store both times.
valid_packets() {
    ffprobe -v error -select_streams v:0 -show_entries packet=pts,dts -of csv=p=0 "$1" | grep '[0-9]' | awk -F, '
        $2 + 0 > $1 + 0 { print "  packet " NR ": dts " $2 " after pts " $1; bad = 1; exit }
        NR > 1 && $2 + 0 <= last { print "  packet " NR ": dts " $2 " not after " last; bad = 1; exit }
        { last = $2 + 0 }
        END { exit bad || NR == 0 }'
}

# The bytes of a copied stream: copied_md5 FILE a:0
copied_md5() {
    ffmpeg -nostdin -v error -i "$1" -map "0:$2" -c copy -f md5 - 2>&1
}

# The md5 of all frames as raw pixels: raw_md5 FILE [PIXEL_FORMAT]
raw_md5() {
    ffmpeg -nostdin -v error -i "$1" -map 0:v:0 -fps_mode passthrough -f rawvideo ${2:+-pix_fmt "$2"} - | md5sum |
        cut -d' ' -f1
}

# Average PSNR in dB of two files of the same size, "inf" as 99: psnr FILE REFERENCE
psnr() {
    ffmpeg -nostdin -v info -i "$1" -i "$2" -lavfi '[0:v]settb=1/90000,setpts=N[a];[1:v]settb=1/90000,setpts=N[b];[a][b]psnr' \
        -f null - 2>&1 | sed -n 's/.*average:\([0-9.inf]*\).*/\1/p' | sed 's/inf/99/'
}

# psnr_at_least WHAT FILE REFERENCE DB
psnr_at_least() {
    local value
    value=$(psnr "$2" "$3")
    check "$1: PSNR ${value:-none}, not $4 dB" awk -v value="${value:-0}" -v least="$4" 'BEGIN { exit !(value >= least) }'
}
