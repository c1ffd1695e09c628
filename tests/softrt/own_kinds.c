/* The four kinds of surfaces that the runtime hands out. */
#include "own_kinds.h"

#include "../contract/surface_conformance.h"
#include "encode_run.h"
#include "vpp_run.h"

#include <string.h>

struct kind {
    const char *name;
    own_get_fn get;
    mfxVPPPoolType side; /* of VPP */
};

static const struct kind kinds[] = {
    {"decode", MFXMemory_GetSurfaceForDecode, MFX_VPP_POOL_IN},
    {"encode", MFXMemory_GetSurfaceForEncode, MFX_VPP_POOL_IN},
    {"VPP in", MFXMemory_GetSurfaceForVPP, MFX_VPP_POOL_IN},
    {"VPP out", MFXMemory_GetSurfaceForVPPOut, MFX_VPP_POOL_OUT},
};

/* The subject's user. */
struct source {
    struct runtime runtime;
    const struct kind *kind;
};

static mfxFrameSurface1 *acquire(void *user)
{
    struct source *source = user;
    mfxFrameSurface1 *surface;

    return source->kind->get(source->runtime.session, &surface) == MFX_ERR_NONE ? surface : NULL;
}

static void print(void *user, const char *rule, const char *what)
{
    const struct source *source = user;

    print_message("%s: broken: %s: %s\n", source->kind->name, rule, what);
}

static void attach(mfxVideoParam *par, mfxExtBuffer **list, mfxExtAllocationHints *hints)
{
    list[0] = &hints->Header;
    par->ExtParam = list;
    par->NumExtParam = 1;
}

/* The session with all three components, those hints being the kind's. */
static void open_source(struct source *source, const struct kind *kind, mfxExtAllocationHints *hints,
                        mfxHDL display)
{
    mfxVideoParam decode = {.mfx.CodecId = MFX_CODEC_AVC}, encode, vpp;
    mfxExtBuffer *list[1];

    source->kind = kind;
    runtime_open(&source->runtime);
    encode_defaults(&encode, MFX_CODEC_AVC, MFX_FOURCC_NV12);
    vpp_defaults(&vpp, MFX_FOURCC_NV12, 64, 32, MFX_FOURCC_NV12, 96, 48);
    decode.mfx.FrameInfo = encode.mfx.FrameInfo;
    decode.IOPattern = MFX_IOPATTERN_OUT_SYSTEM_MEMORY;
    if (display) {
        decode.IOPattern = MFX_IOPATTERN_OUT_VIDEO_MEMORY;
        encode.IOPattern = MFX_IOPATTERN_IN_VIDEO_MEMORY;
        vpp.IOPattern = MFX_IOPATTERN_IN_VIDEO_MEMORY | MFX_IOPATTERN_OUT_VIDEO_MEMORY;
        assert_int_equal(MFXVideoCORE_SetHandle(source->runtime.session, MFX_HANDLE_VA_DISPLAY, display),
                         MFX_ERR_NONE);
    }
    if (hints) {
        hints->VPPPoolType = kind->side;
        attach(&decode, list, hints);
        attach(&encode, list, hints);
        attach(&vpp, list, hints);
    }
    assert_int_equal(MFXVideoDECODE_Init(source->runtime.session, &decode), MFX_ERR_NONE);
    assert_int_equal(MFXVideoENCODE_Init(source->runtime.session, &encode), MFX_ERR_NONE);
    assert_int_equal(MFXVideoVPP_Init(source->runtime.session, &vpp), MFX_ERR_NONE);
}

void own_kinds_check(mfxExtAllocationHints *hints, mfxPoolAllocationPolicy policy, mfxU32 size,
                     mfxHDL display)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct source source;
        struct vfa_conform_surfaces subject = {.user = &source,
                                               .acquire = acquire,
                                               .outlives_release = true,
                                               .answers_pool = true,
                                               .policy = policy,
                                               .pool_size = size,
                                               .device_type =
                                                   display ? MFX_HANDLE_VA_DISPLAY : (mfxHandleType)0,
                                               .native_type = MFX_RESOURCE_VA_SURFACE};

        open_source(&source, &kinds[i], hints, display);
        assert_int_equal(surface_conformance_run(&subject, NULL, print, &source), 0);
        runtime_close(&source.runtime);
    }
}
