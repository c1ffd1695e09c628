# The table of coverage by folder, of what lines.awk printed. Set: figures, a file for the totals.

function percent(part, whole)
{
    return whole ? 100 * part / whole : 100
}

function row(name)
{
    printf "%-16s %6d %6d %6.1f%%  %8d %6d %6.1f%%\n", name, lines[name], run[name], percent(run[name], lines[name]),
        branches[name], taken[name], percent(taken[name], branches[name])
}

function add(name)
{
    lines[name]++
    run[name] += $3 > 0
    branches[name] += $4
    taken[name] += $5
}

BEGIN {
    FS = "\t"
    printf "%-16s %6s %6s %7s  %8s %6s %7s\n", "folder", "lines", "run", "", "branches", "taken", ""
}

{
    folder = $1
    sub(/\/[^\/]*$/, "", folder)
    if (!(folder in lines))
        order[++folders] = folder
    add(folder)
    add("total")
}

END {
    for (i = 1; i <= folders; i++)
        row(order[i])
    row("total")
    name = "total"
    printf "lines_total\t%d\n", lines[name] >figures
    printf "lines_covered\t%d\n", run[name] >figures
    printf "lines_percent\t%.1f\n", percent(run[name], lines[name]) >figures
    printf "branches_total\t%d\n", branches[name] >figures
    printf "branches_covered\t%d\n", taken[name] >figures
    printf "branches_percent\t%.1f\n", percent(taken[name], branches[name]) >figures
    if (percent(run[name], lines[name]) < least_lines || percent(taken[name], branches[name]) < least_branches) {
        printf "less than %d%% of the lines or %d%% of the branches\n", least_lines, least_branches
        exit 1
    }
}
