# shellcheck shell=bash
# Steps that read the sources without running them. Sourced by tests/run.sh.

sources()
{
    (cd "$root" && find include src samples tests -name '*.[ch]' -print0 | sort -z)
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
    # Debug: what is asserted is known to the analyzer.
    configure tidy -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=Debug -DVFA_BUILD_SAMPLES=OFF -DVFA_BUILD_TESTS=OFF || return
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
