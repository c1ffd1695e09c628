/* The frame layouts of API 2.8, as VPL's header and its runtimes have them. Written apart from src/format,
 * which is judged by it. */
#ifndef CONFORM_FORMATS_H
#define CONFORM_FORMATS_H

#include <stddef.h>
#include <stdint.h>
#include <vpl/mfxvideo.h>

enum {
    CONFORM_PLANES_MAX = 3,
    CONFORM_CHANNELS = 4
};

/* What a rule may ask of a channel's pointer. */
enum conform_pointer {
    POINTER_UNSAID = 0, /* the format has no such channel */
    POINTER_NEEDED,     /* at its place */
    POINTER_OPTIONAL,   /* at its place, or NULL: sources differ */
};

struct conform_format {
    mfxU32 fourcc;
    const char *name;
    uint8_t bit_depth, shift; /* what a decoder to video memory says in mfxFrameInfo */
    uint8_t linear;           /* BufferSize bytes */
    uint8_t planes;
    struct {
        uint8_t unit_px, unit_bytes; /* so many bytes for so many pixels of a row */
        uint8_t row_div, pitch_div;
    } plane[CONFORM_PLANES_MAX]; /* in the order of memory */
    struct {
        enum conform_pointer pointer;
        uint8_t plane, offset;
    } channel[CONFORM_CHANNELS]; /* Y, U, V, A of mfxFrameData, and what they are unions with */
};

extern const struct conform_format conform_formats[];
extern const size_t conform_format_count;

const struct conform_format *conform_format_find(mfxU32 fourcc);

/* The bytes of a row of a plane, `width` pixels wide. */
size_t conform_row_bytes(const struct conform_format *format, size_t plane, size_t width);

/* The least pitch that VPL allows. */
size_t conform_min_pitch(const struct conform_format *format, size_t width);

#endif
