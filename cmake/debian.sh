# shellcheck shell=bash
# From a bare Debian machine to a build: the packages, the configuring and the compiling, for the scripts that
# promise to do everything. Sourced by them; expects `root`, the folder of the project.

# Where builds and their logs go. Set VFA_BUILD_DIR to have them elsewhere.
build_root=${VFA_BUILD_DIR:-$root/build}
jobs=$(nproc)

# The same messages and the same order of files on every machine.
export LC_ALL=C.UTF-8

# What to build needs. g++: libvpl is C++, and its pkg-config file links libstdc++.
# shellcheck disable=SC2034 # used by the scripts that source this
packages_build=(gcc g++ libc6-dev cmake ninja-build pkg-config libvpl-dev libva-dev libdrm-dev)
# shellcheck disable=SC2034
packages_samples=(libavcodec-dev libavfilter-dev libavformat-dev libavutil-dev libswscale-dev libx265-dev libvpx-dev
    ffmpeg)

say()
{
    printf '%s\n' "$*"
}

die()
{
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# Runs a command with its output in a log file; when it fails, shows the end of the log.
logged() # LOG COMMAND...
{
    local log=$1 status=0
    shift
    mkdir -p "$(dirname "$log")"
    "$@" >"$log" 2>&1 || status=$?
    if [ "$status" -ne 0 ]; then
        say "  failed (exit status $status): $*"
        say "  the end of $log:"
        tail -n 60 "$log" | sed 's/^/  | /'
    fi
    return "$status"
}

# Prints those of the packages that are not installed, one a line.
missing_packages() # PACKAGE...
{
    local package
    for package in "$@"; do
        # shellcheck disable=SC2016 # dpkg-query's own notation
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || say "$package"
    done
}

# Installs what is missing of the packages, and nothing when nothing is. `why` completes "needed to".
need_packages() # WHY PACKAGE...
{
    local why=$1 missing as_root=()
    shift
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        say "Not a Debian system: going on in the hope that the equivalents of these are installed: $*"
        return
    fi
    mapfile -t missing < <(missing_packages "$@")
    [ "${#missing[@]}" -gt 0 ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null ||
            die "these Debian packages are needed to $why, and there is neither root nor sudo to install them" \
                "with. Have them installed by: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    say "Installing Debian packages needed to $why: ${missing[*]}"
    logged "$build_root/log/apt-update.log" "${as_root[@]}" apt-get -o DPkg::Lock::Timeout=300 update ||
        die "apt-get update failed"
    logged "$build_root/log/apt-install.log" "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "${missing[@]}" ||
        die "these packages could not be installed: ${missing[*]}"
}

# Configures a build folder.
configure() # NAME CMAKE-OPTION...
{
    local name=$1
    local log=$build_root/log/$name-configure.log
    shift
    logged "$log" cmake -S "$root" -B "$build_root/$name" -G Ninja "$@" || return
    # When the folder was configured for another compiler, CMake starts over and loses the options on the way.
    if grep -q 'require your cache to be deleted' "$log"; then
        logged "$log" cmake -S "$root" -B "$build_root/$name" -G Ninja "$@"
    fi
}

# Builds targets in a folder that is configured.
build() # NAME TARGET...
{
    local name=$1
    shift
    logged "$build_root/log/$name-build.log" cmake --build "$build_root/$name" -j "$jobs" --target "$@"
}
