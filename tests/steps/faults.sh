# shellcheck shell=bash
# Sweeps of failures that take longer than every run has time for. Sourced by tests/run.sh.

step_faults-all()
{
    FAULT_STEP=1 run_gcc -R '^fault[.]program$'
}
