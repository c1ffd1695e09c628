# shellcheck shell=bash
# The step that works for a long time. Sourced by tests/run.sh.

step_soak()
{
    check soak "$root/tests/soak/run.sh" 600
    figures_in "$build_root/log/soak.log" >>"$build_root/figures/$step"
}
