/* Pixel formats and frame layout: one table of facts for every FourCC of API 2.8, and what follows from it.
 */
#ifndef VFA_FORMAT_H
#define VFA_FORMAT_H

#include <vfa/defs.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VFA_MAX_PLANES 3

/* Channel slots of mfxFrameData, in the order of its unions. */
enum vfa_channel {
    VFA_CHANNEL_Y = 0, /* Y, Y16, R */
    VFA_CHANNEL_U = 1, /* U, UV, VU, CbCr, Cb, G, U16, Y410, Y416 */
    VFA_CHANNEL_V = 2, /* V, Cr, B, V16, A2RGB10, ABGRFP16 */
    VFA_CHANNEL_A = 3, /* A */
    VFA_CHANNELS = 4,
};

/* One plane: a row holds ceil(width / unit_px) units of unit_bytes. */
struct vfa_format_plane {
    uint8_t unit_px; /* luma pixels across that one unit covers: 1, or 2 where chroma is halved or packed */
    uint8_t unit_bytes; /* bytes of one unit */
    uint8_t row_div;    /* the plane has rows / row_div rows: 1 or 2 */
    uint8_t pitch_div;  /* its pitch is the frame's pitch / pitch_div: 1 or 2 */
};

/* Where a pointer of mfxFrameData points: the first sample of its channel; the first unit where channels
 * share a word (RGB565, A2RGB10, Y410, ABGR16F) or a pair (NV21, whose VU pointer sits in the U slot). */
struct vfa_format_channel {
    int8_t plane;         /* -1: the format leaves this pointer NULL */
    uint8_t offset_bytes; /* from the start of the plane */
};

/* All that is known of one FourCC. Source: ColorFourCC in mfxstructures.h. */
struct vfa_format {
    mfxU32 fourcc;             /* MFX_FOURCC_ */
    const char *name;          /* "NV12" */
    const char *summary;       /* "4:2:0 semi-planar, 8 bit" */
    mfxU16 chroma_format;      /* MFX_CHROMAFORMAT_; MONOCHROME where there is no colour to speak of */
    uint8_t bit_depth;         /* significant bits per sample when the frame info does not say */
    uint8_t container_bits;    /* bits a sample occupies, of the widest channel */
    uint8_t msb_shift_allowed; /* mfxFrameInfo.Shift may be non-zero: samples in the high bits */
    uint8_t rgb;               /* its colour channels are red, green and blue */
    uint8_t linear;            /* a buffer of BufferSize bytes instead of a picture (P8) */
    uint8_t plane_count;
    struct vfa_format_plane plane[VFA_MAX_PLANES]; /* in the order they lie in memory */
    struct vfa_format_channel channel[VFA_CHANNELS];
    uint32_t va_fourcc;       /* VA_FOURCC_ of va.h a surface is created with, 0: VA-API has no equivalent */
    uint32_t va_image_fourcc; /* VA_FOURCC_ of that surface's VAImage; mostly the same */
    uint32_t va_fourcc_other; /* the code that other drivers mean these bytes by, 0: all agree */
    uint32_t va_rt_format;    /* VA_RT_FORMAT_ of va.h a surface is created with; 0: the format is a VA buffer
                                 (P8) and no surface, or VA-API has no equivalent */
    uint32_t drm_fourcc;      /* DRM_FORMAT_ of drm_fourcc.h for all planes in one, 0: none. For formats that
                                 may be shifted it means the shifted samples */
};

/* The facts of a FourCC, or NULL when API 2.8 does not define it. Static storage, any thread. */
VFA_API const struct vfa_format *vfa_format_find(mfxU32 fourcc);

/* The whole table: formats 0 to vfa_format_count() - 1; NULL past the end. Static storage, any thread. */
VFA_API size_t vfa_format_count(void);
VFA_API const struct vfa_format *vfa_format_at(size_t index);

/* Writes a FourCC readably into `text`, and returns it: by its name in the table ("NV12", "A2RGB10", "P8"),
 * an unknown one by its four characters ("'H264'") or as a number ("0x00000001"). "" for `text` NULL. Any
 * thread. */
#define VFA_FOURCC_TEXT_MAX 12
VFA_API const char *vfa_fourcc_text(mfxU32 fourcc, char text[VFA_FOURCC_TEXT_MAX]);

/* How a layout is rounded. Zero means the default, which suits codecs (interlaced ones too) and zero-copy
 * import by GPU runtimes: width to 32 pixels, pitch to 64 bytes, rows to 32, size and base to 4096 bytes. A
 * default pitch that would be a multiple of 4096 gets 128 bytes more, so that the rows of a picture do not
 * share the same few lines of the processor's caches. Each a power of two; 1 leaves a value as it is. VPL
 * wants every plane at a multiple of 16 bytes: tighter rules than pitch 32 may not keep to that. */
struct vfa_layout_rules {
    size_t width_px;    /* round the width up to this before the pitch is computed */
    size_t pitch_bytes; /* then the pitch, which is not made longer if this is set */
    size_t rows;        /* round the height up */
    size_t size_bytes;  /* round the whole frame up, and align its base (to 16 bytes at least) */
};

/* One plane of a frame. */
struct vfa_layout_plane {
    size_t offset_bytes; /* from the base of the frame */
    size_t pitch_bytes;  /* from one row to the next */
    size_t row_bytes;    /* that the picture (Width, not the padding) uses of a row */
    size_t rows;         /* allocated, padding included */
};

/* A frame of one mfxFrameInfo in one buffer: planes follow one another without gaps. */
struct vfa_layout {
    const struct vfa_format *format;
    size_t size_bytes;      /* of the whole buffer */
    size_t alignment_bytes; /* that the base needs */
    size_t width_px;        /* rounded; 0 for a linear buffer, as rows and pitch_bytes */
    size_t rows;            /* rounded */
    uint32_t pitch_bytes;   /* what PitchHigh and PitchLow say */
    uint32_t plane_count;   /* 1 for a linear buffer: one row of BufferSize bytes */
    struct vfa_layout_plane plane[VFA_MAX_PLANES];
};

/* Computes where everything of a frame lies.
 * `info`: FourCC and Width, Height in pixels (BufferSize in bytes for P8); BitDepthLuma, BitDepthChroma (0:
 * the format's own) and Shift are checked, of P8 not. Crop and ChromaFormat do not matter: the FourCC implies
 * the chroma format, and many applications leave the field 0. `rules`: NULL for the defaults. Errors:
 * MFX_ERR_NULL_PTR; MFX_ERR_UNSUPPORTED for a FourCC that is not in the table; MFX_ERR_INVALID_VIDEO_PARAM
 * for a size of 0, a Shift or bit depth that the format cannot hold, or rules that are no powers of two;
 * MFX_ERR_MEMORY_ALLOC when the frame would exceed the address space or its pitch 32 bits. On error `out` is
 * zeroed. Any thread. Source: mfxFrameInfo, mfxFrameData in mfxstructures.h. */
VFA_API VFA_MUST_USE mfxStatus vfa_layout_compute(const mfxFrameInfo *info,
                                                  const struct vfa_layout_rules *rules,
                                                  struct vfa_layout *out);

/* Sets PitchHigh, PitchLow and all channel pointers of `data` for a frame at `base`, whatever they were
 * before (channels that the format lacks become NULL). Nothing else in `data` is touched. MFX_ERR_NULL_PTR;
 * MFX_ERR_NOT_INITIALIZED: a layout that vfa_layout_compute did not fill. On error `data` is as it was. Any
 * thread; `data` is the caller's. */
VFA_API VFA_MUST_USE mfxStatus vfa_layout_point(const struct vfa_layout *layout, void *base,
                                                mfxFrameData *data);

/* Zeroes PitchHigh, PitchLow and all channel pointers, and nothing else. Accepts NULL. */
VFA_API void vfa_frame_data_clear(mfxFrameData *data);

/* The pitch of a mfxFrameData in bytes: PitchHigh << 16 | PitchLow. */
static inline uint32_t vfa_frame_data_pitch(const mfxFrameData *data)
{
    return ((uint32_t)data->PitchHigh << 16) | data->PitchLow;
}

#ifdef __cplusplus
}
#endif

#endif
