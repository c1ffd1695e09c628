# Draws the plots: figures (lines of figures.awk), then plots.txt. Set: folder, where each becomes NAME.svg. A plot
# without figures is not written. The spread is from the lower to the upper quartile of the rounds. Needs nice.awk.
BEGIN {
    FS = "\t"
    split("#1f6fb4 #c8553d #e0a030 #3b8f5a #75539b #555555", colour, " ")
    ours = 4 # what is ours always has this colour
    width = 760
    font = "font-family=\"sans-serif\" font-size=\"12\""
}

function escape(text)
{
    gsub(/&/, "\\&amp;", text)
    gsub(/</, "\\&lt;", text)
    gsub(/>/, "\\&gt;", text)
    return text
}

function put(text)
{
    print text >file
}

function words(x, y, anchor, text, more)
{
    put(sprintf("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\"%s>%s</text>", x, y, anchor, more, escape(text)))
}

function stroke(x1, y1, x2, y2, colour_, more)
{
    put(sprintf("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"%s/>", x1, y1, x2, y2, colour_, more))
}

function log2(value)
{
    return log(value) / log(2)
}

# A step of 1, 2 or 5 times a power of ten, of which `most` has at most six.
function step_for(most,    step)
{
    step = 0.001
    while (most / step > 60)
        step *= 10
    if (most / step > 30)
        return step * 10
    if (most / step > 12)
        return step * 5
    return most / step > 6 ? step * 2 : step
}

function begin_file(height)
{
    file = folder "/" name ".svg"
    put(sprintf("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" %s>", width,
        height, width, height, font))
    put(sprintf("<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>", width, height))
    words(width / 2, 22, "middle", title, " font-weight=\"bold\"")
}

function end_file()
{
    put("</svg>")
    close(file)
    name = ""
}

function colour_of(series)
{
    return label[series] ~ /^(vfa|the same)/ ? colour[ours + (label[series] ~ /^the same/)] : colour[1 + (series - 1) % 3]
}

# ---- lines ----

# Gathers the points of each series, in the order of their numbers, and what all reach.
function gather(    i, key, number, j, n)
{
    most = 0
    first = last = ""
    split("", seen)
    xs = 0
    for (i = 1; i <= series_count; i++)
        points[i] = 0
    for (n = 1; n <= figures; n++)
        for (i = 1; i <= series_count; i++) {
            key = order[n]
            if (index(key, prefix[i]) != 1)
                continue
            number = substr(key, length(prefix[i]) + 1)
            if (number !~ /^[0-9]+$/)
                continue
            number += 0
            for (j = points[i]++; j > 0 && x[i, j] > number; j--) {
                x[i, j + 1] = x[i, j]
                at[i, j + 1] = at[i, j]
            }
            x[i, j + 1] = number
            at[i, j + 1] = key
            most = median[key] > most ? median[key] : most
            first = first == "" || number < first ? number : first
            last = last == "" || number > last ? number : last
            if (!(number in seen)) {
                seen[number] = 1
                all[++xs] = number
            }
        }
    return last != ""
}

function across(number)
{
    return left + (right - left) * (last > first ? (log2(number) - log2(first)) / (log2(last) - log2(first)) : 0.5)
}

function up(value)
{
    return bottom - (bottom - top) * (value > ceiling ? ceiling : value) / ceiling
}

function number_text(number)
{
    if (!kib || number < 1024)
        return number (kib ? " KiB" : "")
    return nice(number / 1024) " MiB"
}

# What is nearer to a label than 30 stays without.
function axes(    value, i, j, swap, taken)
{
    for (value = 0; value <= ceiling + step / 2; value += step) {
        stroke(left, up(value), right, up(value), "#dddddd", "")
        words(left - 8, up(value) + 4, "end", nice(value), "")
    }
    for (i = 1; i <= xs; i++)
        for (j = i; j > 1 && all[j] < all[j - 1]; j--) {
            swap = all[j]
            all[j] = all[j - 1]
            all[j - 1] = swap
        }
    taken = -100
    for (i = 1; i <= xs; i++) {
        stroke(across(all[i]), bottom, across(all[i]), bottom + 5, "#555555", "")
        if (across(all[i]) - taken < 30)
            continue
        taken = across(all[i])
        words(taken, bottom + 20, "middle", number_text(all[i]), "")
    }
    stroke(left, bottom, right, bottom, "#555555", "")
    words((left + right) / 2, bottom + 40, "middle", x_label, "")
    words(left - 40, top - 10, "start", y_label, "")
}

function draw_lines(    i, j, path, key)
{
    if (!gather())
        return
    left = 60
    right = width - 30
    top = 60
    bottom = 330
    step = step_for(most)
    ceiling = step * (int(most / step) + (most / step > int(most / step)))
    begin_file(400 + 18 * int((series_count + 1) / 2))
    axes()
    for (i = 1; i <= series_count; i++) {
        path = ""
        for (j = 1; j <= points[i]; j++) {
            key = at[i, j]
            path = path sprintf("%s%.1f,%.1f", j > 1 ? " " : "", across(x[i, j]), up(median[key]))
            stroke(across(x[i, j]), up(low[key]), across(x[i, j]), up(high[key]), colour_of(i),
                " stroke-opacity=\"0.35\" stroke-width=\"3\"")
            put(sprintf("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\" fill=\"%s\"/>", across(x[i, j]), up(median[key]),
                colour_of(i)))
        }
        put(sprintf("<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" points=\"%s\"/>", colour_of(i), path))
        legend(i)
    }
    if (mark in median && median[mark] >= first && median[mark] <= last) {
        stroke(across(median[mark]), top, across(median[mark]), bottom, "#555555", " stroke-dasharray=\"5 4\"")
        words(across(median[mark]) + 6, top + 12, "start", mark_label, "")
    }
    end_file()
}

# Two to a line, below the axis.
function legend(i,    x0, y0)
{
    x0 = left + (i % 2 ? 0 : (right - left) / 2)
    y0 = bottom + 68 + 18 * int((i - 1) / 2)
    put(sprintf("<rect x=\"%.1f\" y=\"%.1f\" width=\"12\" height=\"12\" fill=\"%s\"/>", x0, y0 - 10, colour_of(i)))
    words(x0 + 18, y0, "start", label[i] (points[i] ? "" : ": not run"), "")
}

# ---- bars ----

function along(value)
{
    if (!logarithmic)
        return left + (right - left) * value / ceiling
    return value > 1 ? left + (right - left) * log(value) / log(ceiling) : left
}

function draw_bars(    i, key, y0, value)
{
    most = 0
    for (i = 1; i <= series_count; i++)
        if (prefix[i] in median)
            most = high[prefix[i]] > most ? high[prefix[i]] : most
    if (!most)
        return
    left = 230
    right = width - 90
    top = 40
    bottom = top + 30 * series_count
    if (logarithmic)
        for (ceiling = 10; ceiling < most; ceiling *= 10)
            continue
    else {
        step = step_for(most)
        ceiling = step * (int(most / step) + (most / step > int(most / step)))
    }
    begin_file(bottom + 55)
    for (value = logarithmic ? 1 : 0; value <= ceiling * 1.001; value = logarithmic ? value * 10 : value + step) {
        stroke(along(value), top, along(value), bottom, "#dddddd", "")
        words(along(value), bottom + 18, "middle", nice(value), "")
    }
    words((left + right) / 2, bottom + 38, "middle", y_label, "")
    for (i = 1; i <= series_count; i++) {
        key = prefix[i]
        y0 = top + 30 * (i - 1) + 5
        words(left - 8, y0 + 14, "end", label[i], "")
        if (!(key in median)) {
            words(left + 8, y0 + 14, "start", "not run", "")
            continue
        }
        put(sprintf("<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"20\" fill=\"%s\"/>", left, y0,
            along(median[key]) - left, label[i] ~ /^vfa/ ? colour[ours] : colour[1]))
        stroke(along(low[key]), y0 + 10, along(high[key]), y0 + 10, "#222222", " stroke-width=\"2\"")
        words(along(high[key]) + 6, y0 + 14, "start", nice(median[key]), "")
    }
    end_file()
}

function draw()
{
    if (name == "")
        return
    if (bars)
        draw_bars()
    else
        draw_lines()
}

FILENAME == ARGV[1] {
    order[++figures] = $1
    median[$1] = $4
    low[$1] = $9
    high[$1] = $10
    next
}

/^#/ || !NF { next }

{
    directive = $0
    sub(/ .*/, "", directive)
    rest = substr($0, length(directive) + 2)
}

directive == "plot" {
    draw()
    name = rest
    title = x_label = y_label = mark = mark_label = ""
    kib = logarithmic = bars = series_count = 0
}

directive == "title" { title = rest }
directive == "x" { x_label = rest }
directive == "y" { y_label = rest }
directive == "kib" { kib = 1 }
directive == "log" { logarithmic = 1 }

directive == "line" || directive == "bar" || directive == "mark" {
    key = rest
    sub(/ .*/, "", key)
    rest = substr(rest, length(key) + 2)
}

directive == "line" || directive == "bar" {
    bars = directive == "bar"
    prefix[++series_count] = key
    label[series_count] = rest
}

directive == "mark" {
    mark = key
    mark_label = rest
}

END { draw() }
