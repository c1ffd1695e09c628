# shellcheck shell=bash
# docs/reliability.md: the template of tests/reliability, with what the last run of each step found. Sourced by
# tests/run.sh.

# Which sources a step ran on.
sources_now()
{
    local commit
    commit=$(git -C "$root" rev-parse --short=10 HEAD 2>/dev/null) || {
        say "unknown"
        return
    }
    [ -z "$(git -C "$root" status --porcelain 2>/dev/null)" ] || commit+=" and changes"
    say "$commit"
}

# Keeps how a step ended beside its figures.
keep_result() # RESULT SECONDS
{
    figure step_result "$1"
    figure step_seconds "$2"
    figure step_passed "$step_passed"
    figure step_failed "$step_failed"
    figure step_skipped "$step_skipped"
    figure step_date "$(date -u '+%F %H:%M')"
    figure step_sources "$(sources_now)"
}

# Of a step that did not run since the figures were last cleared, it says so.
steps_block()
{
    local name kind text row
    say "| Step | Run | What it does | Result | Passed, failed, skipped | Seconds | When (UTC) | Sources |"
    say "|---|---|---|---|---|---|---|---|"
    for row in "${step_table[@]}"; do
        read -r name kind text <<<"$row"
        row="| \`$name\` | $kind | $text | "
        if [ -e "$build_root/figures/$name" ]; then
            row+="$(awk -F '\t' '{ kept[$1] = $2 }
                END {
                    if (!("step_result" in kept))
                        kept["step_result"] = "**did not end**"
                    printf "%s | %s, %s, %s | %s | %s | %s", kept["step_result"], kept["step_passed"],
                        kept["step_failed"], kept["step_skipped"], kept["step_seconds"], kept["step_date"],
                        kept["step_sources"]
                }' "$build_root/figures/$name")"
        else
            row+="**not run** | | | |"
        fi
        say "$row |"
    done
}

# The version of a Debian package, or that it is not installed.
version_row() # PACKAGE WHAT
{
    local version
    # shellcheck disable=SC2016 # dpkg-query's own notation
    version=$(dpkg-query -W -f='${Version}' "$1" 2>/dev/null)
    say "| $2 | $1 | ${version:-not installed} |"
}

versions_block()
{
    say "| What | Package | Version |"
    say "|---|---|---|"
    say "| Debian | | $(cat /etc/debian_version 2>/dev/null || say 'another system') |"
    say "| Kernel, processors | | $(uname -sr), $(nproc) |"
    if [ -n "$(ls /dev/dri/renderD* 2>/dev/null)" ]; then
        say "| Render node | | yes |"
    else
        say "| Render node | | none: drivers run over the tests' stand-in for the kernel driver |"
    fi
    version_row gcc-12 "GCC"
    version_row clang-14 "Clang"
    version_row libva2 "libva"
    version_row libvpl2 "VPL dispatcher"
    version_row intel-media-va-driver "Intel's VA driver, iHD"
    version_row libmfx-gen1.2 "Intel's runtime"
    version_row libmfx1 "Intel's older runtime"
    say "| Mesa's VA driver, nouveau | mesa-va-drivers | $(mesa_version) |"
    version_row libavcodec59 "FFmpeg's codecs"
    version_row valgrind "valgrind"
    version_row cppcheck "cppcheck"
    version_row spin "spin"
}

mesa_version()
{
    [ -e "$mesa_libraries" ] || { say "not unpacked"; return; }
    cat "$mesa_root/version" 2>/dev/null || say "of Debian's backports"
}

figures_block()
{
    local file
    for file in "$build_root"/figures/*; do
        [ ! -e "$file" ] || sed "s/^/${file##*/}\t/" "$file"
    done
}

# Writes build/reliability.md. Fails when a figure has no place in the template.
write_reliability()
{
    local here=$root/tests/reliability blocks=$build_root/reliability status=0
    mkdir -p "$blocks"
    steps_block >"$blocks/steps"
    versions_block >"$blocks/versions"
    sed '/^<!--/,/-->$/d' "$here/defects.md" >"$blocks/defects"
    figures_block >"$blocks/figures"
    awk -v blocks="$blocks" -f "$here/fill.awk" "$blocks/figures" "$here/reliability.md.in" >"$build_root/reliability.md" ||
        status=1
    say "report: $build_root/reliability.md"
    return "$status"
}

# Makes it the document of the repository.
record_reliability()
{
    write_reliability && cp "$build_root/reliability.md" "$root/docs/reliability.md" &&
        say "recorded in docs/reliability.md"
}
