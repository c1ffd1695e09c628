# shellcheck shell=bash
# The steps that work for a long time. Sourced by tests/run.sh.

step_soak()
{
    check soak "$root/tests/soak/run.sh" 600
    figures_in "$build_root/log/soak.log" >>"$build_root/figures/$step"
}

# Eight sessions of the software runtime at once, under a sanitizer.
storm() # BUILD SANITIZERS
{
    need_packages "build and run the tests" "${packages_tests[@]}"
    configure "$1" "${checked[@]}" "-DVFA_SANITIZE=$2" && build "$1" sessions_storm || return
    check "$step" steady "$build_root/$1/tests/soak/sessions_storm" 600
    say "  $(sed -n 's/^seed/seed/p' "$build_root/log/$step.log")"
    figures_in "$build_root/log/$step.log" >>"$build_root/figures/$step"
}

step_storm-asan()
{
    ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1 \
        LSAN_OPTIONS=suppressions=$root/tests/support/lsan.supp:print_suppressions=0 storm asan address,undefined
}

step_storm-tsan()
{
    TSAN_OPTIONS=suppressions=$root/tests/support/tsan.supp:second_deadlock_stack=1 storm tsan thread
}
