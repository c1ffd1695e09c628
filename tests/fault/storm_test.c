/* Threads at work while every few calls of the system and of the driver fail, whoever makes them. What they
 * are answered is among what the headers name, what succeeded is true, and in the end nothing is left. */
#include "bench.h"

#include <sched.h>

#define THREADS 4
#define ROUNDS  1000

/* One thread, and what it saw that cannot be. */
struct worker {
    struct bench *b;
    unsigned int number, random;
    long served, refused;
    char wrong[200];
};

static unsigned int next_random(struct worker *w)
{
    w->random = w->random * 1664525u + 1013904223u;
    return w->random >> 16;
}

/* MFX_ERR_NONE, or one of those that are ended by 0, which is MFX_ERR_NONE itself. */
static bool is_served(struct worker *w, const char *call, mfxStatus status, const mfxStatus *allowed)
{
    if (status == MFX_ERR_NONE) {
        w->served++;
        return true;
    }
    w->refused++;
    while (*allowed != MFX_ERR_NONE && *allowed != status)
        allowed++;
    if (*allowed == MFX_ERR_NONE)
        (void)snprintf(w->wrong, sizeof w->wrong, "%s: %s", call, vfa_status_name(status));
    return false;
}

static const mfxStatus no_memory[] = {MFX_ERR_MEMORY_ALLOC, MFX_ERR_NONE};
static const mfxStatus no_surface[] = {MFX_ERR_MEMORY_ALLOC, MFX_WRN_ALLOC_TIMEOUT_EXPIRED, MFX_ERR_NONE};
static const mfxStatus no_reset[] = {MFX_ERR_MEMORY_ALLOC, MFX_ERR_RESOURCE_MAPPED, MFX_ERR_NOT_ENOUGH_BUFFER,
                                     MFX_ERR_NONE};
/* The fake fails for want of memory. A descriptor or an answer that nothing could be found out about is
 * refused; a slot whose picture another thread's frame has locked too. */
static const mfxStatus no_driver[] = {MFX_ERR_MEMORY_ALLOC, MFX_ERR_INVALID_HANDLE, MFX_ERR_DEVICE_FAILED,
                                      MFX_ERR_UNSUPPORTED,  MFX_ERR_LOCK_MEMORY,    MFX_ERR_NOT_INITIALIZED,
                                      MFX_ERR_NONE};

static void must(struct worker *w, const char *call, mfxStatus status)
{
    if (status != MFX_ERR_NONE)
        (void)snprintf(w->wrong, sizeof w->wrong, "%s: %s", call, vfa_status_name(status));
}

/* --- frames */

/* Writes a frame and looks whether it reads back. */
static void use_frame(struct worker *w, mfxMemId mid, const mfxStatus *allowed)
{
    struct vfa_allocator *a = w->b->v.f.a;
    unsigned int seed = next_random(w);
    mfxFrameData data;
    memset(&data, 0, sizeof data);
    if (!is_served(w, "vfa_map", vfa_map(a, mid, MFX_MAP_WRITE, &data), allowed))
        return;
    (void)va_pixels(MFX_FOURCC_NV12, &data, seed, VA_FILL);
    if (!is_served(w, "vfa_unmap", vfa_unmap(a, mid, &data), allowed))
        return;
    if (!is_served(w, "vfa_map", vfa_map(a, mid, MFX_MAP_READ, &data), allowed))
        return;
    if (va_pixels(MFX_FOURCC_NV12, &data, seed, VA_COUNT_BAD))
        (void)snprintf(w->wrong, sizeof w->wrong, "a frame does not read back");
    (void)is_served(w, "vfa_unmap", vfa_unmap(a, mid, &data), allowed);
}

static void frames(struct worker *w, bool surfaces)
{
    struct vfa_allocator *a = w->b->v.f.a;
    mfxFrameAllocResponse response;
    mfxFrameAllocRequest request = surfaces ? va_request(MFX_FOURCC_NV12, 2) : bench_request(1, 3);
    const mfxStatus *allowed = surfaces ? no_driver : no_memory;
    if (!is_served(w, "vfa_frames_alloc",
                   vfa_frames_alloc(a, &request, next_random(w) % 2 ? VFA_FRAMES_PRIVATE : 0, &response),
                   allowed))
        return;
    for (size_t i = 0; i < response.NumFrameActual; i++)
        use_frame(w, response.mids[i], allowed);
    request.Info.Width *= 2;
    (void)is_served(w, "vfa_frames_replace", vfa_frames_replace(a, &request, 0, &response), allowed);
    must(w, "vfa_frames_free", vfa_frames_free(a, &response));
}

static void wrapped(struct worker *w)
{
    mfxMemId mid;
    mfxU8 pixels[64 * 24];
    mfxFrameInfo info = bench_request(1, 1).Info;
    mfxFrameData planes;
    memset(&planes, 0, sizeof planes);
    planes.PitchLow = 64;
    planes.Y = pixels;
    planes.UV = pixels + 64 * VA_HEIGHT;
    if (!is_served(w, "vfa_wrap_host", vfa_wrap_host(w->b->v.f.a, &info, &planes, NULL, NULL, &mid),
                   no_memory))
        return;
    use_frame(w, mid, no_memory);
    must(w, "vfa_unwrap", vfa_unwrap(w->b->v.f.a, mid));
}

/* --- the pool */

static void lease(struct worker *w)
{
    struct vfa_pool *pool = w->b->pool;
    mfxFrameSurface1 *surface;
    mfxStatus status = vfa_pool_acquire(pool, (int32_t)(next_random(w) % 2), &surface);
    if (!is_served(w, "vfa_pool_acquire", status, no_surface))
        return;
    sched_yield();
    if (next_random(w) % 8 == 0) {
        mfxFrameAllocRequest request = bench_request(2, 2);
        request.Info.Width = (mfxU16)(VA_WIDTH * (1 + next_random(w) % 3));
        (void)is_served(w, "vfa_pool_reset", vfa_pool_reset(pool, &request, NULL), no_reset);
    }
    must(w, "vfa_pool_release", vfa_pool_release(pool, surface));
    (void)vfa_pool_trim(pool, 0);
}

/* --- dma-bufs */

static void buffers(struct worker *w)
{
    struct bench *b = w->b;
    VADRMPRIMESurfaceDescriptor exported;
    mfxMemId slot = b->made.mids[0];
    mfxStatus status = vfa_va_export(b->v.va, b->v.f.a, b->frames.mids[0], VFA_VA_EXPORT_READ, &exported);
    (void)is_served(w, "vfa_va_export", status, no_driver);
    vfa_va_descriptor_close(&exported);
    if (w->number) /* the slot is one thread's */
        return;
    uint64_t key = next_random(w) % 3;
    status = vfa_va_bind_dmabuf(b->v.va, b->v.f.a, slot, &b->picture, key);
    if (is_served(w, "vfa_va_bind_dmabuf", status, no_driver))
        use_frame(w, slot, no_driver);
    must(w, "vfa_va_unbind", vfa_va_unbind(b->v.va, b->v.f.a, slot));
}

/* --- storms */

static void *work_on_host_memory(void *user)
{
    struct worker *w = user;
    for (int i = 0; i < ROUNDS && !*w->wrong; i++) {
        switch (next_random(w) % 4) {
        case 0:
            frames(w, false);
            break;
        case 1:
            wrapped(w);
            break;
        default:
            lease(w);
        }
    }
    return NULL;
}

static void *work_on_surfaces(void *user)
{
    struct worker *w = user;
    for (int i = 0; i < ROUNDS && !*w->wrong; i++) {
        if (next_random(w) % 2)
            frames(w, true);
        else
            buffers(w);
    }
    return NULL;
}

static long refused;

static void storm(const struct world *world, void *(*work)(void *), enum source source, long every)
{
    static struct bench b;
    struct worker worker[THREADS];
    pthread_t thread[THREADS];
    long served = 0, refused_here = 0;
    struct fault_live before = fault_live();
    int files = open_fds();
    memset(&b, 0, sizeof b);
    b.source = source;
    world->open(&b);
    b.v.fake.fail_status = VA_STATUS_ERROR_ALLOCATION_FAILED;
    b.v.fake.fail_every = every + 2;
    fault_arm_every(every);
    for (unsigned int i = 0; i < THREADS; i++) {
        worker[i] = (struct worker){.b = &b, .number = i, .random = i * 7919u + (unsigned int)every};
        assert_int_equal(pthread_create(&thread[i], NULL, work, &worker[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(thread[i], NULL), 0);
    (void)fault_disarm();
    b.v.fake.fail_every = 0;
    for (size_t i = 0; i < THREADS; i++) {
        if (*worker[i].wrong)
            fail_msg("every call number %ld fails: %s", every, worker[i].wrong);
        served += worker[i].served;
        refused_here += worker[i].refused;
    }
    assert_true(served > 0 && refused_here > 0);
    refused += refused_here;
    world->intact(&b);
    world->close(&b);
    struct fault_live after = fault_live();
    assert_memory_equal(&after, &before, sizeof after);
    assert_int_equal(open_fds(), files);
    assert_int_equal(atomic_load(&b.memory.live_blocks), 0);
    assert_int_equal(atomic_load(&b.memory.mismatches), 0);
}

static const long often[] = {3, 5, 11, 37, 101};

static void frames_and_a_pool_while_memory_fails(void **state)
{
    (void)state;
    for (int source = 0; source < SOURCES; source++)
        for (size_t i = 0; i < sizeof often / sizeof often[0]; i++)
            storm(&world_pool, work_on_host_memory, (enum source)source, often[i]);
}

static void surfaces_while_memory_and_the_driver_fail(void **state)
{
    (void)state;
    for (int source = 0; source < SOURCES; source++)
        for (size_t i = 0; i < sizeof often / sizeof often[0]; i++)
            storm(&world_slots, work_on_surfaces, (enum source)source, often[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_and_a_pool_while_memory_fails),
        cmocka_unit_test(surfaces_while_memory_and_the_driver_fail),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    printf("FIGURE storm_refusals %ld\n", refused);
    return failed;
}
