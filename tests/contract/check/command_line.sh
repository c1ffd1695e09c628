# vfa-conform as its users run it: the options, every exit code, the three forms of its answer.
# Set by CTest: PROGRAM, MUTANTS (the plug-in of broken allocators), CMAKE.
. "$(dirname "$0")/../../support/tool.sh"

# 2: mistakes are named.
mistake() # WORD ARGUMENTS...
{
    word=$1
    shift
    run 2 "$@"
    check "$*: the message names $word" grep -q -e "$word" err.txt
    check "$*: nothing on stdout" test ! -s out.txt
}
mistake 'a plug-in, or --system'
mistake nonsense --nonsense
mistake "'nonsense'" --system --only nonsense
mistake "'H264'" --system --format H264
mistake 'one allocator' --system "$MUTANTS"
mistake 'one allocator' --va --system
mistake 'for a plug-in' --system --options x
for seconds in 0 -1 x 1x '' 99999999999999999999; do
    mistake "not '$seconds'" --system --timeout "$seconds"
done

# 2: there is nothing to judge.
mistake /no/such.so /no/such.so
mistake MFX_ERR_NOT_FOUND "$MUTANTS" --options no_such_mutant
printf 'int answer = 42;\n' >empty.c
$CC -shared -fPIC empty.c -o empty.so
mistake 'exports no vfa_conform_open' ./empty.so

# What an allocator prints is no part of the answer.
printf 'int puts(const char *); int vfa_conform_open(void) { puts("a word"); return -3; }\n' >chatter.c
$CC -shared -fPIC chatter.c -o chatter.so
mistake MFX_ERR_UNSUPPORTED ./chatter.so
mistake "a word" ./chatter.so --verbose

# 0 and 1, with and without --strict.
run 0 "$MUTANTS" --only misuse
run 1 "$MUTANTS" --options pitch_is_truncated --only layout_pitch_high
check "the table names the rule" grep -q '^BROKEN *must *layout_pitch_high$' out.txt
run 0 "$MUTANTS" --options unlock_never_fails --only misuse
check "the table has what should hold" grep -q '^broken *should *misuse_unlock$' out.txt
run 1 "$MUTANTS" --options unlock_never_fails --only misuse --strict

# A crash and a hang are answers.
run 0 "$MUTANTS" --options null_hangs --only misuse_null_mid --timeout 1
check "a hang is told" grep -q 'no end within 1 s; last: Lock' out.txt
run 1 "$MUTANTS" --options unlock_reads_ptr --only unlock_without_ptr
check "a crash is told, and where" grep -q 'in: Unlock(.*, NULL)' out.txt

# A format alone; all of a rule's failing formats.
run 1 "$MUTANTS" --options rgbp_is_reversed --only layout_pointers
run 0 "$MUTANTS" --options rgbp_is_reversed --only layout_pointers --format NV12 --format rgb4
run 1 "$MUTANTS" --options everything_is_nv12 --only layout_pointers
check "others are named" grep -q 'also.* RGB4' out.txt

# TAP and JSON.
run 1 "$MUTANTS" --options unlock_never_fails --only misuse --only sharing --tap --strict
equal "the plan" "1..$(grep -cE '^(not )?ok ' out.txt)" "$(sed -n 2p out.txt)"
check "not ok" grep -q '^not ok [0-9]* - misuse_unlock: ' out.txt
run 0 "$MUTANTS" --options unlock_never_fails --only misuse --tap
check "should is TODO" grep -q '^not ok .*misuse_unlock.* # TODO' out.txt
run 0 --system --only handle --tap
check "skipped is SKIP" grep -q '^ok .*handle_of_video.* # SKIP ' out.txt
run 1 "$MUTANTS" --options pitch_is_truncated --only layout_pitch_high --json
equal "JSON: the rule" layout_pitch_high "$(json results 0 rule)"
equal "JSON: the result" broken "$(json results 0 result)"
equal "JSON: the count" 1 "$(json broken_must)"

# The list, and help.
run 0 --list
rules=$(wc -l <out.txt)
run 0 --list --json
equal "--list --json: all rules" "$rules" "$(json LENGTH rules)"
run 0 --system --json --only allocator
run 0 --help
for option in system va options only format strict timeout no-fork tap json verbose list help; do
    check "--help has --$option" grep -q -e "--$option" out.txt
done
check "--help keeps to 110 columns" test "$(wc -L <out.txt)" -le 110

# 2: the output cannot be written.
"$PROGRAM" --list >/dev/full 2>err.txt
equal "a full disk" 2 "$?"
check "a full disk is told" grep -q "writing the output: No space" err.txt
finish
