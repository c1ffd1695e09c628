/* 10,000 rounds of making, locking and freeing frames on a real VA driver: what a process that lives for days
 * does. Descriptors, surfaces and memory must be what they were. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "node.h"
#include "va_fixture.h"

/* The driver and malloc reach their working size in the first rounds. After that resident memory may grow by
 * this, which is 26 bytes a round: half of what the least leak of a malloc'ed block would be, 32 bytes and
 * its share of what malloc keeps. */
#define WARM_UP_ROUNDS 500
#define ROUNDS         10000
#define MOST_GROWTH    (256 << 10)

/* Checkers keep what is freed for a while. */
static bool is_checked(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return true;
#else
    const char *preload = getenv("LD_PRELOAD");
    return preload && strstr(preload, "vgpreload");
#endif
}

static size_t resident_bytes(void)
{
    unsigned long size, resident;
    FILE *statm = fopen("/proc/self/statm", "r");
    assert_non_null(statm);
    assert_int_equal(fscanf(statm, "%lu %lu", &size, &resident), 2);
    fclose(statm);
    return resident * (size_t)sysconf(_SC_PAGESIZE);
}

static const struct {
    mfxU32 fourcc;
    mfxU16 type;
} kinds[] = {
    {MFX_FOURCC_NV12, DECODE_VIDEO},
    {MFX_FOURCC_P010, DECODE_VIDEO},
    {MFX_FOURCC_RGB4, VPP_OUT_VIDEO},
    {MFX_FOURCC_I420, VPP_IN_VIDEO},
};

static void round_of(struct va_fixture *f, unsigned round)
{
    mfxFrameAllocResponse response;
    size_t kind = round % (sizeof kinds / sizeof *kinds);
    mfxFrameAllocRequest request = va_request(kinds[kind].fourcc, 64, 64, kinds[kind].type, 2);
    assert_int_equal(f->mfx->Alloc(f->mfx->pthis, &request, &response), MFX_ERR_NONE);
    for (mfxU16 i = 0; i < response.NumFrameActual; i++) {
        mfxFrameData data;
        mfxHDL handle;
        assert_int_equal(f->mfx->Lock(f->mfx->pthis, response.mids[i], &data), MFX_ERR_NONE);
        assert_int_equal(f->mfx->Unlock(f->mfx->pthis, response.mids[i], &data), MFX_ERR_NONE);
        assert_int_equal(f->mfx->GetHDL(f->mfx->pthis, response.mids[i], &handle), MFX_ERR_NONE);
    }
    assert_int_equal(f->mfx->Free(f->mfx->pthis, &response), MFX_ERR_NONE);
}

static struct vfa_va_stats held(struct va_fixture *f)
{
    struct vfa_va_stats stats;
    assert_int_equal(vfa_va_stats(f->va, &stats), MFX_ERR_NONE);
    return stats;
}

static void ten_thousand_rounds_leave_nothing_behind(void **state)
{
    struct va_fixture *f = *state;
    unsigned round = 0;
    for (; round < WARM_UP_ROUNDS; round++)
        round_of(f, round);
    const unsigned descriptors_then = descriptors();
    const size_t bytes_then = resident_bytes();
    for (; round < WARM_UP_ROUNDS + ROUNDS; round++)
        round_of(f, round);
    const size_t bytes_now = resident_bytes();
    const struct vfa_va_stats now = held(f);
    print_message("resident memory: %zu KiB, then %zu KiB; %u descriptors\n", bytes_then >> 10,
                  bytes_now >> 10, descriptors());
    assert_true(descriptors() <= descriptors_then); /* iHD closes what it keeps in reserve after a while */
    assert_int_equal(now.surfaces + now.images + now.buffers + now.mappings + now.fds, 0);
    assert_int_equal(now.driver_errors, 0);
    if (!is_checked())
        assert_true(bytes_now <= bytes_then + MOST_GROWTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(ten_thousand_rounds_leave_nothing_behind, va_fixture_open,
                                        va_fixture_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
