/* The bridge between an application's mfxFrameSurface1 and libav's AVFrame: formats, checks, and pixels.
 *
 * A surface's pixels are reached as the GPU runtime does it: in system memory pointers already set are taken
 * as they are, else the session's allocator is asked to Lock the MemId. Video memory is always locked: what
 * pointers such a surface has are left from an earlier Lock. In the guise of hardware it is not locked but
 * asked for its VA surface (GetHDL), as the GPU runtime does; and in that of software where the allocator
 * cannot Lock video memory (ffmpeg's cannot). The AVFrame made here refers to those very
 * bytes; when its last reference goes (a filter or an encoder may keep it as a reference for long) the frame
 * is Unlocked and Data.Locked drops.
 *
 * A surface with a FrameInterface, whoever's it is, is referenced (AddRef, Release) as long as it is held,
 * and mapped instead of locked: an input while it is read, an output from the call that submits it to the end
 * of the operation, since Map for writing demands that Data.Locked be 0. Context is never looked at. */
#ifndef SOFTRT_FRAME_H
#define SOFTRT_FRAME_H

#include <libavutil/frame.h>
#include <libavutil/pixfmt.h>
#include <stdbool.h>
#include <vpl/mfxvideo.h>

struct srt_session;

enum srt_memory {
    SRT_SYSTEM_MEMORY,
    SRT_VIDEO_MEMORY
};

/* How one side of a component reaches its surfaces: whose allocator, and what memory its IOPattern names. */
struct srt_access {
    struct srt_session *session;
    enum srt_memory memory;
};

/* What a FourCC is to libav. */
struct srt_pixel_format {
    mfxU32 fourcc;
    enum AVPixelFormat pix_fmt;
    mfxU16 chroma_format; /* MFX_CHROMAFORMAT_ */
    mfxU16 bit_depth;
    mfxU16 shift; /* samples in the high bits */
};

/* NULL when the runtime does not do that FourCC in its guise. NV12, I420, P010, I010, YUY2, RGB4. */
const struct srt_pixel_format *srt_pixel_format_find(mfxU32 fourcc);
const struct srt_pixel_format *srt_pixel_format_at(size_t index); /* NULL past the end */

/* All samples in one plane: ChromaFormat says nothing that the FourCC does not, and clients (sample_vpp) fill
 * it with 4:2:0 whatever the format is. */
static inline bool srt_is_packed(const struct srt_pixel_format *format)
{
    return format->chroma_format != MFX_CHROMAFORMAT_YUV420;
}

/* Fills FourCC, ChromaFormat, BitDepthLuma/Chroma, Shift of `info`. */
void srt_pixel_format_describe(const struct srt_pixel_format *format, mfxFrameInfo *info);

/* Where the planes of `format` lie, in libav's order, from the pointers and the pitch of `data`: the whole
 * surface, the crop rectangle not applied. False when a pointer is missing, or the pitch does not hold
 * `width` pixels. */
bool srt_surface_planes(const struct srt_pixel_format *format, const mfxFrameData *data, int width,
                        uint8_t *planes[4], int linesizes[4]);

/* A surface's bytes within reach: srt_surface_map maps or locks, unless a surface of system memory or a held
 * output has its pointers (MFX_ERR_LOCK_MEMORY when that fails); srt_surface_unmap undoes that, and answers
 * MFX_ERR_LOCK_MEMORY when the allocator could not take back what was written. The planes start at the crop
 * rectangle. */
struct srt_device_map;
struct srt_mapping {
    mfxFrameAllocator allocator;
    mfxMemId locked;                /* NULL when there is nothing to unlock */
    struct srt_device_map *reached; /* the VA surface behind the MemId; NULL */
    bool mapped;                    /* through the interface */
    mfxFrameSurface1 copy;          /* of the surface, for that */
    mfxFrameData data;
    const struct srt_pixel_format *format;
    int width; /* of the crop rectangle */
    int height;
    uint8_t *planes[4];
    int linesizes[4];
};
mfxStatus srt_surface_map(struct srt_access access, const mfxFrameSurface1 *surface, bool writable,
                          struct srt_mapping *out);
mfxStatus srt_surface_unmap(struct srt_mapping *mapping);

/* Raises and drops Data.Locked atomically, and takes a reference where there is an interface. Raise fails
 * with MFX_ERR_LOCK_MEMORY at 65535, and with what AddRef answers. */
mfxStatus srt_surface_hold(mfxFrameSurface1 *surface);
void srt_surface_drop(mfxFrameSurface1 *surface);

/* The same for a surface that is to be written: with an interface it is mapped too, if it has to be, before
 * Data.Locked goes up, and the interface of one of the runtime's own is told that an operation has begun.
 * Fails with what Map answers. The end tells OnComplete how the operation ended, and then whoever waits for
 * the surface, who finds it without this hold, and returns that: MFX_ERR_LOCK_MEMORY when Unmap could not
 * take the pixels. */
struct srt_hold {
    bool mapped; /* by its interface */
    bool own;    /* the surface is the runtime's */
    bool early;  /* Data.Locked is lowered already */
};
mfxStatus srt_surface_hold_output(struct srt_access access, mfxFrameSurface1 *surface, struct srt_hold *hold);
mfxStatus srt_surface_drop_output(mfxFrameSurface1 *surface, struct srt_hold hold, mfxStatus status);

/* Lowers Data.Locked of an application's surface that is held to be written, long before the end: a test
 * knob, since libmfx-gen does so. One of the runtime's own stays as it is: its interface relies on the count.
 */
void srt_surface_unlock_early(mfxFrameSurface1 *surface, struct srt_hold *hold);

/* The same for one that waits for its turn to be written: a reference, or Data.Locked where there is no
 * interface. */
mfxStatus srt_surface_keep(mfxFrameSurface1 *surface);
void srt_surface_let_go(mfxFrameSurface1 *surface);

/* Is this a surface that can hold `want` (FourCC, size, depth, crop within it, a MemId or all its pointers,
 * pitch)? MFX_ERR_NULL_PTR, MFX_ERR_INVALID_VIDEO_PARAM, MFX_ERR_UNDEFINED_BEHAVIOR, MFX_ERR_LOCK_MEMORY. */
mfxStatus srt_surface_check(struct srt_access access, const mfxFrameSurface1 *surface,
                            const mfxFrameInfo *want);

/* The surface's crop rectangle as an AVFrame over the surface's own bytes. Holds the surface (Data.Locked)
 * and the allocator's Lock until the last reference to the AVFrame's buffer goes, on whatever thread that is.
 * `writable` false marks the buffer read-only; true is for who holds the surface already, so that Locked
 * stays as it is. MFX_ERR_LOCK_MEMORY when the allocator refuses. */
mfxStatus srt_frame_from_surface(struct srt_access access, mfxFrameSurface1 *surface, bool writable,
                                 AVFrame **out);

/* The end of a frame that was written to and that nobody else refers to. MFX_ERR_LOCK_MEMORY when the
 * allocator could not take the pixels back: they are not in the surface then. */
mfxStatus srt_frame_finish(AVFrame **frame);

/* Copies or converts `from` (any libav software frame) into the surface's crop rectangle: a plain copy when
 * format and size agree, else libswscale. 8-bit I420 to NV12 and 10-bit I010 to P010, and back, lose nothing,
 * and no conversion among YUV formats alters the range of the samples. `converter` caches what can be kept
 * between calls; start with NULL, free with srt_converter_free. MFX_ERR_LOCK_MEMORY, MFX_ERR_MEMORY_ALLOC,
 * MFX_ERR_UNSUPPORTED. */
struct srt_converter;
mfxStatus srt_frame_to_surface(struct srt_access access, const AVFrame *from, mfxFrameSurface1 *surface,
                               struct srt_converter **converter);

#endif
