# shellcheck shell=bash
# The step that counts the instructions of the hot paths. Sourced by tests/run.sh.

step_instructions()
{
    if [ "$(uname -m)" != x86_64 ]; then
        echo "  SKIPPED: the recorded counts are of x86-64"
        step_skipped=$((step_skipped + 1))
        return
    fi
    need_packages "count instructions" "${packages_build[@]}" valgrind
    configure instructions -DCMAKE_C_COMPILER=gcc -DCMAKE_BUILD_TYPE=Release -DVFA_BUILD_SAMPLES=OFF \
        -DVFA_BUILD_TESTS=OFF -DVFA_BUILD_VA=OFF -DBUILD_SHARED_LIBS=ON && build instructions all || return
    check instructions "$root/tests/instructions/run.sh" "$build_root/instructions/src" "$build_root/instructions/work"
    figures_in "$build_root/log/instructions.log" >>"$build_root/figures/instructions"
}
