# shellcheck shell=bash
# Steps that search the models of tests/model. Sourced by tests/run.sh.

search_models() # RUN.SH-OPTION...
{
    need_packages "search the models" spin gcc libc6-dev
    check "$step" "$root/tests/model/run.sh" "$@" "$build_root/$step"
    figures_in "$build_root/log/$step.log" >>"$build_root/figures/$step"
}

step_model()
{
    search_models
}

step_model-full()
{
    search_models --full
}
