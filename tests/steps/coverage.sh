# shellcheck shell=bash
# What of src/ the tests reach. Sourced by tests/run.sh.

# Of Intel's driver only what is quick: the other tests on it reach nothing of src that these do not. What the libraries
# import and declare is not theirs alone here: counters have imports too. The conformance kit writes all counters once for
# each rule, and reaches nothing that the tests of modules do not.
step_coverage()
{
    local build=$build_root/coverage name value
    need_packages "build and run the tests" "${packages_tests[@]}"
    configure coverage -DCMAKE_C_COMPILER=gcc -DCMAKE_BUILD_TYPE=Debug "-DCMAKE_C_FLAGS_DEBUG=-O0 -g -DNDEBUG" \
        -DVFA_COVERAGE=ON -DVFA_BUILD_SAMPLES=OFF && build coverage all || return
    find "$build" -name '*.gcda' -delete
    run_tests coverage -L 'unit|fault|real' -E "$coverage_skips" || return
    check coverage "$root/tests/coverage/report.sh" "$build" "$build_root/coverage-report"
    [ "$step_failed" -gt 0 ] || sed 's/^/  /' "$build_root/log/coverage.log"
    while IFS=$'\t' read -r name value; do
        figure "$name" "$value"
    done <"$build_root/coverage-report/figures"
}

coverage_skips='^real[.](va_formats|conform.*|va_usages.*|va_soak|dmabuf_pixels|runtime.*|session.*|shim_.*|surfaces.*|vainfo.*|mesa_.*)$|^fault[.](program|imports[.].*|operations)$'
