# shellcheck shell=bash
# tests/run.sh --bench: measures, and never passes or fails. Sourced by tests/run.sh.

# The ways into VA surfaces, on Intel's driver: on its GPU, or where there is none under the tests' shim.
bench_va_maps()
{
    local build=$build_root/bench status=0
    VFA_TEST_SHIM=$build/tests/support/i915/libvfa-i915-shim.so VFA_I915_ROOT=$build/i915 LIBVA_MESSAGING_LEVEL=0 \
        VFA_TEST_DRIVERS=$(pkg-config --variable=driverdir libva) \
        sh "$root/tests/real/on_device.sh" -- "$build/tests/bench/va_map_bench" || status=$?
    [ "$status" -eq 0 ] || [ "$status" -eq 77 ]
}

run_bench()
{
    need_packages "build the benchmark" "${packages_build[@]}" "${packages_samples[@]}" intel-media-va-driver \
        libgstreamer-plugins-base1.0-dev libmimalloc2.0
    configure bench -DCMAKE_BUILD_TYPE=Release -DVFA_BUILD_TESTS=OFF -DVFA_BUILD_BENCH=ON && build bench all || exit 1
    "$build_root/bench/tests/bench/hot_path_bench" || exit 1
    "$build_root/bench/tests/bench/pool_bench" || exit 1
    "$build_root/bench/tests/bench/frames_bench" || exit 1
    "$build_root/bench/tests/bench/present_bench" || exit 1
    "$build_root/bench/tests/bench/copy_bench" || exit 1
    "$build_root/bench/tests/bench/pitch_bench" || exit 1
    bench_va_maps || exit 1
    exec "$root/tests/bench/run.sh" "$build_root/bench" "$@"
}
