/* Threads with a session each hand the runtime's own surfaces round, and close their components whenever they
 * like: nothing is waited for but by who looks at the pixels, and nothing is lost. */
#include "own_surface.h"
#include "vpp_run.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum {
    THREADS = 4,
    ROUNDS = 600,
    WIDTH = 64,
    HEIGHT = 32
};

/* Where each thread leaves its pictures for the next one. */
static _Atomic(mfxFrameSurface1 *) slots[THREADS];

struct worker {
    mfxSession session;
    unsigned number;
    uint32_t random;
    unsigned made, passed_on, wrong;
    pthread_t thread;
};

static uint32_t next_random(struct worker *w)
{
    w->random = w->random * 1664525U + 1013904223U;
    return w->random >> 16;
}

/* Never an assertion: those are for the main thread. */
static void expect(struct worker *w, bool holds)
{
    w->wrong += !holds;
}

static void release(struct worker *w, mfxFrameSurface1 *surface)
{
    expect(w, surface->FrameInterface->Release(surface) == MFX_ERR_NONE);
}

static void init(struct worker *w)
{
    mfxExtAllocationHints in = own_hints(MFX_ALLOCATION_LIMITED, 0, 3, 20);
    mfxExtAllocationHints out = own_hints(MFX_ALLOCATION_OPTIMAL, 1, 0, 20);
    mfxExtBuffer *list[2] = {&in.Header, &out.Header};
    mfxVideoParam par;

    out.VPPPoolType = MFX_VPP_POOL_OUT;
    vpp_defaults(&par, MFX_FOURCC_NV12, WIDTH, HEIGHT, MFX_FOURCC_NV12, WIDTH, HEIGHT);
    par.ExtParam = list;
    par.NumExtParam = 2;
    expect(w, MFXVideoVPP_Init(w->session, &par) == MFX_ERR_NONE);
}

/* A new picture, all bytes alike. NULL: no surface is left. */
static mfxFrameSurface1 *paint(struct worker *w)
{
    mfxFrameSurface1 *surface = NULL;
    mfxStatus status = MFXMemory_GetSurfaceForVPP(w->session, &surface);

    expect(w, status == MFX_ERR_NONE || status == MFX_WRN_ALLOC_TIMEOUT_EXPIRED);
    if (!surface)
        return NULL;
    expect(w, surface->FrameInterface->Map(surface, MFX_MAP_WRITE) == MFX_ERR_NONE);
    for (size_t y = 0; y < HEIGHT * 3 / 2; y++)
        memset((y < HEIGHT ? surface->Data.Y : surface->Data.UV - HEIGHT * (size_t)surface->Data.PitchLow) +
                   y * surface->Data.PitchLow,
               100, WIDTH);
    expect(w, surface->FrameInterface->Unmap(surface) == MFX_ERR_NONE);
    w->made++;
    return surface;
}

/* Whoever finds a picture looks at it. It may have been aborted by a Close, and is passed on then too. */
static void look_at(struct worker *w, mfxFrameSurface1 *surface)
{
    mfxFrameSurface1 copy = {.FrameInterface = surface->FrameInterface, .Version = surface->Version};
    mfxStatus status = surface->FrameInterface->Map(&copy, MFX_MAP_READ);

    expect(w, status == MFX_ERR_NONE || status == MFX_ERR_ABORTED);
    if (status != MFX_ERR_NONE)
        return;
    expect(w, copy.Data.Y[0] == 100 &&
                  copy.Data.Y[(HEIGHT - 1) * (size_t)copy.Data.PitchLow + WIDTH - 1] == 100);
    expect(w, surface->FrameInterface->Unmap(&copy) == MFX_ERR_NONE);
}

/* Through this session's VPP, into the next thread's slot; what lay there is released. */
static void pass_on(struct worker *w, mfxFrameSurface1 *surface)
{
    mfxFrameSurface1 *out = NULL, *before;
    mfxStatus status = MFXVideoVPP_ProcessFrameAsync(w->session, surface, &out);

    expect(w, status == MFX_ERR_NONE || status == MFX_WRN_DEVICE_BUSY ||
                  status == MFX_WRN_ALLOC_TIMEOUT_EXPIRED);
    release(w, surface);
    if (!out)
        return;
    w->passed_on++;
    before = atomic_exchange(&slots[(w->number + 1) % THREADS], out);
    if (before)
        release(w, before);
}

static void *work(void *arg)
{
    struct worker *w = arg;

    init(w);
    for (int i = 0; i < ROUNDS; i++) {
        mfxFrameSurface1 *surface = atomic_exchange(&slots[w->number], NULL);

        if (!surface || next_random(w) % 4 == 0) {
            mfxFrameSurface1 *fresh = paint(w);

            if (surface)
                release(w, surface);
            surface = fresh;
        }
        if (surface && next_random(w) % 3 == 0)
            look_at(w, surface);
        if (surface)
            pass_on(w, surface);
        if (next_random(w) % 16 == 0) {
            expect(w, MFXVideoVPP_Close(w->session) == MFX_ERR_NONE);
            init(w);
        }
    }
    expect(w, MFXVideoVPP_Close(w->session) == MFX_ERR_NONE);
    return NULL;
}

static void surfaces_go_round_between_sessions(void **state)
{
    struct runtime runtime;
    struct worker workers[THREADS];

    (void)state;
    runtime_open(&runtime);
    for (unsigned i = 0; i < THREADS; i++)
        workers[i] = (struct worker){.session = runtime_session(&runtime), .number = i, .random = i + 1};
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(workers[i].wrong, 0);
        assert_true(workers[i].made > 0 && workers[i].passed_on > 0);
        assert_int_equal(MFXClose(workers[i].session), MFX_ERR_NONE);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        mfxFrameSurface1 *left = atomic_exchange(&slots[i], NULL);

        if (left) /* of a session that is gone */
            own_release(left);
    }
    runtime_close(&runtime);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(surfaces_go_round_between_sessions),
    };

    return cmocka_run_group_tests_name("softrt internal storm", tests, NULL, NULL);
}
