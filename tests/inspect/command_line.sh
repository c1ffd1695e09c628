# Without a device: the options, every exit code, and the format table.
. "$(dirname "$0")/lib.sh"

# 2: mistakes are named.
mistake() # WORD ARGUMENTS...
{
    word=$1
    shift
    run 2 "$@"
    check "$*: the message names $word" grep -q -e "$word" err.txt
    check "$*: nothing on stdout" test ! -s out.txt
}
mistake nonsense --nonsense
mistake requires --size
for size in 0x0 1920 1920x 1920x0 x1080 -1x5 1920x1080x3 70000x16 16x65536 99999999999999999999x5 'axb' ''; do
    mistake "not '$size'" --size "$size"
done
mistake "'display'" --usage display
mistake "''" --usage decode,
mistake "'H264'" --format H264
mistake "'file.mp4'" file.mp4

# 3: no such node. 4: one without a VA driver.
run 3 --device /dev/null/none
check "the node is named" grep -q "^vfa-inspect: .*/dev/null/none: " err.txt
run 4 --device /dev/null
check "the node is named" grep -q "^vfa-inspect: .*/dev/null" err.txt
check "nothing on stdout" test ! -s out.txt

# 0: help says all options, in 100 columns.
run 0 --help
for option in device size usage format json markdown no-times list statuses help; do
    check "--help has --$option" grep -q -e "--$option" out.txt
done
check "--help keeps to 100 columns" test "$(wc -L <out.txt)" -le 100

# The format table, without a device.
run 0 --list
check "--list keeps to 100 columns" test "$(wc -L <out.txt)" -le 100
check "--list has NV12 and the bytes of a frame" grep -q '^NV12 .* 3133440 .* NV12' out.txt
formats=$(($(wc -l <out.txt) - 1))
run 0 --list --markdown
equal "--list --markdown: a line for each format" "$formats" "$(($(grep -c '^| ' out.txt) - 1))"
run 0 --list --json --size 64x32
equal "--list --json: all formats" "$formats" "$(json LENGTH formats)"
equal "--list --json: the first" NV12 "$(json formats 0 name)"
equal "--list --json: its second plane" 2048 "$(json formats 0 planes 1 offset)"
run 0 --list --format p010
equal "--list --format: one, in any case" 2 "$(wc -l <out.txt)"

# What a VAStatus becomes: every one that va.h defines.
run 0 --statuses
check "--statuses: one of them" grep -q '^VA_STATUS_ERROR_HW_BUSY  *0x22  *MFX_ERR_RESOURCE_MAPPED$' out.txt
printf '#include <va/va.h>\n' >va.c
$CC $VA_CFLAGS -E -dM va.c >macros.txt
check "va.h has statuses" grep -q VA_STATUS_ERROR_HW_BUSY macros.txt
for name in $(sed -n 's/^#define \(VA_STATUS_ERROR_[A-Z0-9_]*\) .*/\1/p' macros.txt); do
    check "--statuses has $name" grep -q "^$name " out.txt
done
run 0 --statuses --json
equal "--statuses --json" VA_STATUS_ERROR_OPERATION_FAILED "$(json statuses 0 name)"

# 1: the output cannot be written.
$WRAPPER "$INSPECT" --list >/dev/full 2>err.txt
equal "a full disk" 1 "$?"
check "a full disk is told" grep -q "writing the output: No space" err.txt
finish
