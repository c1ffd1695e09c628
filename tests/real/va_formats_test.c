/* Every format on a real VA driver: frames are made, written through the pointers of Lock, and read back, by
 * each way that the driver has.
 *
 *   va_formats_test FORMAT...   these must work; of the others it is enough that they are refused in words
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../support/pixels.h"
#include "va_fixture.h"

static char *const *required;
static int required_count;
#define FRAMES 3

static bool is_required(const struct vfa_format *format)
{
    for (int i = 0; i < required_count; i++)
        if (strcmp(required[i], format->name) == 0)
            return true;
    return false;
}

static const struct {
    mfxU16 width, height;
} sizes[] = {{64, 64}, {162, 122}, {640, 480}};

static void lock(struct va_fixture *f, mfxMemId mid, mfxFrameData *data)
{
    memset(data, 0xee, sizeof *data); /* whatever stale values came in */
    if (f->mfx->Lock(f->mfx->pthis, mid, data) != MFX_ERR_NONE)
        fail_msg("%s", va_last_error(f));
}

static void unlock(struct va_fixture *f, mfxMemId mid, mfxFrameData *data)
{
    if (f->mfx->Unlock(f->mfx->pthis, mid, data) != MFX_ERR_NONE)
        fail_msg("%s", va_last_error(f));
}

/* All frames are written before the first is read: they must not share bytes. */
static void write_and_read_all(struct va_fixture *f, const mfxFrameAllocRequest *request,
                               const mfxFrameAllocResponse *response)
{
    mfxFrameData data;
    char name[VFA_FOURCC_TEXT_MAX];
    for (unsigned int i = 0; i < FRAMES; i++) {
        lock(f, response->mids[i], &data);
        pixels_write(&request->Info, &data, i);
        unlock(f, response->mids[i], &data);
    }
    for (unsigned int i = 0; i < FRAMES; i++) {
        lock(f, response->mids[i], &data);
        int plane = pixels_differ(&request->Info, &data, i);
        if (plane >= 0)
            fail_msg("%s %ux%u: plane %d of frame %u does not read back",
                     vfa_fourcc_text(request->Info.FourCC, name), request->Info.Width, request->Info.Height,
                     plane, i);
        unlock(f, response->mids[i], NULL);
    }
}

/* False: the driver has no such frames, and it was said in words. */
static bool allocate(struct va_fixture *f, mfxFrameAllocRequest *request, mfxFrameAllocResponse *response)
{
    const struct vfa_format *format = vfa_format_find(request->Info.FourCC);
    mfxStatus status = f->mfx->Alloc(f->mfx->pthis, request, response);
    if (status == MFX_ERR_NONE)
        return true;
    if (is_required(format))
        fail_msg("%s", va_last_error(f));
    assert_int_equal(status, MFX_ERR_UNSUPPORTED);
    assert_non_null(strstr(va_last_error(f), format->va_fourcc ? "vaCreateSurfaces" : format->name));
    return false;
}

/* Surfaces that the GPU alone can use. */
static bool is_unreachable(struct va_fixture *f, const mfxFrameAllocRequest *request, mfxMemId mid)
{
    mfxFrameData data = {0};
    mfxStatus status = f->mfx->Lock(f->mfx->pthis, mid, &data);
    if (status == MFX_ERR_NONE) {
        unlock(f, mid, &data);
        return false;
    }
    if (is_required(vfa_format_find(request->Info.FourCC)))
        fail_msg("%s", va_last_error(f));
    assert_int_equal(status, MFX_ERR_UNSUPPORTED);
    assert_non_null(strstr(va_last_error(f), "no way to the bytes"));
    return true;
}

static void every_format_keeps_what_is_written(void **state)
{
    struct va_fixture *f = *state;
    int kept = 0;
    for (size_t i = 0; i < vfa_format_count(); i++) {
        const struct vfa_format *format = vfa_format_at(i);
        if (format->linear)
            continue;
        for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
            mfxFrameAllocRequest request =
                va_request(format->fourcc, sizes[s].width, sizes[s].height, DECODE_VIDEO, FRAMES);
            mfxFrameAllocResponse response;
            if (!allocate(f, &request, &response))
                continue;
            assert_int_equal(response.NumFrameActual, FRAMES);
            if (!is_unreachable(f, &request, response.mids[0])) {
                write_and_read_all(f, &request, &response);
                kept++;
            }
            assert_int_equal(f->mfx->Free(f->mfx->pthis, &response), MFX_ERR_NONE);
        }
    }
    print_message("%d formats and sizes kept what was written\n", kept);
    assert_true(kept >= required_count * (int)(sizeof sizes / sizeof sizes[0]));
}

static bool is_fit(const struct vfa_va_facts *facts, unsigned int way)
{
    return facts->way[way].refused == VA_STATUS_SUCCESS && !facts->way[way].unfit;
}

static void force(struct va_fixture *f, mfxU32 fourcc, unsigned int direction, unsigned int way)
{
    assert_int_equal(vfa_va_set_way(f->va, fourcc, (enum vfa_va_direction)direction, (enum vfa_va_way)way),
                     MFX_ERR_NONE);
}

/* What one way writes, every other way reads. */
static void ways_agree(struct va_fixture *f, const mfxFrameAllocRequest *request, mfxMemId mid,
                       const struct vfa_va_facts *facts)
{
    mfxFrameData data = {0};
    for (unsigned int w = VFA_VA_WAY_DERIVE; w < VFA_VA_WAYS; w++)
        for (unsigned int r = VFA_VA_WAY_DERIVE; r < VFA_VA_WAYS; r++) {
            if (!is_fit(facts, w) || !is_fit(facts, r))
                continue;
            force(f, request->Info.FourCC, VFA_VA_WRITE, w);
            force(f, request->Info.FourCC, VFA_VA_READ, r);
            assert_int_equal(vfa_map(f->frames, mid, MFX_MAP_WRITE, &data), MFX_ERR_NONE);
            pixels_write(&request->Info, &data, 7 * w + r);
            assert_int_equal(vfa_unmap(f->frames, mid, &data), MFX_ERR_NONE);
            assert_int_equal(vfa_map(f->frames, mid, MFX_MAP_READ, &data), MFX_ERR_NONE);
            assert_int_equal(pixels_differ(&request->Info, &data, 7 * w + r), -1);
            assert_int_equal(vfa_unmap(f->frames, mid, &data), MFX_ERR_NONE);
        }
    force(f, request->Info.FourCC, VFA_VA_WRITE, VFA_VA_WAY_MEASURED);
    force(f, request->Info.FourCC, VFA_VA_READ, VFA_VA_WAY_MEASURED);
}

static void all_ways_into_a_surface_agree(void **state)
{
    struct va_fixture *f = *state;
    for (size_t i = 0; i < vfa_format_count(); i++) {
        const struct vfa_format *format = vfa_format_at(i);
        mfxFrameAllocRequest request = va_request(format->fourcc, 320, 240, ENCODE_VIDEO, 1);
        mfxFrameAllocResponse response;
        struct vfa_va_facts facts;
        if (format->linear || !allocate(f, &request, &response))
            continue;
        assert_int_equal(vfa_va_probe(f->va, &request.Info, request.Type, &facts, NULL), MFX_ERR_NONE);
        ways_agree(f, &request, response.mids[0], &facts);
        assert_int_equal(f->mfx->Free(f->mfx->pthis, &response), MFX_ERR_NONE);
    }
}

static void a_read_map_never_changes_the_surface(void **state)
{
    struct va_fixture *f = *state;
    for (int i = 0; i < required_count; i++) {
        const struct vfa_format *format = NULL;
        for (size_t k = 0; k < vfa_format_count(); k++)
            if (strcmp(vfa_format_at(k)->name, required[i]) == 0)
                format = vfa_format_at(k);
        assert_non_null(format);
        mfxFrameAllocRequest request = va_request(format->fourcc, 320, 240, DECODE_VIDEO, 1);
        mfxFrameAllocResponse response;
        mfxFrameData data = {0};
        struct vfa_va_facts facts;
        assert_true(allocate(f, &request, &response));
        assert_int_equal(vfa_va_probe(f->va, &request.Info, request.Type, &facts, NULL), MFX_ERR_NONE);
        lock(f, response.mids[0], &data);
        pixels_write(&request.Info, &data, 1);
        unlock(f, response.mids[0], &data);
        enum vfa_va_way way = facts.chosen[VFA_VA_READ];
        if (way == VFA_VA_WAY_IMAGE || way == VFA_VA_WAY_IMAGE_COPY) {
            /* What a reader scribbles into its copy stays there. */
            assert_int_equal(vfa_map(f->frames, response.mids[0], MFX_MAP_READ, &data), MFX_ERR_NONE);
            pixels_write(&request.Info, &data, 2);
            assert_int_equal(vfa_unmap(f->frames, response.mids[0], &data), MFX_ERR_NONE);
        }
        lock(f, response.mids[0], &data);
        assert_int_equal(pixels_differ(&request.Info, &data, 1), -1);
        unlock(f, response.mids[0], &data);
        assert_int_equal(f->mfx->Free(f->mfx->pthis, &response), MFX_ERR_NONE);
    }
}

static void a_handle_is_the_surface_and_stays(void **state)
{
    struct va_fixture *f = *state;
    for (int i = 0; i < required_count; i++) {
        const struct vfa_format *format = NULL;
        for (size_t k = 0; k < vfa_format_count(); k++)
            if (strcmp(vfa_format_at(k)->name, required[i]) == 0)
                format = vfa_format_at(k);
        mfxFrameAllocRequest request = va_request(format->fourcc, 128, 96, VPP_OUT_VIDEO, 2);
        mfxFrameAllocResponse response;
        mfxHDL pair[2] = {NULL, &pair}, again = NULL;
        assert_true(allocate(f, &request, &response));
        assert_int_equal(f->mfx->GetHDL(f->mfx->pthis, response.mids[1], pair), MFX_ERR_NONE);
        assert_ptr_equal(pair[1], &pair); /* one pointer is written, not two */
        assert_int_equal(f->mfx->GetHDL(f->mfx->pthis, response.mids[1], &again), MFX_ERR_NONE);
        assert_ptr_equal(pair[0], again);
        assert_int_equal(vaSyncSurface(vfa_va_display(f->va), *(VASurfaceID *)pair[0]), VA_STATUS_SUCCESS);
        assert_int_equal(f->mfx->Free(f->mfx->pthis, &response), MFX_ERR_NONE);
    }
}

int main(int argc, char **argv)
{
    required = argv + 1;
    required_count = argc - 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_keeps_what_is_written),
        cmocka_unit_test(all_ways_into_a_surface_agree),
        cmocka_unit_test(a_read_map_never_changes_the_surface),
        cmocka_unit_test(a_handle_is_the_surface_and_stays),
    };
    return cmocka_run_group_tests(tests, va_fixture_open, va_fixture_close);
}
