/* What each component can do, as small tables: impl_desc.c turns them into the mfxImplDescription that the
 * dispatcher reads, and the components' Query functions check against the same tables. */
#ifndef SOFTRT_CAPS_H
#define SOFTRT_CAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <vpl/mfxjpeg.h>
#include <vpl/mfxvideo.h>

struct srt_profile_caps {
    mfxU32 profile;        /* MFX_PROFILE_ of the codec */
    const mfxU32 *formats; /* FourCCs a surface may have */
    mfxU16 num_formats;
};

struct srt_codec_caps {
    mfxU32 codec;     /* MFX_CODEC_ */
    mfxU16 max_level; /* MFX_LEVEL_, 0 where the codec has none */
    bool b_frames;    /* encoders: can use bidirectional prediction */
    mfxRange32U width;
    mfxRange32U height;
    const struct srt_profile_caps *profiles;
    mfxU16 num_profiles;
};

struct srt_filter_caps {
    mfxU32 filter;    /* MFX_EXTBUFF_VPP_ */
    mfxU16 max_delay; /* frames */
    mfxRange32U width;
    mfxRange32U height;
    const mfxU32 *in_formats;
    mfxU16 num_in_formats;
    const mfxU32 *out_formats; /* for every one of in_formats */
    mfxU16 num_out_formats;
};

/* The index-th entry, NULL past the end. What this process's libav lacks is left out, so that the description
 * is true on every machine. Constant data, any thread. */
const struct srt_codec_caps *srt_decoder_caps(size_t index);
const struct srt_codec_caps *srt_encoder_caps(size_t index);
const struct srt_filter_caps *srt_vpp_caps(size_t index);

#endif
