/* An allocator over a counted memory manager, with a remembered log: what most tests of the allocator start
 * from. */
#ifndef VFA_TEST_FIXTURE_H
#define VFA_TEST_FIXTURE_H

#include "../support/log.h"
#include "../support/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <vfa/vfa.h>

struct fixture {
    struct test_memory memory;
    struct test_log log;
    struct vfa_allocator *a;
    mfxFrameAllocator *mfx;
};

#define TYPE_DECODE_SYSTEM (MFX_MEMTYPE_EXTERNAL_FRAME | MFX_MEMTYPE_FROM_DECODE | MFX_MEMTYPE_SYSTEM_MEMORY)

static inline void fixture_open(struct fixture *f, const struct vfa_backend *backends, size_t count)
{
    struct vfa_memory manager = test_memory_manager(&f->memory);
    struct vfa_allocator_config config = vfa_allocator_config_defaults();
    config.memory = &manager;
    config.log = test_log_sink(&f->log, VFA_LOG_DEBUG);
    config.backend = backends;
    config.backend_count = count;
    assert_int_equal(vfa_allocator_create(&f->a, &config), MFX_ERR_NONE);
    f->mfx = vfa_allocator_mfx(f->a);
}

/* Ends the allocator and checks that every byte came back. */
static inline void fixture_close(struct fixture *f)
{
    vfa_allocator_destroy(&f->a);
    assert_null(f->a);
    assert_int_equal(atomic_load(&f->memory.live_blocks), 0);
    assert_int_equal(atomic_load(&f->memory.live_bytes), 0);
    assert_int_equal(atomic_load(&f->memory.mismatches), 0);
    pthread_mutex_destroy(&f->log.lock);
}

static inline mfxFrameAllocRequest request_of(mfxU32 fourcc, mfxU16 width, mfxU16 height, mfxU16 min,
                                              mfxU16 suggested)
{
    mfxFrameAllocRequest request;
    memset(&request, 0, sizeof request);
    request.Info.FourCC = fourcc;
    request.Info.Width = width;
    request.Info.Height = height;
    request.Info.ChromaFormat = MFX_CHROMAFORMAT_YUV420;
    request.Type = TYPE_DECODE_SYSTEM;
    request.NumFrameMin = min;
    request.NumFrameSuggested = suggested;
    return request;
}

static inline mfxStatus alloc(struct fixture *f, mfxFrameAllocRequest *request,
                              mfxFrameAllocResponse *response)
{
    return f->mfx->Alloc(f->mfx->pthis, request, response);
}

static inline mfxStatus lock(struct fixture *f, mfxMemId mid, mfxFrameData *data)
{
    return f->mfx->Lock(f->mfx->pthis, mid, data);
}

static inline mfxStatus unlock(struct fixture *f, mfxMemId mid, mfxFrameData *data)
{
    return f->mfx->Unlock(f->mfx->pthis, mid, data);
}

static inline mfxStatus release(struct fixture *f, mfxFrameAllocResponse *response)
{
    return f->mfx->Free(f->mfx->pthis, response);
}

static inline struct vfa_stats stats_of(struct fixture *f)
{
    struct vfa_stats stats;
    assert_int_equal(vfa_allocator_stats(f->a, &stats), MFX_ERR_NONE);
    return stats;
}

#endif
