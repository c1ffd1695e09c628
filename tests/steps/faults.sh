# shellcheck shell=bash
# Sweeps of failures that take longer than every run has time for. Sourced by tests/run.sh.

step_faults-all()
{
    need_packages "build and run the tests" "${packages_tests[@]}"
    configure gcc -DCMAKE_C_COMPILER=gcc -DCMAKE_BUILD_TYPE=RelWithDebInfo && build gcc all || return
    FAULT_STEP=1 run_tests gcc -R '^fault[.]program$'
}
