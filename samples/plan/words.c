/* Words of the command line as numbers. */
#include "words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool read_number(const char *word, uint64_t max, uint64_t *out, const char **end)
{
    char *stop;

    if (word[0] < '0' || word[0] > '9')
        return false;
    errno = 0;
    unsigned long long value = strtoull(word, &stop, 10);
    if (errno || value > max)
        return false;
    *out = value;
    *end = stop;
    return true;
}

bool read_need(const char *word, struct need *need, const char **end)
{
    uint64_t value[3] = {0, 0, 0};
    size_t count = 0;

    do {
        if (!read_number(word, UINT16_MAX, &value[count++], end))
            return false;
        word = *end + 1;
    } while (**end == ':' && count < 3);
    *need = (struct need){(mfxU16)value[0], (mfxU16)(count > 1 ? value[1] : value[0]), (mfxU16)value[2]};
    return need->min > 0 || need->suggested > 0;
}

const char *read_name(const char *word, char separator, char name[VFA_PLAN_NAME_MAX])
{
    const char *end = strchr(word, separator);

    name[0] = '\0';
    if (!end)
        return word;
    snprintf(name, VFA_PLAN_NAME_MAX, "%.*s", (int)(end - word), word);
    return end + 1;
}

bool read_bytes(const char *word, uint64_t *bytes)
{
    static const char units[] = "kMG";
    const char *end;

    if (!read_number(word, UINT64_MAX, bytes, &end))
        return false;
    const char *unit = *end ? strchr(units, *end == 'K' ? 'k' : *end) : NULL;
    if (!unit)
        return !*end;
    for (const char *u = units; u <= unit; u++) {
        if (*bytes > UINT64_MAX / 1024)
            return false;
        *bytes *= 1024;
    }
    return !end[1];
}

bool read_size(const char *word, mfxU16 *width, mfxU16 *height)
{
    uint64_t w, h;
    const char *end;

    if (!read_number(word, UINT16_MAX, &w, &end) || *end != 'x' ||
        !read_number(end + 1, UINT16_MAX, &h, &end) || *end || !w || !h)
        return false;
    *width = (mfxU16)w;
    *height = (mfxU16)h;
    return true;
}
