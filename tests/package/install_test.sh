#!/bin/bash
# Installs the libraries into a fresh folder, moves that folder, and builds and runs programs against it: once found by
# pkg-config, once by CMake's find_package. None may link a VPL library.
#   install_test.sh shared|static|no-va FOLDER     no-va: without libvfa-va, where neither libva nor libdrm is
set -euo pipefail
kind=$1
work=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
: "${CC:=cc}" "${CMAKE:=cmake}" "${GENERATOR:=Ninja}"

fail()
{
    printf 'FAILED: %s\n' "$*" >&2
    exit 1
}

no_vpl() # FILE
{
    if readelf -d "$1" | grep -E 'NEEDED.*(libvpl|libmfx)'; then
        fail "$1 links a VPL library"
    fi
}

# Runs a command where pkg-config knows of no libva and no libdrm.
without_libva() # COMMAND...
{
    PKG_CONFIG_LIBDIR=$work/without-libva "$@"
}

by_pkg_config() # PACKAGE SOURCE: builds the program of that name, and runs it
{
    local package=$1 source=$2 program=$work/by-pkg-config-$1 cflags libs
    read -ra cflags < <(pkg-config --cflags "$package")
    read -ra libs < <(pkg-config --libs "$package")
    [[ " ${libs[*]} " != *" -lvpl "* ]] || fail "pkg-config makes programs link libvpl: ${libs[*]}"
    "$CC" -std=c11 -Wall -Wextra -Wpedantic -Werror "${cflags[@]}" "$here/consumer/$source" -o "$program" \
        "${libs[@]}" -pthread
    no_vpl "$program"
    LD_LIBRARY_PATH=$prefix/lib "$program" || fail "$program returned $?"
}

by_find_package() # NAME CMAKE-OPTION...: builds the project against the moved prefix, and runs it
{
    local build=$work/consumer-$1
    shift
    "$CMAKE" -S "$here/consumer" -B "$build" -G "$GENERATOR" -DCMAKE_C_COMPILER="$CC" \
        -DCMAKE_PREFIX_PATH="$prefix" "$@" || return
    "$CMAKE" --build "$build" && no_vpl "$build/consumer" && "$build/consumer"
}

# A project that asks for vfa::va is told why there is none.
va_is_refused() # REASON
{
    local reason=$1 log=$work/refused.log
    if without_libva by_find_package refused -DWITH_VA=ON >"$log" 2>&1; then
        fail "vfa::va was found"
    fi
    tr -s ' \n' ' ' <"$log" | grep -qF "$reason" || fail "$log does not say: $reason"
}

rm -rf "$work"
mkdir -p "$work/without-libva"
IFS=: read -ra folders < <(pkg-config --variable pc_path pkg-config)
for folder in "${folders[@]}"; do
    find "$folder" -maxdepth 1 -name '*.pc' ! -name 'libva*.pc' ! -name 'libdrm*.pc' \
        -exec ln -sf -t "$work/without-libva" {} + 2>/dev/null || true
done

options=(-DBUILD_SHARED_LIBS=ON) run=()
case $kind in
shared) ;;
static) options=(-DBUILD_SHARED_LIBS=OFF) ;;
no-va)
    options+=(-DVFA_BUILD_VA=OFF)
    run=(without_libva)
    ;;
*) fail "there is no kind '$kind'" ;;
esac
"${run[@]}" "$CMAKE" -S "$root" -B "$work/build" -G "$GENERATOR" -DCMAKE_C_COMPILER="$CC" "${options[@]}" \
    -DVFA_BUILD_SAMPLES=OFF -DVFA_BUILD_TESTS=OFF -DCMAKE_INSTALL_LIBDIR=lib
"$CMAKE" --build "$work/build"
"$CMAKE" --install "$work/build" --prefix "$work/installed"
mv "$work/installed" "$work/a moved prefix" # what was installed must not know where
prefix="$work/a moved prefix"

(cd "$root/include" && find vfa -name '*.h' | if [ "$kind" = no-va ]; then grep -vE '/(va|dmabuf).h$'; else cat; fi |
    sort) >"$work/headers-source"
(cd "$prefix/include" && find . -type f | sed 's|^\./||' | sort) >"$work/headers-installed"
diff "$work/headers-source" "$work/headers-installed" || fail "other headers were installed than there are"
if grep -rn "$work" "$prefix" --include='*.cmake' --include='*.pc'; then
    fail "an installed file names the folder it was built in"
fi
if [ "$kind" = static ]; then
    twice=$(nm -g --defined-only --format=just-symbols "$prefix"/lib/*.a | grep '^vfa' | sort | uniq -d)
    [ -z "$twice" ] || fail "both archives define $twice"
fi

echo "== pkg-config"
# The path has a space, which pkg-config's plain-text answers cannot carry: a link without one stands for it.
ln -s "$prefix" "$work/prefix"
export PKG_CONFIG_PATH=$work/prefix/lib/pkgconfig
said=$(by_pkg_config vfa main.c)
[ "$said" = "vfa $(pkg-config --modversion vfa): works" ] || fail "pkg-config's version differs: $said"
if [ "$kind" = no-va ]; then
    ! pkg-config --exists vfa-va || fail "pkg-config finds libvfa-va, which was not built"
else
    by_pkg_config vfa-va va.c
fi
unset PKG_CONFIG_PATH

echo "== find_package"
without_libva by_find_package plain
if [ "$kind" = no-va ]; then
    va_is_refused "vfa was built without libvfa-va"
else
    by_find_package va -DWITH_VA=ON
    va_is_refused "vfa::va needs libva"
fi

echo "== vfa-conform"
# A user's allocator, built outside, judged by the program that was installed; and the same by CMake's hint.
export PKG_CONFIG_PATH=$work/prefix/lib/pkgconfig
read -ra cflags < <(pkg-config --cflags vfa)
conform=$(pkg-config --variable=conform vfa)
"$CC" -std=c11 -Wall -Wextra -Wpedantic -Werror -shared -fPIC "${cflags[@]}" "$here/consumer/plugin.c" \
    -o "$work/plugin.so"
judge() # STATUS PROGRAM ARGUMENTS...
{
    local expected=$1 status=0
    shift
    LD_LIBRARY_PATH=$prefix/lib "$@" >"$work/judged.txt" || status=$?
    [ "$status" -eq "$expected" ] || fail "$*: exit status $status, not $expected"
}
judge 1 "$conform" --only sharing "$work/plugin.so"
grep -q '^BROKEN *must *share_same_frames$' "$work/judged.txt" || fail "$conform does not say what is broken"
judge 0 "$conform" --only layout --tap "$work/plugin.so"
judge 0 "$(<"$work/consumer-plain/conform.txt")" --only layout "$work/consumer-plain/plugin.so"
judge 0 "$conform" --system --only allocator
if [ "$kind" = no-va ]; then
    judge 2 "$conform" --va 2>"$work/no-va.txt"
    grep -q 'built without libvfa-va' "$work/no-va.txt" || fail "$conform does not say why there is no --va"
fi
