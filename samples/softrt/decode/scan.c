/* Where headers and pictures begin in a bitstream: start codes and markers, nothing of what is in between. */
#include "decode/decode.h"

#include <string.h>

/* The code byte after the next 00 00 01 at or after `from`; SIZE_MAX. */
static size_t next_start_code(const uint8_t *data, size_t size, size_t from)
{
    while (from + 3 < size) {
        const uint8_t *one = memchr(data + from + 2, 1, size - from - 3);
        if (!one)
            return SIZE_MAX;
        if (one[-1] == 0 && one[-2] == 0)
            return (size_t)(one - data) + 1;
        from = (size_t)(one - data) - 1;
    }
    return SIZE_MAX;
}

static size_t next_marker(const uint8_t *data, size_t size, size_t from)
{
    while (from + 1 < size) {
        const uint8_t *ff = memchr(data + from, 0xff, size - from - 1);
        if (!ff)
            return SIZE_MAX;
        if (ff[1] != 0xff)
            return (size_t)(ff - data) + 1;
        from = (size_t)(ff - data) + 1;
    }
    return SIZE_MAX;
}

/* Where the start code or marker begins whose code byte `is` accepts. */
static size_t scan(enum srt_framing framing, const uint8_t *data, size_t size, size_t from,
                   bool (*is)(uint8_t code))
{
    bool marker = framing == SRT_MARKERS;

    for (;;) {
        size_t code = marker ? next_marker(data, size, from) : next_start_code(data, size, from);
        if (code == SIZE_MAX)
            return SIZE_MAX;
        if (is(data[code]))
            return code - (marker ? 1 : 3);
        from = code;
    }
}

size_t srt_scan_header(const struct srt_decode_codec *codec, const uint8_t *data, size_t size, size_t from)
{
    return scan(codec->framing, data, size, from, codec->is_header);
}

size_t srt_scan_picture(const struct srt_decode_codec *codec, const uint8_t *data, size_t size, size_t from)
{
    return scan(codec->framing, data, size, from, codec->is_picture);
}

size_t srt_scan_partial(const struct srt_decode_codec *codec, const uint8_t *data, size_t size)
{
    static const uint8_t start_code[] = {0, 0, 1};

    if (codec->framing == SRT_MARKERS)
        return size && data[size - 1] == 0xff ? 1 : 0;
    for (size_t n = sizeof(start_code); n > 0; n--)
        if (size >= n && memcmp(data + size - n, start_code, n) == 0)
            return n;
    return 0;
}

bool srt_scan_unit(const uint8_t *data, size_t size, bool (*is)(uint8_t code), const uint8_t **unit,
                   size_t *unit_size)
{
    size_t begin = scan(SRT_START_CODES, data, size, 0, is);
    size_t end;

    if (begin == SIZE_MAX)
        return false;
    end = next_start_code(data, size, begin + 3);
    end = end == SIZE_MAX ? size : end - 3;
    while (end > begin && data[end - 1] == 0) /* the next start code's zero byte */
        end--;
    *unit = data + begin;
    *unit_size = end - begin;
    return true;
}
