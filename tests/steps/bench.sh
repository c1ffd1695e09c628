# shellcheck shell=bash
# tests/run.sh --bench: measures, and never passes or fails by what it finds. Sourced by tests/run.sh.

bench_subjects=(hot_path pool frames present copy pitch overhead va_map transcode)

# The ways into VA surfaces, on Intel's driver: on its GPU, or where there is none under the tests' shim.
bench_va_map()
{
    local build=$build_root/bench status=0
    VFA_TEST_SHIM=$build/tests/support/i915/libvfa-i915-shim.so VFA_I915_ROOT=$build/i915 LIBVA_MESSAGING_LEVEL=0 \
        VFA_TEST_DRIVERS=$(pkg-config --variable=driverdir libva) \
        sh "$root/tests/real/on_device.sh" -- "$build/tests/bench/va_map_bench" || status=$?
    [ "$status" -eq 0 ] || [ "$status" -eq 77 ]
}

bench_subject() # NAME TRANSCODE-OPTION...
{
    local name=$1
    shift
    say "--- $name"
    case $name in
    va_map) bench_va_map ;;
    transcode) "$root/tests/bench/run.sh" "$build_root/bench" "$@" ;;
    *) "$build_root/bench/tests/bench/${name}_bench" ;;
    esac
}

# Puts the table of what was asked into README.md, where its marks are.
record_in_readme()
{
    local readme=$root/README.md
    awk '
        FILENAME == ARGV[1] { table = table $0 "\n"; next }
        /^<!-- end of what was asked -->$/ { inside = 0; marks++ }
        !inside
        /^<!-- what was asked; / { inside = 1; marks++; printf "\n%s\n", table }
        END { exit marks != 2 }' "$build_root/asked.md" "$readme" >"$build_root/README.md" &&
        cp "$build_root/README.md" "$readme"
}

# The document of the figures that there are, also of earlier runs; with `record` it becomes the repository's.
bench_report() # RECORD
{
    local status=0
    "$root/tests/bench/report/report.sh" "$build_root/figures-bench" "$build_root" || status=1
    say "report: $build_root/performance.md"
    if [ -n "$1" ]; then
        mkdir -p "$root/docs/performance" && rm -f "$root"/docs/performance/*.svg &&
            cp "$build_root/performance.md" "$root/docs/" &&
            cp "$build_root"/performance/*.svg "$root/docs/performance/" && record_in_readme || return 1
        say "recorded in docs/performance.md and README.md"
    fi
    return "$status"
}

run_bench() # OPTION...
{
    local chosen=() subject record=${record:-}
    while [ "$#" -gt 0 ]; do
        case $1 in
        --record) record=yes ;;
        --report)
            mkdir -p "$build_root/figures-bench"
            chosen=(none)
            ;;
        --subject)
            [ "$#" -ge 2 ] || die "--subject needs a name: ${bench_subjects[*]}"
            [[ " ${bench_subjects[*]} " == *" $2 "* ]] ||
                die "there is no benchmark '$2'; there are: ${bench_subjects[*]}"
            chosen+=("$2")
            shift
            ;;
        *) break ;;
        esac
        shift
    done
    if [ "${#chosen[@]}" -eq 0 ]; then
        chosen=("${bench_subjects[@]}")
        rm -rf "$build_root/figures-bench"
    fi
    if [ "${chosen[0]}" != none ]; then
        need_packages "build the benchmark" "${packages_build[@]}" "${packages_samples[@]}" intel-media-va-driver \
            libgstreamer-plugins-base1.0-dev libmimalloc2.0
        configure bench -DCMAKE_BUILD_TYPE=Release -DVFA_BUILD_TESTS=OFF -DVFA_BUILD_BENCH=ON && build bench all ||
            exit 1
        mkdir -p "$build_root/figures-bench"
        export VFA_BENCH_FIGURES=$build_root/figures-bench VFA_BENCH_SOURCES
        VFA_BENCH_SOURCES=$(sources_now)
        for subject in "${chosen[@]}"; do
            bench_subject "$subject" "$@" || exit 1
        done
    fi
    bench_report "$record"
    exit
}
