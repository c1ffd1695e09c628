#!/bin/bash
# Everything that shows whether the project works, on a bare Debian machine: installs the packages that are missing,
# builds with two compilers and under the sanitizers, runs the tests and the checkers, and counts.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/cmake/debian.sh"
. "$root/tests/support/mesa.sh"
. "$root/tests/steps/lib.sh"
. "$root/tests/steps/builds.sh"
. "$root/tests/steps/checkers.sh"
. "$root/tests/steps/fuzz.sh"
. "$root/tests/steps/instructions.sh"
. "$root/tests/steps/model.sh"
. "$root/tests/steps/coverage.sh"
. "$root/tests/steps/reliability.sh"
. "$root/tests/steps/analyzers.sh"
. "$root/tests/steps/soak.sh"
. "$root/tests/steps/faults.sh"
. "$root/tests/steps/bench.sh"

# Each step: its name, whether a run without options has it ("short") or only --full does ("full"), and what it does.
# Its function, step_NAME, is in tests/steps.
step_table=(
    "gcc          short  build with GCC, warnings as errors; all tests but those of the next three"
    "conform      short  the conformance kit on the allocators and interfaces here, and on those that break one rule each"
    "failures     short  each operation with its n-th request refused: memory, files, maps, mutexes, threads"
    "driver       short  each operation with its n-th call of libva answered with every status, and with nonsense"
    "asan         short  all tests but long ones and most transcodes under AddressSanitizer and UndefinedBehaviorSanitizer"
    "tsan         short  tests of modules, of the contract, of the software runtime and of Intel's drivers under ThreadSanitizer"
    "valgrind     short  tests of modules and a short transcode by each path under memcheck"
    "coverage     short  lines and branches of src that the tests of modules reach; what they do not, with its reason"
    "clang        short  build everything with Clang, warnings as errors; the tests of headers and packages"
    "format       short  clang-format on every source"
    "tidy         short  clang-tidy on the library"
    "cppcheck     short  cppcheck on the library"
    "fuzz         short  fuzz harnesses under libFuzzer: their corpora, then some seconds each"
    "fuzz-long    full   the same for ten minutes together; tests/fuzz/run.sh TIME for longer"
    "gcc-analyzer short  GCC's static analyzer on the library, the samples and the tools"
    "instructions short  instructions of acquire, release, Lock, Unlock, Alloc under callgrind: no more than recorded"
    "model        short  the models of pool, frames and maps searched by spin; each mutant of them found out"
    "scan-build   full   Clang's static analyzer on the library, the samples and the tools"
    "helgrind     full   tests of modules with threads under helgrind: order of locks, use of mutexes and conditions"
    "model-full   full   larger models: more threads, surfaces and rounds"
    "soak         full   ten minutes of random real work: nothing grows, nothing is left"
    "storm-asan   full   ten minutes of eight sessions at once under AddressSanitizer and UndefinedBehaviorSanitizer"
    "storm-tsan   full   the same under ThreadSanitizer"
    "msan         full   tests of modules and harnesses' corpora under MemorySanitizer"
    "asan-all     full   long tests on Intel's driver and most transcodes under AddressSanitizer"
    "tsan-all     full   the same under ThreadSanitizer"
    "valgrind-all full   every other test but long ones of encoders under memcheck"
    "faults-all   full   each request of the samples and the software runtime refused, one a run"
    "encode-all   full   long tests of encoders under memcheck: ten minutes and more"
)

passed=0 failed=0 skipped=0
summary=()

# The steps of a run of this kind.
steps_of() # short|full
{
    local name kind text
    for row in "${step_table[@]}"; do
        read -r name kind text <<<"$row"
        [ "$kind" = short ] || [ "$1" = full ] || continue
        printf '%s\n' "$name"
    done
}

usage()
{
    local name kind text
    cat <<END
Usage: tests/run.sh [OPTION]...
Without options: every step that is not marked --full below. Installs the Debian packages it lacks. Builds and logs are
in build/ (or in \$VFA_BUILD_DIR).

  --full       all steps, and a report of them: build/reliability.md
  --record     with --full: the report becomes docs/reliability.md. Alone: writes and records the report of what ran
               since the last --full, each step with its date
  --quick      only the first four steps: one build, all tests
  --step NAME  only this step; may be given several times
  --bench      instead: measure the hot paths, pools, memory, copies, ways into VA surfaces and the whole transcode beside
               FFmpeg, GStreamer and the C library, in some seven minutes of a quiet machine: build/performance.md, and
               JSON in build/figures-bench. Further options, in this order:
                 --record        the report becomes docs/performance.md, and a table in README.md
                 --subject NAME  only that benchmark, beside the figures that there are; may be given several times
                 --report        no benchmark, the report alone
               and then those of the transcoder's benchmark (its --help lists them)
  --help       this text

Steps:
END
    for row in "${step_table[@]}"; do
        read -r name kind text <<<"$row"
        [ "$kind" = full ] && kind="(--full) " || kind=""
        printf '  %-12s %s%s\n' "$name" "$kind" "$text"
    done
    cat <<END

The last line is "N passed, N failed, N skipped": tests and checks of all steps together. The exit status is
0 when nothing failed.
END
}

run_step() # NAME
{
    local name=$1 start=$SECONDS result=PASSED
    step=$name
    mkdir -p "$build_root/figures"
    rm -f "$build_root/figures/$step"
    step_passed=0 step_failed=0 step_skipped=0
    say "--- $name"
    "step_$name" || [ "$step_failed" -gt 0 ] || step_failed=1
    if [ "$step_failed" -gt 0 ]; then
        result=FAILED
    elif [ "$step_passed" -eq 0 ]; then
        result=SKIPPED
    fi
    passed=$((passed + step_passed)) failed=$((failed + step_failed)) skipped=$((skipped + step_skipped))
    summary+=("$(printf '%-12s %-8s %5d s  %4d passed, %d failed, %d skipped' "$name" "$result" \
        "$((SECONDS - start))" "$step_passed" "$step_failed" "$step_skipped")")
    keep_result "$result" "$((SECONDS - start))"
    say_figures
    say "${summary[-1]}"
}

mapfile -t all_steps < <(steps_of full)
mapfile -t short_steps < <(steps_of short)
steps=() full='' record=''
while [ "$#" -gt 0 ]; do
    case $1 in
    --full)
        steps+=("${all_steps[@]}")
        full=yes
        ;;
    --record) record=yes ;;
    --quick) steps+=(gcc conform failures driver) ;;
    --step)
        [ "$#" -ge 2 ] || die "--step needs a name: ${all_steps[*]}"
        [[ " ${all_steps[*]} " == *" $2 "* ]] || die "there is no step '$2'; there are: ${all_steps[*]}"
        steps+=("$2")
        shift
        ;;
    --bench)
        shift
        run_bench "$@"
        ;;
    -h | --help)
        usage
        exit 0
        ;;
    *) die "unknown option '$1'; --help lists them" ;;
    esac
    shift
done
if [ "${#steps[@]}" -eq 0 ] && [ -n "$record" ]; then
    record_reliability
    exit
fi
[ "${#steps[@]}" -gt 0 ] || steps=("${short_steps[@]}")
[ -z "$full" ] || rm -rf "$build_root/figures"

for name in "${steps[@]}"; do
    run_step "$name"
done

say ""
printf '%s\n' "${summary[@]}"
say "logs: $build_root/log"
if [ -n "$record" ]; then
    record_reliability || failed=$((failed + 1))
elif [ -n "$full" ]; then
    write_reliability || failed=$((failed + 1))
fi
say "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
