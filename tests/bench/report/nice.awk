# A number as people read it: three digits that count, no more than four behind the point.
function nice(value,    size)
{
    size = value < 0 ? -value : value
    if (size >= 100 || value == int(value))
        return sprintf("%.0f", value)
    if (size >= 10)
        return sprintf("%.1f", value)
    if (size >= 1)
        return sprintf("%.2f", value)
    return sprintf(size >= 0.01 ? "%.3f" : "%.4f", value)
}

function with_unit(value, unit)
{
    return unit == "ratio" ? nice(value) : nice(value) (unit == "%" ? "" : " ") unit
}
