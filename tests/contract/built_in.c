/* This project's own allocator as one to be judged, over system memory or VA-API surfaces, and its pool's
 * surfaces. */
#include "built_in.h"

#include "pool_conformance.h"

#include <stdlib.h>

enum {
    POOL_SURFACES = 2
};

struct built_in {
    struct vfa_allocator *frames;
    struct vfa_interface_config interface;
    mfxU16 pool_type;
    struct pool_subject pool; /* made when the first surface is asked for */
    struct vfa_conform_surfaces surfaces;
    void (*finish)(void *user);
    void *finish_user;
};

static void make_pool(struct built_in *b)
{
    struct vfa_pool_config config = vfa_pool_config_defaults();
    struct vfa_pool *pool;
    config.allocator = vfa_allocator_mfx(b->frames);
    config.request.Info.FourCC = MFX_FOURCC_NV12;
    config.request.Info.ChromaFormat = MFX_CHROMAFORMAT_YUV420;
    config.request.Info.Width = 128;
    config.request.Info.Height = 64;
    config.request.Type = b->pool_type;
    config.request.NumFrameMin = config.request.NumFrameSuggested = POOL_SURFACES;
    config.frame_interface = &b->interface;
    if (vfa_pool_create(&pool, &config) == MFX_ERR_NONE)
        pool_subject_init(&b->pool, pool, &b->interface, b->surfaces.device_type);
}

static mfxFrameSurface1 *acquire(void *user)
{
    struct built_in *b = user;
    if (!b->pool.pool)
        make_pool(b);
    return b->pool.pool ? pool_subject_acquire(&b->pool) : NULL;
}

static mfxStatus produce(void *user, mfxFrameSurface1 *surface, const struct vfa_conform_operation *operation)
{
    struct built_in *b = user;
    return pool_subject_produce(&b->pool, surface, operation);
}

static void close_built_in(struct vfa_conform_subject *subject)
{
    struct built_in *b = subject->user;
    vfa_pool_destroy(&b->pool.pool);
    vfa_allocator_destroy(&b->frames);
    if (b->finish)
        b->finish(b->finish_user);
    free(b);
}

mfxStatus built_in_open(const struct built_in_plan *plan, struct vfa_conform_subject *subject)
{
    struct built_in *b = calloc(1, sizeof *b);
    if (!b)
        return MFX_ERR_MEMORY_ALLOC;
    mfxStatus status = vfa_allocator_create(&b->frames, &plan->config);
    if (status != MFX_ERR_NONE) {
        free(b);
        return status;
    }
    b->interface = vfa_interface_config_defaults();
    b->interface.device = plan->device;
    b->pool_type = plan->pool_type;
    b->finish = plan->finish;
    b->finish_user = plan->finish_user;
    b->surfaces = (struct vfa_conform_surfaces){
        .user = b,
        .acquire = acquire,
        .outlives_release = true,
        .device_type = plan->device ? b->interface.device_type : (mfxHandleType)0,
        .native_type = b->interface.native_type,
        .answers_pool = true,
        .policy = MFX_ALLOCATION_LIMITED,
        .pool_size = POOL_SURFACES,
        .produce = produce,
    };
    subject->name = plan->name;
    subject->allocator = vfa_allocator_mfx(b->frames);
    subject->memory = plan->memory;
    subject->surfaces = &b->surfaces;
    subject->user = b;
    subject->close = close_built_in;
    return MFX_ERR_NONE;
}

/* Every FourCC of API 2.8 must be served in system memory. */
static const mfxU32 *all_formats(void)
{
    static mfxU32 list[64]; /* the same whoever writes it */
    for (size_t i = 0; i < vfa_format_count() && i + 1 < sizeof list / sizeof *list; i++)
        list[i] = vfa_format_at(i)->fourcc;
    return list;
}

mfxStatus conform_open_system(struct vfa_conform_subject *subject)
{
    const struct built_in_plan plan = {
        .name = "vfa: system memory",
        .config = vfa_allocator_config_defaults(),
        .memory = MFX_MEMTYPE_SYSTEM_MEMORY,
        .pool_type = MFX_MEMTYPE_EXTERNAL_FRAME | MFX_MEMTYPE_FROM_VPPOUT | MFX_MEMTYPE_SYSTEM_MEMORY,
    };
    subject->system_formats = all_formats();
    return built_in_open(&plan, subject);
}
