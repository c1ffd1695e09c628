/* Calls of an allocator as rules make them, and the pixels of its frames. Each function tells through the
 * trial what is wrong; STEP() ends the rule then. */
#ifndef CONFORM_FRAME_H
#define CONFORM_FRAME_H

#include "formats.h"
#include "kit.h"

/* Types as runtimes send them. */
enum {
    DECODE_VIDEO = 0x0212,
    DECODE_SYSTEM = 0x0242,
    VPP_VIDEO = 0x0822,
    VPP_SYSTEM = 0x0842,
    JPEG_ENCODE = 0x0152, /* both kinds of memory */
};

enum {
    WIDTH = 64,
    HEIGHT = 48,
};

/* Frames and the request they were asked for by. */
struct set {
    mfxFrameAllocRequest request;
    mfxFrameAllocResponse response;
};

/* The planes of a locked frame. */
struct planes {
    size_t count;
    struct {
        mfxU8 *base;
        size_t pitch, row_bytes, rows;
    } plane[CONFORM_PLANES_MAX];
};

/* A format to try the rules that are not about formats with. Told as skipped when none is served. */
const struct conform_format *a_format(struct trial *t);
/* The same for a rule about both kinds of memory, from here on tried in video memory: NULL, and the rule is
 * skipped, where one of them is not served. */
const struct conform_format *a_format_of_both_kinds(struct trial *t);

/* Another one that is served; NULL: none. */
const struct conform_format *another_format(struct trial *t, const struct conform_format *first);

/* Runs `one` for every format; a format that need not be served and is refused is left out. */
typedef void conform_format_fn(struct trial *t, const struct conform_format *format);
void every_format(struct trial *t, conform_format_fn *one);

/* A request that shares frames with no other. */
mfxFrameAllocRequest plain_request(const struct trial *t, const struct conform_format *format, size_t width,
                                   size_t height, mfxU16 frames);

/* The same as a decoder makes it, for `alloc_id`. */
mfxFrameAllocRequest decoder_request(const struct trial *t, const struct conform_format *format,
                                     mfxU32 alloc_id, mfxU16 frames);

/* The calls; each notes first what it is about to do, for the case that it does not come back. */
mfxStatus call_alloc(struct trial *t, mfxFrameAllocRequest *request, mfxFrameAllocResponse *response);
mfxStatus call_lock(struct trial *t, mfxMemId mid, mfxFrameData *data);
mfxStatus call_unlock(struct trial *t, mfxMemId mid, mfxFrameData *data);
mfxStatus call_handle(struct trial *t, mfxMemId mid, mfxHDL *handle);
mfxStatus call_free(struct trial *t, mfxFrameAllocResponse *response);
void doing(struct trial *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Allocates; a refusal, and a response that is not fit for use, are told. */
void make(struct trial *t, const mfxFrameAllocRequest *request, struct set *set);
void make_plain(struct trial *t, const struct conform_format *format, mfxU16 frames, struct set *set);
void give_back(struct trial *t, struct set *set);

/* Locks, and finds the planes. `data` may be NULL. */
void lock_planes(struct trial *t, const struct conform_format *format, const mfxFrameInfo *info, mfxMemId mid,
                 mfxFrameData *data, struct planes *planes);
void unlock(struct trial *t, mfxMemId mid, mfxFrameData *data);

/* The planes that pointers and pitch say. */
void find_planes(struct trial *t, const struct conform_format *format, const mfxFrameInfo *info,
                 const mfxFrameData *data, struct planes *planes);

/* Every byte of the picture: written, and whether each is what fill() wrote with that seed. */
void fill(const struct planes *planes, unsigned seed);
bool holds(const struct planes *planes, unsigned seed);

/* The same through Lock and Unlock. */
void fill_frame(struct trial *t, const struct conform_format *format, const struct set *set, size_t frame,
                unsigned seed);
void check_frame(struct trial *t, const struct conform_format *format, const struct set *set, size_t frame,
                 unsigned seed, const char *after);

/* The four pointers of a mfxFrameData, in the order of conform_format.channel. */
mfxU8 *channel_of(const mfxFrameData *data, size_t channel);
size_t pitch_of(const mfxFrameData *data);
void make_stale(mfxFrameData *data);

#endif
