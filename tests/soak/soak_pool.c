/* Threads that acquire, share and release, while the pool is reset, trimmed, cancelled, closed and destroyed
 * under them. */
#include "soak.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#define USERS 3
#define TURNS 40

struct user {
    struct soak soak; /* numbers of its own */
    struct vfa_pool *pool;
    struct vfa_pool_cancel *cancel;
    mfxFrameSurface1 *kept; /* released by the main thread, perhaps after destroy */
};

static void pause_us(unsigned us)
{
    struct timespec time = {.tv_nsec = (long)us * 1000};
    nanosleep(&time, NULL);
}

static void use(struct user *user, mfxFrameSurface1 *surface)
{
    struct soak *soak = &user->soak;
    bool submit = soak_pick(soak, 3) == 0;
    if (submit) /* a runtime holds it a while longer than the user */
        __atomic_store_n(&surface->Data.Locked, 1, __ATOMIC_RELEASE);
    if (soak_pick(soak, 2)) {
        assert_int_equal(vfa_pool_ref(user->pool, surface), MFX_ERR_NONE);
        assert_int_equal(vfa_pool_release(user->pool, surface), MFX_ERR_NONE);
    }
    if (soak_pick(soak, 4) == 0)
        pause_us(soak_pick(soak, 300));
    if (submit)
        __atomic_store_n(&surface->Data.Locked, 0, __ATOMIC_RELEASE);
    if (!user->kept && soak_pick(soak, 8) == 0)
        user->kept = surface;
    else
        assert_int_equal(vfa_pool_release(user->pool, surface), MFX_ERR_NONE);
}

static void *run_user(void *arg)
{
    struct user *user = arg;
    static const int32_t patience[] = {0, 1, 5, 1000};
    for (int i = 0; i < TURNS; i++) {
        mfxFrameSurface1 *surface;
        struct vfa_pool_want want = vfa_pool_want_defaults();
        want.timeout_ms = patience[soak_pick(&user->soak, 4)];
        want.cancel = user->cancel;
        mfxStatus status = vfa_pool_acquire_as(user->pool, &want, &surface);
        if (status == MFX_ERR_NONE)
            use(user, surface);
        else if (status == MFX_ERR_ABORTED)
            break;
        else
            assert_true(status == MFX_WRN_ALLOC_TIMEOUT_EXPIRED || status == MFX_ERR_NOT_FOUND);
    }
    return NULL;
}

static struct vfa_pool *create_pool(struct soak *soak, struct vfa_allocator *allocator,
                                    mfxFrameAllocRequest *request)
{
    struct vfa_pool_config config = vfa_pool_config_defaults();
    mfxExtAllocationHints hints;
    struct vfa_pool *pool;
    memset(&hints, 0, sizeof hints);
    hints.Header.BufferId = MFX_EXTBUFF_ALLOCATION_HINTS;
    hints.Header.BufferSz = sizeof hints;
    hints.AllocationPolicy = MFX_ALLOCATION_LIMITED;
    hints.NumberToPreAllocate = soak_pick(soak, 3);
    hints.DeltaToAllocateOnTheFly = 1 + soak_pick(soak, 3);
    *request = soak_request(soak);
    config.allocator = vfa_allocator_mfx(allocator);
    config.memory = &soak->manager;
    config.request = *request;
    config.hints = soak_pick(soak, 2) ? &hints : NULL;
    config.mode = soak_pick(soak, 2) ? VFA_SURFACE_MEMID : VFA_SURFACE_POINTERS;
    assert_int_equal(vfa_pool_create(&pool, &config), MFX_ERR_NONE);
    return pool;
}

/* What the application's main thread does meanwhile. */
static void disturb(struct soak *soak, struct vfa_pool *pool, struct vfa_pool_cancel *cancels,
                    mfxFrameAllocRequest *request)
{
    bool replaced;
    switch (soak_pick(soak, 5)) {
    case 0:
        (void)vfa_pool_trim(pool, 0);
        break;
    case 1:
        request->Info.Width = (mfxU16)(16 * (1 + soak_pick(soak, 20)));
        assert_int_equal(vfa_pool_reset(pool, request, &replaced), MFX_ERR_NONE);
        break;
    case 2:
        assert_int_equal(vfa_pool_cancel_waits(pool, &cancels[soak_pick(soak, USERS)]), MFX_ERR_NONE);
        break;
    case 3:
        vfa_pool_poke(pool);
        break;
    default:
        pause_us(soak_pick(soak, 500));
        break;
    }
}

void soak_pool(struct soak *soak)
{
    pthread_t threads[USERS];
    struct user users[USERS];
    struct vfa_pool_cancel cancels[USERS] = {{0}};
    mfxFrameAllocRequest request;
    struct vfa_allocator *allocator = soak_allocator(soak);
    struct vfa_pool *pool = create_pool(soak, allocator, &request);
    for (int i = 0; i < USERS; i++) {
        users[i] = (struct user){
            .soak = {.random = soak->random + (uint64_t)i + 1}, .pool = pool, .cancel = &cancels[i]};
        assert_int_equal(pthread_create(&threads[i], NULL, run_user, &users[i]), 0);
    }
    for (unsigned i = soak_pick(soak, 12); i > 0; i--)
        disturb(soak, pool, cancels, &request);
    if (soak_pick(soak, 2))
        vfa_pool_close(pool);
    for (int i = 0; i < USERS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    struct vfa_pool *mine = pool;
    bool destroy_first = soak_pick(soak, 2);
    bool is_kept = false;
    for (int i = 0; i < USERS; i++)
        is_kept = is_kept || users[i].kept;
    if (destroy_first && is_kept)
        vfa_pool_destroy(&mine); /* it lives until the last surface is back */
    for (int i = 0; i < USERS; i++)
        if (users[i].kept)
            assert_int_equal(vfa_pool_release(pool, users[i].kept), MFX_ERR_NONE);
    vfa_pool_destroy(&mine);
    soak_end_allocator(soak, &allocator);
}
