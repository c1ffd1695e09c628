/* The sweep: for each operation of the backend, the n-th call of libva fails, for n = 1, 2, 3 ... until the
 * operation is served without meeting the fault, with every status of va.h. Whatever fails, the answer is the
 * status' own, the error names the call, nothing is left behind, and the same operation works right after. */
#include "va_fixture.h"

#define SEED 3

struct bench {
    struct va_fixture v;
    mfxU32 fourcc;
    mfxFrameAllocResponse response;
    mfxMemId mid;
    mfxFrameData data;
    mfxU32 flags;
    bool has_alternatives; /* the way is measured: where one fails the next serves */
};

/* An operation: what comes before it, itself, and what must hold after, whether it failed or not. */
struct operation {
    void (*prepare)(struct bench *);
    mfxStatus (*run)(struct bench *);
    void (*clean_up)(struct bench *, mfxStatus);
};

static bool is_end(int call)
{
    return call == FAKE_DESTROY_SURFACES || call == FAKE_DESTROY_IMAGE || call == FAKE_DESTROY_BUFFER ||
           call == FAKE_TERMINATE;
}

/* What an operation that meets a fault must answer. */
static mfxStatus expected(const struct bench *b, int call, VAStatus status)
{
    bool opens = call == FAKE_DERIVE || call == FAKE_MAP || call == FAKE_MAP2 || call == FAKE_CREATE_IMAGE ||
                 call == FAKE_GET_IMAGE || call == FAKE_UNMAP;
    if (is_end(call))
        return MFX_ERR_NONE; /* nobody could do anything about it */
    if (status == VA_STATUS_ERROR_UNIMPLEMENTED && (call == FAKE_SYNC2 || call == FAKE_MAP2))
        return MFX_ERR_NONE; /* the older call serves */
    if (call == FAKE_CREATE_SURFACES &&
        (status == VA_STATUS_ERROR_ATTR_NOT_SUPPORTED || status == VA_STATUS_ERROR_INVALID_PARAMETER))
        return MFX_ERR_NONE; /* the usage hint is left out */
    if (b->has_alternatives && opens && status != VA_STATUS_ERROR_INVALID_DISPLAY)
        return MFX_ERR_NONE;
    return vfa_va_status(status);
}

static void assert_error_tells(const struct vfa_error *error, mfxStatus result, int call, VAStatus status)
{
    assert_int_equal(error->status, result);
    if (!strstr(error->text, fake_va_call_name((enum fake_call)call)) ||
        !strstr(error->text, vfa_va_status_name(status)))
        fail_msg("%s failed with %s, but the error is \"%s\"", fake_va_call_name((enum fake_call)call),
                 vfa_va_status_name(status), error->text);
}

/* The n-th call fails. Returns whether there was an n-th. */
static bool run_with_fault(struct bench *b, const struct operation *operation, long n, VAStatus status)
{
    struct fake_va *fake = &b->v.fake;
    operation->prepare(b);
    long alive = fake_va_alive(fake);
    uint64_t failures = error_of(&b->v).sequence;
    fake_va_fail(fake, FAKE_ANY, n, status);
    mfxStatus result = operation->run(b);
    int call = atomic_load(&fake->failed_call);
    fake_va_fail(fake, FAKE_ANY, 0, VA_STATUS_SUCCESS);
    mfxStatus wanted = call == FAKE_CALLS ? MFX_ERR_NONE : expected(b, call, status);
    if (result != wanted)
        fail_msg("call %ld, %s, fails with %s: %s instead of %s (%s)", n,
                 fake_va_call_name((enum fake_call)call), vfa_va_status_name(status), vfa_status_name(result),
                 vfa_status_name(wanted), error_of(&b->v).text);
    struct vfa_error error = error_of(&b->v);
    if (result == MFX_ERR_NONE)
        assert_true(error.sequence == failures);
    else
        assert_error_tells(&error, result, call, status);
    if (result != MFX_ERR_NONE && alive < fake_va_alive(fake))
        fail_msg("call %ld, %s, fails with %s: %ld objects are left", n,
                 fake_va_call_name((enum fake_call)call), vfa_va_status_name(status),
                 fake_va_alive(fake) - alive);
    operation->clean_up(b, result);
    return call != FAKE_CALLS;
}

/* Returns how many calls the operation makes. */
static long sweep(struct bench *b, const struct operation *operation)
{
    long calls = 0;
    for (size_t s = 0; s < fake_va_status_count; s++) {
        long n = 1;
        while (run_with_fault(b, operation, n, fake_va_statuses[s])) {
            assert_false(run_with_fault(b, operation, 1000000, fake_va_statuses[s])); /* works right after */
            n++;
        }
        calls = n - 1;
    }
    return calls;
}

static void open_bench(struct bench *b, mfxU32 fourcc)
{
    memset(b, 0, sizeof *b);
    va_prepare_small(&b->v);
    b->fourcc = fourcc;
}

/* With the surfaces found out about, and one allocated. */
static void allocate(struct bench *b)
{
    b->response = va_alloc(&b->v, b->fourcc, 2);
    b->mid = b->response.mids[1];
}

static void close_bench(struct bench *b)
{
    if (b->response.mids)
        assert_int_equal(vfa_frames_free(b->v.f.a, &b->response), MFX_ERR_NONE);
    assert_va_holds_nothing(&b->v);
    va_close(&b->v);
}

static void nothing(struct bench *b)
{
    (void)b;
}

/* --- Alloc, Free, GetHDL, replace */

static mfxStatus run_alloc(struct bench *b)
{
    mfxFrameAllocRequest request = va_request(b->fourcc, 2);
    if (b->fourcc == MFX_FOURCC_P8)
        request.Info.BufferSize = 100;
    return alloc(&b->v.f, &request, &b->response);
}

static void end_alloc(struct bench *b, mfxStatus result)
{
    if (result == MFX_ERR_NONE) {
        assert_int_equal(b->response.NumFrameActual, 2);
        assert_int_equal(vfa_frames_free(b->v.f.a, &b->response), MFX_ERR_NONE);
    }
    assert_null(b->response.mids);
    assert_va_holds_nothing(&b->v);
}

static void alloc_again(void **state)
{
    (void)state;
    const struct operation operation = {nothing, run_alloc, end_alloc};
    struct bench b;
    open_bench(&b, MFX_FOURCC_NV12);
    va_open(&b.v);
    (void)facts_of(&b.v, MFX_FOURCC_NV12);
    assert_int_equal(sweep(&b, &operation), 2);
    close_bench(&b);
}

static mfxStatus run_free(struct bench *b)
{
    return release(&b->v.f, &b->response);
}

static void end_free(struct bench *b, mfxStatus result)
{
    assert_int_equal(result, MFX_ERR_NONE);
    memset(&b->response, 0, sizeof b->response);
    assert_va_holds_nothing(&b->v);
    assert_int_equal(fake_va_alive(&b->v.fake), 0);
}

/* With something in each of the set's caches. */
static void allocate_and_use(struct bench *b)
{
    allocate(b);
    for (unsigned int way = VFA_VA_WAY_DERIVE; way < VFA_VA_WAYS; way++) {
        assert_int_equal(vfa_va_set_way(b->v.va, 0, VFA_VA_WRITE, (enum vfa_va_way)way), MFX_ERR_NONE);
        va_write(&b->v, b->fourcc, b->mid, SEED);
    }
}

static void free_ends_everything(void **state)
{
    (void)state;
    const struct operation operation = {allocate_and_use, run_free, end_free};
    struct bench b;
    open_bench(&b, MFX_FOURCC_NV12);
    va_open(&b.v);
    assert_int_equal(sweep(&b, &operation), 3); /* two surfaces, one idle image */
    close_bench(&b);
}

static mfxStatus run_get_handle(struct bench *b)
{
    mfxHDL handle;
    return b->v.f.mfx->GetHDL(b->v.f.mfx->pthis, b->mid, &handle);
}

static void end_nothing(struct bench *b, mfxStatus result)
{
    (void)b;
    (void)result;
}

static void get_handle_asks_nobody(void **state)
{
    (void)state;
    const struct operation operation = {nothing, run_get_handle, end_nothing};
    struct bench b;
    open_bench(&b, MFX_FOURCC_NV12);
    va_open(&b.v);
    allocate(&b);
    assert_int_equal(sweep(&b, &operation), 0);
    close_bench(&b);
}

static mfxStatus run_replace(struct bench *b)
{
    mfxFrameAllocRequest request = va_request(b->fourcc, 3);
    request.Info.Width = 2 * VA_WIDTH;
    return vfa_frames_replace(b->v.f.a, &request, 0, &b->response);
}

/* Failed: the old frames are there as before. */
static void end_replace(struct bench *b, mfxStatus result)
{
    assert_int_equal(b->response.NumFrameActual, result == MFX_ERR_NONE ? 3 : 2);
    va_write(&b->v, b->fourcc, b->response.mids[1], SEED);
    assert_int_equal(va_count_bad(&b->v, b->fourcc, b->response.mids[1], SEED), 0);
    assert_int_equal(vfa_frames_free(b->v.f.a, &b->response), MFX_ERR_NONE);
    assert_va_holds_nothing(&b->v);
}

static void replace(void **state)
{
    (void)state;
    const struct operation operation = {allocate, run_replace, end_replace};
    struct bench b;
    open_bench(&b, MFX_FOURCC_NV12);
    va_open(&b.v);
    assert_int_equal(sweep(&b, &operation), 5); /* three surfaces made, two ended */
    close_bench(&b);
}

/* --- maps */

static void fill_surface(struct bench *b)
{
    (void)va_surface_pixels(&b->v, surface_of(&b->v, b->mid), SEED, VA_FILL);
}

static mfxStatus run_map(struct bench *b)
{
    return vfa_map(b->v.f.a, b->mid, b->flags, &b->data);
}

static void end_map(struct bench *b, mfxStatus result)
{
    if (result != MFX_ERR_NONE)
        return;
    if (b->flags & MFX_MAP_READ)
        assert_int_equal(va_pixels(b->fourcc, &b->data, SEED, VA_COUNT_BAD), 0);
    if (b->flags & MFX_MAP_WRITE)
        (void)va_pixels(b->fourcc, &b->data, SEED + 1, VA_FILL);
    assert_int_equal(vfa_unmap(b->v.f.a, b->mid, &b->data), MFX_ERR_NONE);
    if (b->flags & MFX_MAP_WRITE)
        assert_int_equal(va_surface_pixels(&b->v, surface_of(&b->v, b->mid), SEED + 1, VA_COUNT_BAD), 0);
}

static void map_and_write(struct bench *b)
{
    fill_surface(b);
    assert_int_equal(run_map(b), MFX_ERR_NONE);
    if (b->flags & MFX_MAP_WRITE)
        (void)va_pixels(b->fourcc, &b->data, SEED + 1, VA_FILL);
}

static void join_for_writing(struct bench *b)
{
    mfxFrameData joined;
    memset(&joined, 0, sizeof joined);
    map_and_write(b);
    assert_int_equal(vfa_map(b->v.f.a, b->mid, MFX_MAP_WRITE, &joined), MFX_ERR_NONE);
    assert_ptr_equal(joined.Y, b->data.Y);
    (void)va_pixels(b->fourcc, &joined, SEED + 1, VA_FILL);
    assert_int_equal(vfa_unmap(b->v.f.a, b->mid, &joined), MFX_ERR_NONE);
}

static mfxStatus run_unmap(struct bench *b)
{
    return vfa_unmap(b->v.f.a, b->mid, &b->data);
}

/* The lock has ended, whatever the answer was; written pixels are there when it was success. */
static void end_unmap(struct bench *b, mfxStatus result)
{
    assert_null(b->data.Y);
    assert_int_equal(run_unmap(b), MFX_ERR_UNDEFINED_BEHAVIOR);
    if (result == MFX_ERR_NONE)
        assert_int_equal(va_surface_pixels(&b->v, surface_of(&b->v, b->mid),
                                           b->flags & MFX_MAP_WRITE ? SEED + 1 : SEED, VA_COUNT_BAD),
                         0);
}

static void end_joined_unmap(struct bench *b, mfxStatus result)
{
    b->flags = MFX_MAP_READ_WRITE;
    end_unmap(b, result);
    b->flags = MFX_MAP_READ;
}

static const struct operation map_operation = {fill_surface, run_map, end_map};
static const struct operation unmap_operation = {map_and_write, run_unmap, end_unmap};
static const struct operation joined_operation = {join_for_writing, run_unmap, end_joined_unmap};

static void sweep_maps(struct bench *b)
{
    const mfxU32 flags[VFA_VA_DIRECTIONS] = {MFX_MAP_READ, MFX_MAP_WRITE, MFX_MAP_READ_WRITE};
    va_open(&b->v);
    allocate(b);
    for (unsigned int way = VFA_VA_WAY_MEASURED; way < VFA_VA_WAYS; way++) {
        for (unsigned int d = 0; d < VFA_VA_DIRECTIONS; d++) {
            b->flags = flags[d];
            assert_int_equal(vfa_va_set_way(b->v.va, 0, (enum vfa_va_direction)d, (enum vfa_va_way)way),
                             MFX_ERR_NONE);
            b->has_alternatives = way == VFA_VA_WAY_MEASURED;
            assert_true(sweep(b, &map_operation) >= 1);
            b->has_alternatives = false;
            (void)sweep(b, &unmap_operation);
            if (b->flags == MFX_MAP_READ && !(way <= VFA_VA_WAY_DERIVE && b->v.api.map_buffer2))
                (void)sweep(b, &joined_operation);
        }
    }
    close_bench(b);
}

static void maps_of_direct_surfaces(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b, MFX_FOURCC_NV12);
    sweep_maps(&b);
}

static void maps_of_tiled_surfaces(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b, MFX_FOURCC_I420);
    b.v.fake.shadow = true;
    sweep_maps(&b);
}

static void maps_with_vaMapBuffer2(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b, MFX_FOURCC_NV12);
    b.v.fake.shadow = true;
    b.v.api = fake_va_api();
    sweep_maps(&b);
}

/* --- coded buffers */

static void coded_buffers(void **state)
{
    (void)state;
    const struct operation operations[] = {{nothing, run_alloc, end_alloc}};
    struct bench b;
    open_bench(&b, MFX_FOURCC_P8);
    va_open(&b.v);
    assert_int_equal(sweep(&b, &operations[0]), 2);
    close_bench(&b);
}

static void allocate_coded(struct bench *b)
{
    assert_int_equal(run_alloc(b), MFX_ERR_NONE);
    b->mid = b->response.mids[0];
}

static mfxStatus lock_coded(struct bench *b)
{
    return lock(&b->v.f, b->mid, &b->data);
}

static void end_lock_coded(struct bench *b, mfxStatus result)
{
    if (result != MFX_ERR_NONE)
        return;
    assert_non_null(b->data.Y);
    memset(b->data.Y, 1, 100);
    assert_int_equal(run_unmap(b), MFX_ERR_NONE);
}

static void lock_coded_first(struct bench *b)
{
    assert_int_equal(lock_coded(b), MFX_ERR_NONE);
}

static void end_unlock_coded(struct bench *b, mfxStatus result)
{
    (void)result;
    assert_null(b->data.Y);
    assert_int_equal(run_unmap(b), MFX_ERR_UNDEFINED_BEHAVIOR);
}

static void coded_buffers_locked(void **state)
{
    (void)state;
    const struct operation locks = {nothing, lock_coded, end_lock_coded};
    const struct operation unlocks = {lock_coded_first, run_unmap, end_unlock_coded};
    const struct operation frees = {allocate_coded, run_free, end_free};
    struct bench b;
    open_bench(&b, MFX_FOURCC_P8);
    va_open(&b.v);
    allocate_coded(&b);
    assert_int_equal(sweep(&b, &locks), 1);
    assert_int_equal(sweep(&b, &unlocks), 1);
    assert_int_equal(vfa_frames_free(b.v.f.a, &b.response), MFX_ERR_NONE);
    assert_int_equal(sweep(&b, &frees), 2);
    close_bench(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alloc_again),
        cmocka_unit_test(free_ends_everything),
        cmocka_unit_test(get_handle_asks_nobody),
        cmocka_unit_test(replace),
        cmocka_unit_test(maps_of_direct_surfaces),
        cmocka_unit_test(maps_of_tiled_surfaces),
        cmocka_unit_test(maps_with_vaMapBuffer2),
        cmocka_unit_test(coded_buffers),
        cmocka_unit_test(coded_buffers_locked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
