# shellcheck shell=bash
# What the steps of tests/run.sh have in common: running tests and checks, counting them, keeping figures. Sourced by
# it, after cmake/debian.sh.

packages_tests=("${packages_build[@]}" "${packages_samples[@]}" libcmocka-dev onevpl-tools gstreamer1.0-tools
    gstreamer1.0-plugins-base gstreamer1.0-plugins-bad intel-media-va-driver libmfx-gen1.2 libmfx1 libmfx-dev
    vainfo)

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

# Runs the tests of a build folder and counts them. One more at a time than there are processors: some wait a lot.
run_tests() # BUILD CTEST-OPTION...
{
    local name=$1 status=0
    shift
    local report=$build_root/log/$step-tests.xml
    rm -f "$report"
    logged "$build_root/log/$step-tests.log" steady ctest --test-dir "$build_root/$name" -j "$((jobs + 1))" \
        --output-on-failure --no-tests=error --output-junit "$report" "$@" || status=1
    figures_in "$build_root/$name/Testing/Temporary/LastTest.log" >>"$build_root/figures/$step"
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

# Keeps a figure of this step, for docs/reliability.md: figure states 1204.
figure() # NAME VALUE
{
    printf '%s\t%s\n' "$1" "$2" >>"$build_root/figures/$step"
}

# The figures that tests printed, as lines "FIGURE name value".
figures_in() # LOG
{
    [ -e "$1" ] && sed -n 's/^FIGURE \([a-z_0-9]*\) \([^ ]*\)$/\1\t\2/p' "$1"
}

# What this step counted, a line each: "rules checked: 122". Several tests' counts of one name are added up.
say_figures()
{
    awk -F '\t' '
        $1 ~ /^step_/ { next }
        !($1 in sum) { names[++count] = $1 }
        { sum[$1] = $1 in sum && $2 ~ /^[0-9]+$/ ? sprintf("%.0f", sum[$1] + $2) : $2 }
        END {
            for (i = 1; i <= count; i++) {
                text = names[i]
                gsub("_", " ", text)
                printf "    %s: %s\n", text, sum[names[i]]
            }
        }' "$build_root/figures/$step"
}
