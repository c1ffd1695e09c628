# shellcheck shell=bash
# Steps that follow the paths through the sources without running them, and one that watches locks as tests run. Sourced
# by tests/run.sh.

step_gcc-analyzer()
{
    need_packages "check all programs with GCC's analyzer" "${packages_build[@]}" "${packages_samples[@]}"
    configure gcc-analyzer "${checked[@]}" "-DCMAKE_C_FLAGS=-fanalyzer" -DVFA_WERROR=ON -DVFA_BUILD_TESTS=OFF || return
    # Compilers' caches would hide nothing, but a build that is up to date would.
    logged "$build_root/log/gcc-analyzer-clean.log" cmake --build "$build_root/gcc-analyzer" --target clean || return
    check gcc-analyzer-build cmake --build "$build_root/gcc-analyzer" -j "$jobs"
}

# The library is checked by clang-tidy with the same analyzer (step tidy) in every run.
step_scan-build()
{
    need_packages "check all programs with Clang's analyzer" "${packages_build[@]}" "${packages_samples[@]}" clang \
        clang-tools
    rm -rf "$build_root/scan-build"
    logged "$build_root/log/scan-build-configure.log" scan-build --use-cc=clang cmake -S "$root" \
        -B "$build_root/scan-build" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DVFA_BUILD_TESTS=OFF || return
    check scan-build scan-build --use-cc=clang --status-bugs -o "$build_root/scan-build/report" \
        cmake --build "$build_root/scan-build" -j "$jobs"
}

# The tests of what has locks, threads, or both. slots is left out: it counts to a million, and has one lock.
step_helgrind()
{
    local launcher="valgrind;--tool=helgrind;--quiet;--error-exitcode=99;--history-level=none;--fair-sched=try"
    launcher+=";--suppressions=$root/tests/support/helgrind.supp"
    need_packages "build and run the tests" "${packages_tests[@]}"
    need_packages "run the tests under helgrind" valgrind
    configure helgrind "${checked[@]}" -DVFA_TEST_LAUNCHER="$launcher" -DVFA_BUILD_SAMPLES=OFF &&
        build helgrind all || return
    run_tests helgrind -L unit -R 'pool|interface|threads|allocator|book|replace|visit|bits'
}
