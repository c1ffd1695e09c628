# shellcheck shell=bash
# Mesa's VA drivers and the shim it tests them with, for tests of libvfa-va on a second vendor's real driver. Sourced
# by tests/run.sh, after cmake/debian.sh.
#
# They come from Debian's backports, and are unpacked into the build folder only: installed, they would replace the
# system's Mesa, and take packages that depend on that one with them.

mesa_root=$build_root/mesa
# What a test puts before the system's libraries.
mesa_libraries=$mesa_root/usr/lib/$(uname -m)-linux-gnu

# Where this machine gets Debian 12 from.
debian_mirror()
{
    # shellcheck disable=SC2016 # apt-get's own notation
    apt-get indextargets --format '$(CODENAME) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
        awk '$1 == "bookworm" { print $2; exit }'
}

# apt-get with lists and archives of its own. Nothing it does here touches the system's.
private_apt()
{
    local folder=$mesa_root.apt
    apt-get -o Dir::Etc::SourceList="$folder/sources.list" -o Dir::Etc::SourceParts=/nonexistent \
        -o Dir::State::Lists="$folder/lists" -o Dir::Cache::Archives="$folder/archives" \
        -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=root -o Debug::NoLocking=1 "$@"
}

download_mesa()
{
    local folder=$mesa_root.apt suite mirror package
    mirror=$(debian_mirror)
    [ -n "$mirror" ] || return
    mkdir -p "$folder/lists/partial" "$folder/archives/partial"
    for suite in bookworm bookworm-updates bookworm-backports; do
        say "deb $mirror $suite main"
    done >"$folder/sources.list"
    private_apt update || return
    private_apt install -y -d --no-install-recommends -t bookworm-backports mesa-va-drivers mesa-drm-shim || return
    rm -rf "$mesa_root"
    for package in "$folder"/archives/*.deb; do
        dpkg -x "$package" "$mesa_root" || return
    done
    dpkg-deb -f "$folder"/archives/mesa-va-drivers_*.deb Version >"$mesa_root/version" || return
    rm -rf "$folder"
    [ -e "$mesa_libraries/libnouveau_noop_drm_shim.so" ]
}

# Unpacks Mesa once. Without it its tests are skipped, and say so.
need_mesa()
{
    [ ! -e "$mesa_libraries/libnouveau_noop_drm_shim.so" ] || return 0
    command -v apt-get >/dev/null || return 0
    say "Unpacking Mesa's VA drivers from Debian's backports into $mesa_root, for their tests"
    logged "$build_root/log/mesa.log" download_mesa || say "  Mesa's tests will be skipped"
}
