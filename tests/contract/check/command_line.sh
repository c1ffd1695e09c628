# vfa-conform as its users run it: the options, every exit code, the three forms of its answer.
# Set by CTest: PROGRAM, MUTANTS (the plug-in of broken allocators), CC, INCLUDE (of vfa), CMAKE.
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

run 0 "$MUTANTS" --only lock_stale_values
cp "$MUTANTS" here.so
run 0 here.so --only lock_stale_values
mistake "path is empty" ""

# The same as TAP and JSON, which are complete without an allocator.
run 2 ./chatter.so --tap
equal "TAP: why there is nothing to judge" "Bail out! vfa_conform_open of ./chatter.so answers MFX_ERR_UNSUPPORTED" \
    "$(sed -n 2p out.txt)"
run 2 ./chatter.so --json
equal "JSON: why there is nothing to judge" "vfa_conform_open of ./chatter.so answers MFX_ERR_UNSUPPORTED" "$(json error)"

# Plug-ins that misbehave otherwise than as allocators. What each does in Alloc, and in vfa_conform_open.
plugin() # NAME IN_ALLOC IN_OPEN
{
    cat >"$1.c" <<EOF
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <vfa/conform.h>
static mfxStatus alloc(mfxHDL pthis, mfxFrameAllocRequest *request, mfxFrameAllocResponse *response)
{
    (void)pthis, (void)request, (void)response;
    $2
    return MFX_ERR_UNSUPPORTED;
}
static mfxStatus lock(mfxHDL pthis, mfxMemId mid, mfxFrameData *data)
{
    return pthis && mid && data ? MFX_ERR_NONE : MFX_ERR_NULL_PTR;
}
static mfxStatus handle(mfxHDL pthis, mfxMemId mid, mfxHDL *out)
{
    return pthis && mid && out ? MFX_ERR_UNSUPPORTED : MFX_ERR_NULL_PTR;
}
static mfxStatus end(mfxHDL pthis, mfxFrameAllocResponse *response)
{
    return pthis && response ? MFX_ERR_NONE : MFX_ERR_NULL_PTR;
}
mfxStatus vfa_conform_open(const char *options, struct vfa_conform_subject *subject)
{
    static mfxFrameAllocator table = {
        .pthis = &table, .Alloc = alloc, .Lock = lock, .Unlock = lock, .GetHDL = handle, .Free = end};
    (void)options;
    subject->allocator = &table;
    subject->memory = MFX_MEMTYPE_SYSTEM_MEMORY;
    $3
    return MFX_ERR_NONE;
}
EOF
    # shellcheck disable=SC2046
    check "$1.c compiles" $CC -shared -fPIC -I "$INCLUDE" $(pkg-config --cflags vpl) "$1.c" -o "$1.so"
}

plugin refuses '' ''
run 1 ./refuses.so
check "what serves nothing does not conform" grep -q '^BROKEN *must *alloc_serves_a_format$' out.txt

plugin unknown '' 'static const mfxU32 formats[] = {0x12345678, 0}; subject->system_formats = formats;'
mistake '0x12345678 in `system_formats`' ./unknown.so

plugin ends_its_group 'kill(0, SIGTERM);' ''
run 1 ./ends_its_group.so --only alloc_makes_enough
check "a signal to its group is told" grep -q 'ended by SIGTERM in: Alloc' out.txt

# What it starts ends with it: nobody waits 60 s for the writer of this pipe.
plugin leaves_a_process 'if (fork() == 0) { sleep(60); _exit(0); }' ''
seconds=$(date +%s)
"$PROGRAM" ./leaves_a_process.so --verbose --only alloc_makes_enough 2>&1 | cat >out.txt
check "a process that it leaves does not keep the answer" test $(($(date +%s) - seconds)) -lt 30

plugin reads_stdin 'char c; if (read(0, &c, 1) != 0) abort();' ''
echo x | "$PROGRAM" ./reads_stdin.so --only alloc_makes_enough >out.txt 2>err.txt
equal "stdin is not its own" 0 "$?"

plugin prints 'puts("not ok"); fflush(stdout); printf("later");' ''
run 0 ./prints.so --no-fork --only alloc_makes_enough --json
equal "JSON, in one process" skipped "$(json results 0 result)"
run 0 ./prints.so --no-fork --only alloc_makes_enough --tap
equal "TAP, in one process" "3" "$(wc -l <out.txt)"

plugin named '' 'subject->name = "m\303\251moire \377\n\"x\"";'
run 0 ./named.so --only alloc_makes_enough
equal "the table's first line" "$(printf 'm\303\251moire \377?"x": system memory, 1 rules')" "$(sed -n 1p out.txt)"
run 0 ./named.so --only alloc_makes_enough --json
check "JSON keeps text, and what is none as escapes" grep -q "$(printf 'm\303\251moire')"' \\u00ff\\u000a\\"x\\"' out.txt

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
plugin sleeps '' 'sleep(60);'
began=$(date +%s%N)
run 2 ./sleeps.so --timeout 1
check "the limit is no shorter than it says" test $(($(date +%s%N) - began)) -ge 1000000000
run 1 "$MUTANTS" --options unlock_reads_ptr --only unlock_without_ptr
run 1 "$MUTANTS" --options lock_aborts_beside_another --only threads_lock_one
check "a crash of a thread is told, and where" grep -q 'many threads at once; thread [1-4]: Lock(' out.txt
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
