#!/bin/bash
# Installs libvfa into a fresh folder, moves that folder, and builds and runs a program against it: once found by
# pkg-config, once by CMake's find_package. Neither may link a VPL library.
set -euo pipefail
kind=$1 # shared or static
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

shared=ON
[ "$kind" = shared ] || shared=OFF
rm -rf "$work"
mkdir -p "$work"

"$CMAKE" -S "$root" -B "$work/build" -G "$GENERATOR" -DCMAKE_C_COMPILER="$CC" -DBUILD_SHARED_LIBS=$shared \
    -DVFA_BUILD_SAMPLES=OFF -DVFA_BUILD_TESTS=OFF -DCMAKE_INSTALL_LIBDIR=lib
"$CMAKE" --build "$work/build"
"$CMAKE" --install "$work/build" --prefix "$work/installed"
mv "$work/installed" "$work/a moved prefix" # what was installed must not know where
prefix="$work/a moved prefix"

(cd "$root/include" && find vfa -name '*.h' | sort) >"$work/headers-source"
(cd "$prefix/include" && find . -type f | sed 's|^\./||' | sort) >"$work/headers-installed"
diff "$work/headers-source" "$work/headers-installed" || fail "other headers were installed than there are"
if grep -rn "$work" "$prefix" --include='*.cmake' --include='*.pc'; then
    fail "an installed file names the folder it was built in"
fi

echo "== pkg-config"
# The path has a space, which pkg-config's plain-text answers cannot carry: a link without one stands for it.
ln -s "$prefix" "$work/prefix"
export PKG_CONFIG_PATH=$work/prefix/lib/pkgconfig
read -ra cflags < <(pkg-config --cflags vfa)
read -ra libs < <(pkg-config --libs vfa)
[[ " ${libs[*]} " != *" -lvpl "* ]] || fail "pkg-config makes programs link libvpl: ${libs[*]}"
"$CC" -std=c11 -Wall -Wextra -Wpedantic -Werror "${cflags[@]}" "$here/consumer/main.c" -o "$work/by-pkg-config" \
    "${libs[@]}" -pthread
no_vpl "$work/by-pkg-config"
said=$(LD_LIBRARY_PATH=$prefix/lib "$work/by-pkg-config") || fail "the program says: $said"
[ "$said" = "vfa $(pkg-config --modversion vfa): works" ] || fail "pkg-config's version differs: $said"

echo "== find_package"
"$CMAKE" -S "$here/consumer" -B "$work/consumer" -G "$GENERATOR" -DCMAKE_C_COMPILER="$CC" \
    -DCMAKE_PREFIX_PATH="$prefix"
"$CMAKE" --build "$work/consumer"
no_vpl "$work/consumer/consumer"
"$work/consumer/consumer"
