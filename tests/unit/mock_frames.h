/* An mfxFrameAllocator that is not ours, for tests: hands out made-up frames, fails where it is told to, and
 * counts what it gave and got back. */
#ifndef VFA_TEST_MOCK_FRAMES_H
#define VFA_TEST_MOCK_FRAMES_H

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <vpl/mfxvideo.h>

#define MOCK_FIRST_MID 0x10000u

struct mock_frames {
    mfxFrameAllocator mfx;
    mfxMemId *mids;
    size_t count;      /* of the response alive */
    atomic_int *locks; /* by frame */
    atomic_int live;   /* responses alive */
    atomic_int lock_calls;
    atomic_int errors; /* calls that no caller should make */
    mfxFrameAllocRequest request;
    mfxStatus alloc_status; /* below 0: Alloc fails with it; above: it succeeds with a warning */
    int actual;             /* frames to give; -1: as suggested */
    int null_mid_at;        /* this mid is NULL; -1: none */
    int null_mids;          /* the array is NULL */
    int lock_fails_at;      /* the n-th Lock fails, from 1; 0: none */
    mfxStatus lock_status;
    int lock_sets_nothing;
    mfxStatus unlock_status;
    mfxStatus free_status;
};

static unsigned char mock_pixels[64];

static inline int mock_index(const struct mock_frames *m, mfxMemId mid)
{
    uintptr_t index = (uintptr_t)mid - MOCK_FIRST_MID;
    return index < m->count ? (int)index : -1;
}

static inline mfxStatus mock_alloc(mfxHDL pthis, mfxFrameAllocRequest *request,
                                   mfxFrameAllocResponse *response)
{
    struct mock_frames *m = pthis;
    m->request = *request;
    if (m->alloc_status < MFX_ERR_NONE)
        return m->alloc_status;
    m->count = m->actual < 0 ? request->NumFrameSuggested : (size_t)m->actual;
    m->mids = calloc(m->count + 1, sizeof *m->mids);
    m->locks = calloc(m->count + 1, sizeof *m->locks);
    for (size_t i = 0; i < m->count; i++) {
        if ((int)i != m->null_mid_at)
            m->mids[i] = (mfxMemId)(uintptr_t)(MOCK_FIRST_MID + i);
    }
    response->AllocId = request->AllocId;
    response->mids = m->null_mids ? NULL : m->mids;
    response->NumFrameActual = (mfxU16)m->count;
    atomic_fetch_add(&m->live, 1);
    return m->alloc_status;
}

static inline mfxStatus mock_lock(mfxHDL pthis, mfxMemId mid, mfxFrameData *data)
{
    struct mock_frames *m = pthis;
    int index = mock_index(m, mid);
    if (index < 0) {
        atomic_fetch_add(&m->errors, 1);
        return MFX_ERR_INVALID_HANDLE;
    }
    if (atomic_fetch_add(&m->lock_calls, 1) + 1 == m->lock_fails_at)
        return m->lock_status;
    atomic_fetch_add(&m->locks[index], 1);
    if (!m->lock_sets_nothing) {
        data->PitchLow = 64;
        data->Y = mock_pixels;
        data->UV = mock_pixels + 32;
    }
    return MFX_ERR_NONE;
}

static inline mfxStatus mock_unlock(mfxHDL pthis, mfxMemId mid, mfxFrameData *data)
{
    struct mock_frames *m = pthis;
    int index = mock_index(m, mid);
    if (index < 0 || atomic_fetch_sub(&m->locks[index], 1) < 1)
        atomic_fetch_add(&m->errors, 1);
    if (data) {
        data->Y = NULL;
        data->UV = NULL;
        data->PitchLow = 0;
    }
    return m->unlock_status;
}

static inline int mock_locked_frames(const struct mock_frames *m)
{
    int locked = 0;
    for (size_t i = 0; i < m->count; i++)
        locked += atomic_load(&m->locks[i]) != 0;
    return locked;
}

static inline mfxStatus mock_free(mfxHDL pthis, mfxFrameAllocResponse *response)
{
    struct mock_frames *m = pthis;
    if (atomic_fetch_sub(&m->live, 1) < 1 || response->NumFrameActual != m->count || mock_locked_frames(m))
        atomic_fetch_add(&m->errors, 1);
    free(m->mids);
    free(m->locks);
    m->count = 0;
    m->mids = NULL;
    m->locks = NULL;
    return m->free_status;
}

static inline void mock_frames_init(struct mock_frames *m)
{
    memset(m, 0, sizeof *m);
    m->actual = -1;
    m->null_mid_at = -1;
    m->lock_status = MFX_ERR_LOCK_MEMORY;
    m->mfx.pthis = m;
    m->mfx.Alloc = mock_alloc;
    m->mfx.Lock = mock_lock;
    m->mfx.Unlock = mock_unlock;
    m->mfx.Free = mock_free;
}

/* What a runtime does to Data.Locked. */
static inline void runtime_holds(mfxFrameSurface1 *surface)
{
    __atomic_fetch_add(&surface->Data.Locked, 1, __ATOMIC_RELAXED);
}

static inline void runtime_lets_go(mfxFrameSurface1 *surface)
{
    __atomic_fetch_sub(&surface->Data.Locked, 1, __ATOMIC_RELEASE);
}

#endif
