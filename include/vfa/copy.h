/* Copies and fills of pictures: between frames, and between planes that the application has, of one format,
 * whatever their pitches are. */
#ifndef VFA_COPY_H
#define VFA_COPY_H

#include <vfa/format.h>
#include <vfa/memory.h>

#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vfa_allocator;

/* One part of a job: the index says which. */
typedef void vfa_part_fn(void *context, unsigned int index);

/* The application's threads: calls part(context, i) once for each i below `parts`, on whatever threads,
 * several at once or not, and returns when all have returned. */
typedef void vfa_run_fn(void *user, unsigned int parts, vfa_part_fn *part, void *context);

/* How to copy. Start from vfa_copy_config_defaults(). */
struct vfa_copy_config {
    size_t size; /* sizeof(struct vfa_copy_config) */
    /* Pictures of so many bytes and more are written past the processor's caches. 0: none are. Where that
     * begins to pay differs much from machine to machine: vfa_copy_measure finds it. */
    size_t bypass_bytes;
    /* Not 0: the source lies in memory that the processor does not cache, and is read a whole line at a time.
     * Frames of this library never do. */
    int from_uncached;
    vfa_run_fn *run; /* NULL: on the calling thread alone */
    void *run_user;
    unsigned int parts; /* with `run`: into how many parts a picture is divided; 0: one */
};

static inline struct vfa_copy_config vfa_copy_config_defaults(void)
{
    struct vfa_copy_config config;
    memset(&config, 0, sizeof config);
    config.size = sizeof config;
    return config;
}

/* Copies a picture of `info` (FourCC, Width, Height; BufferSize of P8): its rows, never what lies between
 * them. `from` and `to`: the pitch, and a pointer into each plane, as vfa_wrap_host takes them. The two must
 * not overlap. `config` NULL: the defaults. MFX_ERR_NULL_PTR; MFX_ERR_UNSUPPORTED: an unknown FourCC;
 * MFX_ERR_INVALID_VIDEO_PARAM: a size of 0, a plane missing, a pitch shorter than a row, a config whose size
 * is not known; MFX_ERR_UNDEFINED_BEHAVIOR: a plane onto itself. On error nothing was copied. Any thread. */
VFA_API VFA_MUST_USE mfxStatus vfa_copy_planes(const mfxFrameInfo *info, const mfxFrameData *from,
                                               const mfxFrameData *to, const struct vfa_copy_config *config);

/* Copies between two frames, of one allocator or of two, locking them meanwhile (vfa_map: the source to be
 * read, the target to be written). `width`, `height`: of the part from the top left corner, in pixels; both
 * 0: the whole of the source, which must then not be larger than the target. Errors as vfa_copy_planes and
 * vfa_map; MFX_ERR_INVALID_VIDEO_PARAM: frames of two formats, depths or shifts, or a part beyond either;
 * MFX_ERR_UNDEFINED_BEHAVIOR: a frame onto itself. What unmapping the target answered. Any thread. */
VFA_API VFA_MUST_USE mfxStatus vfa_copy_frame(struct vfa_allocator *from_allocator, mfxMemId from,
                                              struct vfa_allocator *to_allocator, mfxMemId to, mfxU16 width,
                                              mfxU16 height, const struct vfa_copy_config *config);

/* The most bytes of a unit (struct vfa_format_plane) that any format has. */
#define VFA_UNIT_MAX_BYTES 8

/* Fills a picture: each unit of plane p with the unit_bytes that unit[p] begins with, so {{16}, {128, 128}}
 * is black in NV12. `info`, `data` and errors as of vfa_copy_planes. Any thread. */
VFA_API VFA_MUST_USE mfxStatus vfa_fill_planes(const mfxFrameInfo *info, const mfxFrameData *data,
                                               const mfxU8 unit[VFA_MAX_PLANES][VFA_UNIT_MAX_BYTES]);

/* A colour, by the samples of its channels in the order of enum vfa_channel: Y, U, V, A or R, G, B, A. Each
 * has the bits that the frame info says (BitDepthLuma, BitDepthChroma; 0 and 8: the format's own), whether
 * they are shifted in memory or not; in RGB565, A2RGB10 and Y410 those of its field; in ABGR16F it is a half
 * float. A channel that the format lacks does not matter. */
struct vfa_color {
    mfxU16 sample[VFA_CHANNELS];
};

/* What luma means: as video signals have it (black is 16 of 255), or from 0 on. */
enum vfa_range {
    VFA_RANGE_LIMITED = 0,
    VFA_RANGE_FULL = 1,
};

/* Black in the format of `info` (FourCC and depths): opaque where it has alpha; of RGB and of what is no
 * picture (R16, P8) zeros in either range. MFX_ERR_NULL_PTR; MFX_ERR_UNSUPPORTED: an unknown FourCC;
 * MFX_ERR_INVALID_VIDEO_PARAM: a depth that the format does not hold, or no range. On error *out is zeroed.
 * Any thread. */
VFA_API VFA_MUST_USE mfxStatus vfa_color_black(const mfxFrameInfo *info, enum vfa_range range,
                                               struct vfa_color *out);

/* Which part of a picture is filled. Never what lies between its rows or behind them. */
enum vfa_fill_part {
    VFA_FILL_PICTURE = 0, /* Width x Height */
    VFA_FILL_CROP = 1,    /* what the crop rectangle shows; without one (CropW or CropH 0) all */
    VFA_FILL_BORDER = 2, /* everything else: bars, and what makes up whole macroblocks; without one nothing */
};

/* Fills a picture with one colour. `info`, `data` and errors as of vfa_copy_planes;
 * MFX_ERR_INVALID_VIDEO_PARAM too: a sample that has more bits than its channel, no part, a crop rectangle
 * that reaches beyond the picture or begins within a pixel of a chroma plane, any part but the whole of P8.
 * On error nothing was written. Any thread. */
VFA_API VFA_MUST_USE mfxStatus vfa_fill_color(const mfxFrameInfo *info, const mfxFrameData *data,
                                              const struct vfa_color *color, enum vfa_fill_part part);

/* Fills a frame, with the crop rectangle of the request that it was made for, locking it meanwhile. Errors as
 * of vfa_fill_color and vfa_map; what unmapping it answered. Any thread. */
VFA_API VFA_MUST_USE mfxStatus vfa_fill_frame(struct vfa_allocator *allocator, mfxMemId mid,
                                              const struct vfa_color *color, enum vfa_fill_part part);

/* Makes all of a frame black: vfa_fill_frame with vfa_color_black. */
VFA_API VFA_MUST_USE mfxStatus vfa_clear_frame(struct vfa_allocator *allocator, mfxMemId mid,
                                               enum vfa_range range);

/* Finds config->bypass_bytes on this machine by copying among 16 buffers of up to `largest_bytes` (0: 12 MiB,
 * as of a 4K picture) for some tenths of a second: the least size from which writing past the caches was
 * faster, or 0 where it never was, or the processor cannot. `memory`: where the buffers come from; NULL:
 * vfa_memory_default(). MFX_ERR_NULL_PTR; MFX_ERR_INVALID_VIDEO_PARAM: of the config or the manager, a size
 * is not known; MFX_ERR_MEMORY_ALLOC. On error *config is as it was. Any thread; other work on the machine
 * misleads it. */
VFA_API VFA_MUST_USE mfxStatus vfa_copy_measure(struct vfa_copy_config *config,
                                                const struct vfa_memory *memory, size_t largest_bytes);

#ifdef __cplusplus
}
#endif

#endif
