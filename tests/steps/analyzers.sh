# shellcheck shell=bash
# Steps that follow the paths through the sources without running them, and one that watches locks as tests run. Sourced
# by tests/run.sh.

step_gcc-analyzer()
{
    need_packages "check the library with GCC's analyzer" "${packages_build[@]}"
    configure gcc-analyzer "${checked[@]}" "-DCMAKE_C_FLAGS=-fanalyzer" -DVFA_WERROR=ON -DVFA_BUILD_SAMPLES=OFF \
        -DVFA_BUILD_TESTS=OFF || return
    # Compilers' caches would hide nothing, but a build that is up to date would.
    logged "$build_root/log/gcc-analyzer-clean.log" cmake --build "$build_root/gcc-analyzer" --target clean || return
    check gcc-analyzer-build cmake --build "$build_root/gcc-analyzer" -j "$jobs"
}

# The library is checked by clang-tidy with the same analyzer (step tidy); this is for all programs.
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
