# shellcheck shell=bash
# What the tests of other people's programs on the software runtime share. Each script runs one program in many ways,
# looks at what comes out, and prints a section of docs/softrt-clients.md: the commands, the results, and what was
# called. The section must be as it is in the document; VFA_UPDATE_DOCUMENTS=1 writes it, one test at a time.
#
# Set by CTest: CLIENTS_CLIPS (the folder that clips.sh fills), CLIENTS_DOCUMENT, FFMPEG, ONEVPL_PRIORITY_PATH.
clients=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PROGRAM=clients
. "$clients/../support/tool.sh"
. "$clients/../support/section.sh"
: "${CLIENTS_CLIPS:?the folder of the clips}" "${CLIENTS_DOCUMENT:?docs/softrt-clients.md}" "${FFMPEG:?the program}"
: "${ONEVPL_PRIORITY_PATH:?the folder of the runtime}"

ln -s "$CLIENTS_CLIPS"/* . || exit 1
export SOFTRT_TRACE=trace.txt
rows=0

# In hardware mode, by tests/real/on_device.sh: the shim is for the clients alone.
node=${VFA_TEST_NODE:-}
preload=${LD_PRELOAD:-}
unset LD_PRELOAD

# Ends the script where a program is missing. The packages of all of them are in tests/steps/lib.sh.
need_client() # PROGRAM PACKAGE
{
    command -v "$1" >/dev/null && return
    echo "SKIPPED: there is no $1 (Debian: $2)"
    exit 77
}

in_words() # WORD...
{
    printf '%s\n' "$*" | sed "s|${node:-no node}|\$NODE|g"
}

# Runs a client, whose words are in log.txt and whose calls are in trace.txt. The document shows the command as it is, but
# for the path of the render node.
client() # COMMAND...
{
    local status=0
    command_line=$(in_words "$@")
    rm -f trace.txt
    timeout -k 5 120 env LD_PRELOAD="$preload" "$@" >log.txt 2>&1 || status=$?
    check "$*: exit status $status" test "$status" -eq 0
    [ "$status" -eq 0 ] || tail -n 5 log.txt
}

# The functions that the last client called, in the order in which it came to each, with the extension buffers that it
# ever attached.
calls()
{
    awk '
        !($1 in seen) { seen[$1] = 1; order[++n] = $1 }
        match($0, / ext=[^ ]*/) {
            count = split(substr($0, RSTART + 5, RLENGTH - 5), ids, ",")
            for (i = 1; i <= count; i++)
                if (!(($1, ids[i]) in had)) { had[$1, ids[i]] = 1; list[$1] = list[$1] (list[$1] ? "+" : "") ids[i] }
        }
        END { for (i = 1; i <= n; i++) print order[i] (order[i] in list ? "(" list[order[i]] ")" : "") }' trace.txt
}

# Adds a row for the last client. Clients of several threads come to the functions in no order: theirs are sorted.
tell() # RESULT [sorted]
{
    local list=1
    calls | if [ "${2:-}" = sorted ]; then sort; else cat; fi >calls.txt
    check "$command_line: nothing was called" test -s calls.txt
    while [ -e "list.$list" ] && ! cmp -s calls.txt "list.$list"; do
        list=$((list + 1))
    done
    [ -e "list.$list" ] || cp calls.txt "list.$list"
    rows=$((rows + 1))
    printf '| `%s` | %s | %s |\n' "$command_line" "$1" "$list" >>rows.txt
}

# The md5 of all pictures of a file, as ffmpeg decodes it: raw_md5 FILE PIXEL-FORMAT [FILTERS]
raw_md5()
{
    "$FFMPEG" -nostdin -v error -i "$1" -map 0:v:0 -fps_mode passthrough ${3:+-vf "$3"} -f rawvideo -pix_fmt "$2" - |
        md5sum
}

# same_pictures FILE CLIP PIXEL-FORMAT [FILTERS]: the raw file has the clip's pictures.
same_pictures()
{
    equal "$command_line: md5 of the pictures" "$(raw_md5 "$2" "$3" "${4:-}")" "$(md5sum <"$1")"
}

# "codec,WIDTH,HEIGHT,pictures" of a coded file.
summary() # FILE
{
    "${FFPROBE:-ffprobe}" -v error -count_frames -select_streams v:0 \
        -show_entries stream=codec_name,width,height,nb_read_frames -of csv=p=0 "$1" 2>&1 |
        sed 's/,$//;q'
}

# coded FILE SUMMARY SOURCE SOURCE-OPTIONS...: the coded file is this, and near its source: 30 dB.
coded()
{
    local file=$1 expected=$2 psnr
    shift 2
    equal "$command_line: $file" "$expected" "$(summary "$file")"
    psnr=$("$FFMPEG" -nostdin -v info "$@" -i "$file" -lavfi '[0:v]settb=1/25,setpts=N[a];[1:v]settb=1/25,setpts=N[b];[a][b]psnr' \
        -f null - 2>&1 | sed -n 's/.*average:\([0-9.inf]*\).*/\1/p' | sed 's/inf/99/')
    check "$command_line: $file: PSNR ${psnr:-none}" awk -v value="${psnr:-0}" 'BEGIN { exit !(value >= 30) }'
}

# Lines as one paragraph: list PREFIX <LINES
list()
{
    printf '%s ' "$1"
    paste -sd' ' | sed 's/ /, /g' | fold -s -w 114 | sed '2,$s/^/   /; s/ *$//'
}

# Are the lists in the order of the alphabet, and not in that of the calls?
lists_sorted()
{
    local file
    for file in list.*; do
        LC_ALL=C sort -c "$file" 2>/dev/null || return
    done
}

# What was told: the rows, and below them the lists. In a section of many sorted lists what all of them have comes first,
# alone.
section()
{
    printf '\n| Command | Result | Calls |\n|---|---|---|\n'
    cat rows.txt
    : >common.txt
    if [ "$(ls list.* | wc -l)" -gt 6 ] && lists_sorted; then
        sort -m list.* | uniq -c | awk -v all="$(ls list.* | wc -l)" '$1 == all { print $2 }' >common.txt
        echo
        sed 's/.*/`&`/' common.txt | list 'All:'
        echo
    fi
    for file in $(ls list.* | sort -t. -k2n); do
        [ -s common.txt ] || echo
        { grep -vxFf common.txt "$file" || echo nothing; } | sed '/^MFX/s/.*/`&`/' | list "${file#list.}."
    done
    echo
}

# Ends the script: a test that ran nothing has failed too.
finish_section() # NAME
{
    check "no client was run" test "$rows" -gt 0
    check "$CLIENTS_DOCUMENT has a section $1" section_exists "$CLIENTS_DOCUMENT" "$1"
    section >out.txt
    if [ "${VFA_UPDATE_DOCUMENTS:-}" = 1 ] && [ "$failures" -eq 0 ]; then
        section_replace "$CLIENTS_DOCUMENT" "$1" out.txt
    fi
    section_text "$CLIENTS_DOCUMENT" "$1" >is.txt
    diff is.txt out.txt ||
        check "< in the document, > now; VFA_UPDATE_DOCUMENTS=1 ctest -j 1 -L clients writes it" false
    finish
}
