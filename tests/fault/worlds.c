/* What there is while an operation runs. */
#include "bench.h"

#include "../support/liar.h"
#include "allocator/book.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#define SEED  5
#define PITCH 64

/* --- memory */

/* Only VA backends ask for memory while they hold a lock. */
static void note_locks(struct bench *b)
{
    if (fault_locks_held() && !b->v.va && !b->made_va)
        b->called_with_locks++;
}

static void *allocate(void *user, size_t bytes, size_t alignment, enum vfa_memory_use use)
{
    struct bench *b = user;
    note_locks(b);
    if (b->source == SOURCE_MANAGER && fault_meets("allocate"))
        return NULL;
    return test_memory_allocate(&b->memory, bytes, alignment, use);
}

static void release_block(void *user, void *block, size_t bytes, enum vfa_memory_use use)
{
    struct bench *b = user;
    note_locks(b);
    test_memory_release(&b->memory, block, bytes, use);
}

static mfxStatus on_allocate(void *user, void *block, size_t bytes, enum vfa_memory_use use)
{
    struct bench *b = user;
    (void)block, (void)bytes, (void)use;
    note_locks(b);
    return b->source == SOURCE_REFUSAL && fault_meets("on_allocate") ? MFX_ERR_MEMORY_ALLOC : MFX_ERR_NONE;
}

static void write_log(void *user, enum vfa_log_level level, const char *message)
{
    struct bench *b = user;
    if (fault_locks_held())
        b->called_with_locks++;
    test_log_write(&b->v.f.log, level, message);
}

struct vfa_log bench_log(struct bench *b)
{
    return (struct vfa_log){.write = write_log, .user = b, .level = VFA_LOG_DEBUG};
}

const struct vfa_memory *bench_memory(struct bench *b)
{
    if (b->source == SOURCE_HEAP)
        return NULL;
    b->memory.fail_frames_after = -1;
    b->manager = (struct vfa_memory){.size = sizeof(struct vfa_memory),
                                     .user = b,
                                     .allocate = allocate,
                                     .release = release_block,
                                     .on_allocate = on_allocate};
    return &b->manager;
}

/* --- nothing but a driver that nobody uses yet */

static void open_empty(struct bench *b)
{
    va_prepare_small(&b->v);
    b->v.fake.shadow = b->modern;
    if (b->modern)
        b->v.api = fake_va_api();
    liar_wrap(&b->v.api);
    (void)test_log_sink(&b->v.f.log, VFA_LOG_DEBUG);
    b->fd = -1;
}

static void close_empty(struct bench *b)
{
    assert_int_equal(fake_va_alive(&b->v.fake), 0);
    assert_int_equal(atomic_load(&b->v.fake.displays_open), 0);
    assert_string_equal(b->v.fake.misuse, "");
    fake_va_finish(&b->v.fake);
    pthread_mutex_destroy(&b->v.f.log.lock);
    pthread_mutex_destroy(&b->v.va_log.lock);
}

static void intact_empty(struct bench *b)
{
    (void)b;
}

const struct world world_empty = {open_empty, intact_empty, close_empty};

/* --- an allocator of system memory, and frames */

mfxFrameAllocRequest bench_request(mfxU16 min, mfxU16 suggested)
{
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, VA_WIDTH, VA_HEIGHT, min, suggested);
    request.Type |= MFX_MEMTYPE_FROM_VPPIN;
    return request;
}

void bench_open_allocator(struct bench *b, struct vfa_allocator **out, const struct vfa_backend *backends,
                          size_t count)
{
    struct vfa_allocator_config config = vfa_allocator_config_defaults();
    config.memory = bench_memory(b);
    config.log = bench_log(b);
    config.backend = backends;
    config.backend_count = count;
    assert_int_equal(vfa_allocator_create(out, &config), MFX_ERR_NONE);
}

/* An allocator remembers its last ended responses: as many as it ever will, so that what it keeps for them
 * is not taken for a leak. */
static void fill_memory_of_ended_responses(struct bench *b)
{
    mfxFrameAllocRequest request = bench_request(1, 1);
    for (int i = 0; i < VFA__ENDED_MAX; i++) {
        mfxFrameAllocResponse response;
        assert_int_equal(vfa_frames_alloc(b->v.f.a, &request, 0, &response), MFX_ERR_NONE);
        assert_int_equal(vfa_frames_free(b->v.f.a, &response), MFX_ERR_NONE);
    }
}

static void make_frames(struct bench *b, const mfxFrameAllocRequest *request)
{
    b->v.f.mfx = vfa_allocator_mfx(b->v.f.a);
    fill_memory_of_ended_responses(b);
    assert_int_equal(vfa_frames_alloc(b->v.f.a, request, VFA_FRAMES_PRIVATE, &b->frames), MFX_ERR_NONE);
    assert_int_equal(b->frames.NumFrameActual, BENCH_FRAMES);
    for (unsigned int i = 0; i < BENCH_FRAMES; i++)
        va_write(&b->v, MFX_FOURCC_NV12, b->frames.mids[i], SEED + i);
}

void bench_assert_frames(struct bench *b)
{
    for (unsigned int i = 0; i < BENCH_FRAMES; i++) {
        assert_int_equal(va_count_bad(&b->v, MFX_FOURCC_NV12, b->frames.mids[i], SEED + i), 0);
        va_write(&b->v, MFX_FOURCC_NV12, b->frames.mids[i], SEED + i);
    }
}

static void open_allocator(struct bench *b)
{
    mfxFrameAllocRequest request = bench_request(BENCH_FRAMES, BENCH_FRAMES);
    open_empty(b);
    bench_open_allocator(b, &b->v.f.a, NULL, 0);
    make_frames(b, &request);
}

static void close_allocator(struct bench *b)
{
    if (b->frames.mids)
        assert_int_equal(vfa_frames_free(b->v.f.a, &b->frames), MFX_ERR_NONE);
    vfa_allocator_destroy(&b->v.f.a);
    close_empty(b);
}

const struct world world_allocator = {open_allocator, bench_assert_frames, close_allocator};

/* --- a pool of two surfaces, and up to four */

static void configure_pool(struct bench *b)
{
    b->hints = (mfxExtAllocationHints){
        .Header = {.BufferId = MFX_EXTBUFF_ALLOCATION_HINTS, .BufferSz = sizeof b->hints},
        .AllocationPolicy = MFX_ALLOCATION_LIMITED,
        .NumberToPreAllocate = 2,
        .DeltaToAllocateOnTheFly = 2};
    b->config = vfa_pool_config_defaults();
    b->config.name = "swept";
    b->config.allocator = b->v.f.mfx;
    b->config.request = bench_request(2, 2);
    b->config.hints = &b->hints;
    b->config.memory = bench_memory(b);
    b->config.log = bench_log(b);
}

static void open_pool(struct bench *b)
{
    open_allocator(b);
    configure_pool(b);
    assert_int_equal(vfa_pool_create(&b->pool, &b->config), MFX_ERR_NONE);
}

static void intact_pool(struct bench *b)
{
    mfxFrameSurface1 *surface[2];
    struct vfa_pool_stats stats;
    bench_assert_frames(b);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(vfa_pool_acquire(b->pool, 0, &surface[i]), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_stats(b->pool, &stats), MFX_ERR_NONE);
    assert_int_equal(stats.leased, 2);
    assert_int_equal(stats.surfaces, stats.leased + stats.free);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(vfa_pool_release(b->pool, surface[i]), MFX_ERR_NONE);
}

static void close_pool(struct bench *b)
{
    vfa_pool_destroy(&b->pool);
    close_allocator(b);
}

const struct world world_pool = {open_pool, intact_pool, close_pool};

/* --- the same, whose surfaces have an interface */

static void open_interface(struct bench *b)
{
    open_allocator(b);
    configure_pool(b);
    b->interface = vfa_interface_config_defaults();
    b->interface.device = b;
    b->config.frame_interface = &b->interface;
    b->hints.AllocationPolicy = MFX_ALLOCATION_OPTIMAL;
    assert_int_equal(vfa_pool_create(&b->pool, &b->config), MFX_ERR_NONE);
}

const struct world world_interface = {open_interface, intact_pool, close_pool};

/* --- surfaces of a driver beside system memory */

mfxStatus bench_create_va(struct bench *b, struct vfa_va **out)
{
    b->v.config.memory = bench_memory(b);
    b->v.config.log = bench_log(b);
    return vfa_va_create(out, &b->v.config, NULL);
}

static void open_va(struct bench *b)
{
    struct vfa_backend backends[2];
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_NV12, BENCH_FRAMES);
    open_empty(b);
    assert_int_equal(bench_create_va(b, &b->v.va), MFX_ERR_NONE);
    assert_int_equal(vfa_va_backend(b->v.va, &backends[0]), MFX_ERR_NONE);
    assert_int_equal(vfa_backend_system(NULL, &backends[1]), MFX_ERR_NONE);
    bench_open_allocator(b, &b->v.f.a, backends, 2);
    make_frames(b, &request);
}

static void intact_va(struct bench *b)
{
    struct vfa_va_stats stats;
    bench_assert_frames(b);
    assert_int_equal(vfa_va_stats(b->v.va, &stats), MFX_ERR_NONE);
    assert_int_equal(stats.mappings, 0);
    assert_int_equal(stats.fds, 0);
    assert_int_equal(atomic_load(&b->v.fake.mappings_alive), 0);
}

static void close_va(struct bench *b)
{
    assert_int_equal(vfa_frames_free(b->v.f.a, &b->frames), MFX_ERR_NONE);
    vfa_allocator_destroy(&b->v.f.a);
    assert_va_holds_nothing(&b->v);
    vfa_va_destroy(&b->v.va);
    close_empty(b);
}

const struct world world_va = {open_va, intact_va, close_va};

/* --- the same with import slots, and a picture to bind to them */

static void open_slots(struct bench *b)
{
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_NV12, 1);
    open_va(b);
    assert_int_equal(vfa_va_slots_alloc(b->v.va, b->v.f.a, &request, 0, &b->made), MFX_ERR_NONE);
    b->mid = b->made.mids[0];
    b->fd = memfd_create("picture", MFD_CLOEXEC);
    assert_true(b->fd >= 0);
    assert_int_equal(ftruncate(b->fd, 4096), 0);
    VADRMPRIMESurfaceDescriptor *d = &b->picture;
    d->fourcc = VA_FOURCC_NV12;
    d->width = VA_WIDTH;
    d->height = VA_HEIGHT;
    d->num_objects = 1;
    d->objects[0].fd = b->fd;
    d->objects[0].size = 4096;
    d->num_layers = 1;
    d->layers[0].drm_format = vfa_format_find(MFX_FOURCC_NV12)->drm_fourcc;
    d->layers[0].num_planes = 2;
    d->layers[0].offset[1] = PITCH * VA_HEIGHT;
    d->layers[0].pitch[0] = d->layers[0].pitch[1] = PITCH;
}

static void close_slots(struct bench *b)
{
    assert_int_equal(vfa_frames_free(b->v.f.a, &b->made), MFX_ERR_NONE);
    assert_int_equal(vfa_va_import_forget(b->v.va, 0), MFX_ERR_NONE);
    (void)close(b->fd);
    close_va(b);
}

const struct world world_slots = {open_slots, intact_va, close_slots};
