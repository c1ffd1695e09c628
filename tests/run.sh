#!/bin/bash
# Everything that shows whether the project works, on a bare Debian machine: installs the packages that are missing,
# builds with two compilers and under the sanitizers, runs the tests and the checkers, and counts.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/cmake/debian.sh"
. "$root/tests/support/mesa.sh"

packages_tests=("${packages_build[@]}" "${packages_samples[@]}" libcmocka-dev onevpl-tools
    intel-media-va-driver libmfx-gen1.2 libmfx1 vainfo)
default_steps=(gcc asan tsan valgrind clang format tidy cppcheck)
all_steps=("${default_steps[@]}" valgrind-all)

# How builds that look for mistakes are made: assertions on, fast enough, lines in every report.
checked=(-DCMAKE_C_COMPILER=gcc -DCMAKE_BUILD_TYPE=Debug "-DCMAKE_C_FLAGS_DEBUG=-O1 -g")

passed=0 failed=0 skipped=0
summary=()

usage()
{
    cat <<END
Usage: tests/run.sh [OPTION]...
Without options: every step but those on request. Installs the Debian packages it lacks. Builds and logs are in build/
(or in \$VFA_BUILD_DIR).

  --quick      only the first step: one build, all tests
  --step NAME  only this step; may be given several times
  --bench      instead: measure the hot paths and the sample transcoder beside FFmpeg, the pool beside FFmpeg's and
               GStreamer's, and the ways into VA surfaces beside each other; further arguments go to the transcoder's
               benchmark (--help lists them)
  --help       this text

Steps: gcc       build with GCC, warnings as errors; all tests
       asan      all tests under AddressSanitizer and UndefinedBehaviorSanitizer
       tsan      tests of modules, of the software runtime and of Intel's drivers under ThreadSanitizer
       valgrind  the same under memcheck, less softrt.encode_control, and a short transcode by each path
       clang     build everything with Clang, warnings as errors; the tests of headers and packages
       format    clang-format on every source
       tidy      clang-tidy on the library
       cppcheck  cppcheck on the library
And on request:
       valgrind-all  the same, softrt.encode_control and all other tests of the transcoder under memcheck, which takes
                     them long: softrt.encode_control alone some ten minutes and more

The last line is "N passed, N failed, N skipped": tests and checks of all steps together. The exit status is
0 when nothing failed.
END
}

# Adds the counts of a ctest report.
count_junit() # REPORT
{
    local tests failures skips
    [ -s "$1" ] || return 1
    tests=$(sed -n 's/.*[[:space:]]tests="\([0-9]*\)".*/\1/p' "$1" | head -n 1)
    failures=$(sed -n 's/.*[[:space:]]failures="\([0-9]*\)".*/\1/p' "$1" | head -n 1)
    skips=$(grep -c '<skipped' "$1")
    [ -n "$tests" ] && [ -n "$failures" ] || return 1
    step_failed=$((step_failed + failures))
    step_skipped=$((step_skipped + skips))
    step_passed=$((step_passed + tests - failures - skips))
}

# Runs the tests of a build folder and counts them.
run_tests() # BUILD CTEST-OPTION...
{
    local name=$1 status=0
    shift
    local report=$build_root/log/$name-tests.xml
    rm -f "$report"
    logged "$build_root/log/$name-tests.log" steady ctest --test-dir "$build_root/$name" -j "$jobs" \
        --output-on-failure --no-tests=error --output-junit "$report" "$@" || status=1
    count_junit "$report" || return 1
    [ "$status" -eq 0 ] || [ "$step_failed" -gt 0 ]
}

# A check that either holds or does not.
check() # LOG COMMAND...
{
    local log=$1
    shift
    if logged "$build_root/log/$log.log" "$@"; then
        step_passed=$((step_passed + 1))
    else
        step_failed=$((step_failed + 1))
    fi
}

# A command without the address randomisation that sanitizers of GCC 12 and Clang 14 cannot live with on kernels that
# randomise more bits than they expect.
steady()
{
    if setarch -R true 2>/dev/null; then
        setarch -R "$@"
    else
        "$@"
    fi
}

sources()
{
    (cd "$root" && find include src samples tests -name '*.[ch]' -print0 | sort -z)
}

step_gcc()
{
    need_packages "build and run the tests" "${packages_tests[@]}"
    need_mesa
    configure gcc -DCMAKE_C_COMPILER=gcc -DCMAKE_BUILD_TYPE=RelWithDebInfo -DVFA_TEST_MESA="$mesa_libraries" &&
        build gcc all || return
    run_tests gcc
}

step_asan()
{
    need_packages "build and run the tests" "${packages_tests[@]}"
    need_mesa
    configure asan "${checked[@]}" -DVFA_SANITIZE=address,undefined -DVFA_TEST_MESA="$mesa_libraries" &&
        build asan all || return
    ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1 \
        LSAN_OPTIONS=suppressions=$root/tests/support/lsan.supp:print_suppressions=0 \
        run_tests asan
}

step_tsan()
{
    need_packages "build and run the tests" "${packages_tests[@]}"
    need_mesa
    configure tsan "${checked[@]}" -DVFA_SANITIZE=thread -DVFA_TEST_MESA="$mesa_libraries" && build tsan all || return
    TSAN_OPTIONS=suppressions=$root/tests/support/tsan.supp:second_deadlock_stack=1 \
        run_tests tsan -L 'unit|softrt|real'
}

# vex-guest-max-insns: the longest blocks of dav1d's assembler are more than memcheck 3.19 has room for.
build_for_valgrind()
{
    local launcher="valgrind;--quiet;--error-exitcode=99;--leak-check=full;--errors-for-leak-kinds=definite,possible"
    launcher+=";--fair-sched=try;--vex-guest-max-insns=25;--suppressions=$root/tests/support/valgrind.supp"
    need_packages "build and run the tests" "${packages_tests[@]}"
    need_packages "run the tests under memcheck" valgrind
    configure valgrind "${checked[@]}" -DVFA_TEST_LAUNCHER="$launcher" && build valgrind all
}

# The transcoder's tests start it some two hundred times, and each start alone takes memcheck seconds: those that go
# into detail are left to valgrind-all. So is what is asked of the encoders' rate control, most of which is libx265's.
step_valgrind()
{
    build_for_valgrind || return
    run_tests valgrind -L 'unit|softrt|short|real' -E '^softrt[.]encode_control$'
}

step_valgrind-all()
{
    build_for_valgrind || return
    run_tests valgrind -L 'unit|softrt|transcode|real'
}

step_clang()
{
    need_packages "build and run the tests" "${packages_tests[@]}"
    need_packages "build with Clang, the benchmarks too" clang libgstreamer-plugins-base1.0-dev
    configure clang -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++ -DVFA_BUILD_BENCH=ON &&
        build clang all || return
    run_tests clang -L package
}

step_format()
{
    need_packages "check the style" clang-format
    check format check_format
}

check_format()
{
    (cd "$root" && sources | xargs -0 clang-format --dry-run --Werror)
}

step_tidy()
{
    need_packages "check the library with clang-tidy" "${packages_build[@]}" clang clang-tidy
    configure tidy -DCMAKE_C_COMPILER=clang -DVFA_BUILD_SAMPLES=OFF -DVFA_BUILD_TESTS=OFF || return
    check tidy check_tidy
}

check_tidy()
{
    find "$root/src" -name '*.c' -print0 | sort -z |
        xargs -0 -n 1 -P "$jobs" clang-tidy -p "$build_root/tidy" --quiet --warnings-as-errors='*'
}

step_cppcheck()
{
    need_packages "check the library with cppcheck" "${packages_build[@]}" cppcheck
    check cppcheck cppcheck --std=c11 --language=c --enable=warning,style,performance,portability \
        --error-exitcode=1 --quiet --inline-suppr --suppressions-list="$root/cmake/cppcheck-suppressions.txt" \
        -D__GNUC__=12 -D__STDC_VERSION__=201112L -D_GNU_SOURCE -j "$jobs" \
        -I "$root/include" -I "$root/src" "$root/src"
}

run_step() # NAME
{
    local name=$1 start=$SECONDS result=PASSED
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
    say "${summary[-1]}"
}

# The ways into VA surfaces, on Intel's driver: on its GPU, or where there is none under the tests' shim.
bench_va_maps()
{
    local build=$build_root/bench status=0
    VFA_TEST_SHIM=$build/tests/support/i915/libvfa-i915-shim.so VFA_I915_ROOT=$build/i915 LIBVA_MESSAGING_LEVEL=0 \
        VFA_TEST_DRIVERS=$(pkg-config --variable=driverdir libva) \
        sh "$root/tests/real/on_device.sh" -- "$build/tests/bench/va_map_bench" || status=$?
    [ "$status" -eq 0 ] || [ "$status" -eq 77 ]
}

run_bench()
{
    need_packages "build the benchmark" "${packages_build[@]}" "${packages_samples[@]}" intel-media-va-driver \
        libgstreamer-plugins-base1.0-dev
    configure bench -DCMAKE_BUILD_TYPE=Release -DVFA_BUILD_TESTS=OFF -DVFA_BUILD_BENCH=ON && build bench all || exit 1
    "$build_root/bench/tests/bench/hot_path_bench" || exit 1
    "$build_root/bench/tests/bench/pool_bench" || exit 1
    bench_va_maps || exit 1
    exec "$root/tests/bench/run.sh" "$build_root/bench" "$@"
}

steps=()
while [ "$#" -gt 0 ]; do
    case $1 in
    --quick) steps+=(gcc) ;;
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
[ "${#steps[@]}" -gt 0 ] || steps=("${default_steps[@]}")

for step in "${steps[@]}"; do
    run_step "$step"
done

say ""
printf '%s\n' "${summary[@]}"
say "logs: $build_root/log"
say "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
