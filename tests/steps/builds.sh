# shellcheck shell=bash
# Steps that build everything one way and run the tests: compilers, sanitizers, memcheck. Sourced by tests/run.sh.

# How builds that look for mistakes are made: assertions on, fast enough, lines in every report.
checked=(-DCMAKE_C_COMPILER=gcc -DCMAKE_BUILD_TYPE=Debug "-DCMAKE_C_FLAGS_DEBUG=-O1 -g")

run_gcc() # CTEST-OPTION...
{
    need_packages "build and run the tests" "${packages_tests[@]}"
    need_mesa
    configure gcc -DCMAKE_C_COMPILER=gcc -DCMAKE_BUILD_TYPE=RelWithDebInfo -DVFA_TEST_MESA="$mesa_libraries" &&
        build gcc all || return
    run_tests gcc "$@"
}

# What has a step of its own.
conformance='^contract[.]|^real[.]conform$'
failures='^fault[.]'
driver_failures='^fault[.]driver$'

step_gcc()
{
    run_gcc -E "$conformance|$failures"
}

step_conform()
{
    run_gcc -R "$conformance"
}

step_failures()
{
    run_gcc -R "$failures" -E "$driver_failures"
}

step_driver()
{
    run_gcc -R "$driver_failures"
}

# Tests in which we look at many formats on a driver that is not instrumented: they take the sanitizers long and tell
# them little. On the tests' driver they have the same of our code in the other tests.
long_on_driver='^real[.](inspect|document_.*|va_formats|dmabuf_pixels|conform)$'

# And whole transcodes, whose parts the other tests have: the rest of them is in every run.
long_transcodes='^real[.]transcode$|^transcode[.](containers|decode|encode|filters|interrupt|streams|timestamps)$'

run_asan() # CTEST-OPTION...
{
    need_packages "build and run the tests" "${packages_tests[@]}"
    need_mesa
    configure asan "${checked[@]}" -DVFA_SANITIZE=address,undefined -DVFA_TEST_MESA="$mesa_libraries" &&
        build asan all || return
    ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1 \
        LSAN_OPTIONS=suppressions=$root/tests/support/lsan.supp:print_suppressions=0 \
        run_tests asan "$@"
}

step_asan()
{
    run_asan -E "$long_on_driver|$long_transcodes"
}

step_asan-all()
{
    run_asan -R "$long_on_driver|$long_transcodes"
}

run_tsan() # CTEST-OPTION...
{
    need_packages "build and run the tests" "${packages_tests[@]}"
    need_mesa
    configure tsan "${checked[@]}" -DVFA_SANITIZE=thread -DVFA_TEST_MESA="$mesa_libraries" && build tsan all || return
    TSAN_OPTIONS=suppressions=$root/tests/support/tsan.supp:second_deadlock_stack=1 run_tests tsan "$@"
}

step_tsan()
{
    run_tsan -L 'unit|contract|softrt|real' -E "$long_on_driver|$long_transcodes"
}

step_tsan-all()
{
    run_tsan -R "$long_on_driver|$long_transcodes"
}

# One library, static, and nothing that loads or links code which Clang did not compile here: cmocka alone, which hands
# the tests nothing but what they gave it.
step_msan()
{
    need_packages "build and run the tests" "${packages_tests[@]}"
    need_packages "run the tests under MemorySanitizer" clang libclang-rt-14-dev llvm
    configure msan -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=Debug "-DCMAKE_C_FLAGS_DEBUG=-O1 -g" \
        -DVFA_SANITIZE=memory -DBUILD_SHARED_LIBS=OFF -DVFA_BUILD_SAMPLES=OFF && build msan all || return
    run_tests msan
}

# vex-guest-max-insns: the longest blocks of dav1d's assembler are more than memcheck 3.19 has room for.
build_for_valgrind()
{
    local launcher="valgrind;--quiet;--error-exitcode=99;--leak-check=full;--errors-for-leak-kinds=definite,possible"
    launcher+=";--fair-sched=try;--vex-guest-max-insns=25;--suppressions=$root/tests/support/valgrind.supp"
    need_packages "build and run the tests" "${packages_tests[@]}"
    need_packages "run the tests under memcheck" valgrind
    configure valgrind "${checked[@]}" -DVFA_TEST_LAUNCHER="$launcher" && build valgrind all
}

# What does something a million times, or with threads that memcheck runs one after another.
long_under_memcheck='^unit[.](pool_stress|slots)$|^fault[.]storm$'
encode_under_memcheck='^softrt[.]encode_(control|rate|streams|reset|mux)$'

# The transcoder's tests start it some two hundred times, and each start alone takes memcheck seconds: those that go
# into detail are left to --full, and so are the long streams of the software runtime.
step_valgrind()
{
    build_for_valgrind || return
    run_tests valgrind -L 'unit|short' -E "$long_under_memcheck"
}

step_valgrind-all()
{
    build_for_valgrind && run_tests valgrind -R "$long_under_memcheck" || return
    run_tests valgrind -L 'softrt|transcode|real|contract|fault|fuzz|plan' -LE 'unit|short' \
        -E "$encode_under_memcheck"
}

# Most of what this asks memcheck to follow is libx265's rate control, and libaom.
step_encode-all()
{
    build_for_valgrind || return
    run_tests valgrind -R "$encode_under_memcheck"
}

step_clang()
{
    need_packages "build and run the tests" "${packages_tests[@]}"
    need_packages "build with Clang, the benchmarks too" clang libgstreamer-plugins-base1.0-dev
    configure clang -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++ -DVFA_BUILD_BENCH=ON &&
        build clang all || return
    run_tests clang -L package
}
