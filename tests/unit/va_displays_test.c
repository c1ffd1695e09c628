/* What surfaces are asked for, and of which display: formats, usage hints and exports as the driver sees
 * them; several displays in one process and in one allocator, beside system memory. */
#include "va_fixture.h"

static struct va_fixture v;

static mfxStatus alloc_and_free(mfxFrameAllocRequest *request)
{
    mfxFrameAllocResponse response;
    mfxStatus status = alloc(&v.f, request, &response);
    return status == MFX_ERR_NONE ? release(&v.f, &response) : status;
}

static mfxFrameAllocRequest request_for(mfxU32 fourcc)
{
    mfxFrameAllocRequest request = va_request(fourcc, 1);
    if (fourcc == MFX_FOURCC_P016 || fourcc == MFX_FOURCC_Y216 || fourcc == MFX_FOURCC_Y416)
        request.Info.BitDepthLuma = request.Info.BitDepthChroma = 12;
    return request;
}

/* --- what surfaces are asked for */

static bool is_rt_format(unsigned int rt_format)
{
    const unsigned int all[] = {VA_RT_FORMAT_YUV420,    VA_RT_FORMAT_YUV422,    VA_RT_FORMAT_YUV444,
                                VA_RT_FORMAT_YUV420_10, VA_RT_FORMAT_YUV422_10, VA_RT_FORMAT_YUV444_10,
                                VA_RT_FORMAT_YUV420_12, VA_RT_FORMAT_YUV422_12, VA_RT_FORMAT_YUV444_12,
                                VA_RT_FORMAT_RGB16,     VA_RT_FORMAT_RGB32,     VA_RT_FORMAT_RGBP,
                                VA_RT_FORMAT_RGB32_10};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i] == rt_format)
            return true;
    return false;
}

static void every_format_has_an_rt_format_and_a_pixel_format(void **state)
{
    (void)state;
    size_t served = 0;
    va_prepare_small(&v);
    va_open(&v);
    for (size_t i = 0; i < vfa_format_count(); i++) {
        const struct vfa_format *format = vfa_format_at(i);
        if (!format->va_fourcc || format->linear)
            continue;
        mfxFrameAllocRequest request = request_for(format->fourcc);
        assert_int_equal(alloc_and_free(&request), MFX_ERR_NONE);
        assert_true(is_rt_format(v.fake.seen.rt_format));
        assert_int_equal(v.fake.seen.rt_format, format->va_rt_format);
        assert_int_equal(v.fake.seen.fourcc, format->va_fourcc);
        assert_int_equal(v.fake.seen.memory_type, VA_SURFACE_ATTRIB_MEM_TYPE_VA);
        assert_int_equal(v.fake.seen.width, VA_WIDTH);
        assert_int_equal(v.fake.seen.height, VA_HEIGHT);
        served++;
    }
    assert_true(served > 20);
    va_close(&v);
}

static void usage_hints_follow_the_request(void **state)
{
    (void)state;
    const struct {
        mfxU16 type;
        uint32_t usage;
    } cases[] = {
        {MFX_MEMTYPE_FROM_DECODE | MFX_MEMTYPE_VIDEO_MEMORY_DECODER_TARGET,
         VA_SURFACE_ATTRIB_USAGE_HINT_DECODER},
        {MFX_MEMTYPE_FROM_ENCODE | MFX_MEMTYPE_VIDEO_MEMORY_DECODER_TARGET,
         VA_SURFACE_ATTRIB_USAGE_HINT_ENCODER},
        {MFX_MEMTYPE_FROM_VPPIN | MFX_MEMTYPE_VIDEO_MEMORY_PROCESSOR_TARGET,
         VA_SURFACE_ATTRIB_USAGE_HINT_VPP_READ},
        {MFX_MEMTYPE_FROM_VPPOUT | MFX_MEMTYPE_VIDEO_MEMORY_PROCESSOR_TARGET,
         VA_SURFACE_ATTRIB_USAGE_HINT_VPP_WRITE},
        {MFX_MEMTYPE_FROM_DECODE | MFX_MEMTYPE_FROM_VPPIN | MFX_MEMTYPE_VIDEO_MEMORY_DECODER_TARGET,
         VA_SURFACE_ATTRIB_USAGE_HINT_DECODER | VA_SURFACE_ATTRIB_USAGE_HINT_VPP_READ},
        {MFX_MEMTYPE_FROM_DECODE | MFX_MEMTYPE_EXPORT_FRAME | MFX_MEMTYPE_VIDEO_MEMORY_DECODER_TARGET,
         VA_SURFACE_ATTRIB_USAGE_HINT_DECODER | VA_SURFACE_ATTRIB_USAGE_HINT_EXPORT},
        {MFX_MEMTYPE_VIDEO_MEMORY_DECODER_TARGET, VA_SURFACE_ATTRIB_USAGE_HINT_GENERIC},
    };
    va_prepare(&v);
    va_open(&v);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        mfxFrameAllocRequest request = va_request(MFX_FOURCC_NV12, 1);
        request.Type = (mfxU16)(MFX_MEMTYPE_EXTERNAL_FRAME | cases[i].type);
        assert_int_equal(alloc_and_free(&request), MFX_ERR_NONE);
        assert_true(v.fake.seen.has_usage);
        assert_int_equal(v.fake.seen.usage, cases[i].usage);
    }
    va_close(&v);
}

static void hints_that_a_driver_does_not_know_are_left_out(void **state)
{
    (void)state;
    const VAStatus refusals[] = {VA_STATUS_ERROR_ATTR_NOT_SUPPORTED, VA_STATUS_ERROR_INVALID_PARAMETER};
    for (size_t i = 0; i < 2; i++) {
        va_prepare(&v);
        v.fake.refuse_usage = refusals[i];
        va_open(&v);
        mfxFrameAllocRequest request = va_request(MFX_FOURCC_NV12, 2);
        assert_int_equal(alloc_and_free(&request), MFX_ERR_NONE);
        assert_false(v.fake.seen.has_usage);
        assert_int_equal(v.fake.seen.fourcc, VA_FOURCC_NV12);
        va_close(&v);
    }
}

/* --- one word, two names */

static VAImageFormat named(uint32_t fourcc, uint32_t red, uint32_t green, uint32_t blue)
{
    VAImageFormat format;
    memset(&format, 0, sizeof format);
    format.fourcc = fourcc;
    format.byte_order = VA_LSB_FIRST;
    format.red_mask = red;
    format.green_mask = green;
    format.blue_mask = blue;
    return format;
}

/* B G R A in memory is what VPL means by RGB4. */
static void assert_rgb4_is(uint32_t fourcc, const VAImageFormat *formats, int count)
{
    va_prepare(&v);
    memcpy(v.fake.formats, formats, (size_t)count * sizeof *formats);
    v.fake.format_count = count;
    va_open(&v);
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_RGB4, 1);
    assert_int_equal(alloc_and_free(&request), MFX_ERR_NONE);
    assert_int_equal(v.fake.seen.fourcc, fourcc);
    struct vfa_va_facts facts = facts_of(&v, MFX_FOURCC_RGB4);
    for (size_t w = VFA_VA_WAY_DERIVE; w < VFA_VA_WAYS; w++)
        assert_null(facts.way[w].unfit);
    va_close(&v);
}

static void the_driver_s_masks_tell_what_its_names_mean(void **state)
{
    (void)state;
    const VAImageFormat intel[] = {named(VA_FOURCC_ARGB, 0xff0000, 0xff00, 0xff),
                                   named(VA_FOURCC_BGRA, 0xff00, 0xff0000, 0xff000000)};
    const VAImageFormat mesa[] = {named(VA_FOURCC_ARGB, 0xff00, 0xff0000, 0xff000000),
                                  named(VA_FOURCC_BGRA, 0xff0000, 0xff00, 0xff)};
    assert_rgb4_is(VA_FOURCC_ARGB, intel, 2);
    assert_rgb4_is(VA_FOURCC_ARGB, (VAImageFormat[]){intel[0], mesa[1]}, 2); /* two names for one thing */
    assert_rgb4_is(VA_FOURCC_BGRA, mesa, 2);
    assert_rgb4_is(VA_FOURCC_ARGB, (VAImageFormat[]){named(VA_FOURCC_ARGB, 0, 0, 0)}, 1);
    assert_rgb4_is(VA_FOURCC_ARGB, intel, 0);    /* without a list the name is taken at its word */
    assert_rgb4_is(VA_FOURCC_BGRA, mesa + 1, 1); /* and of a list with one name, that */
    assert_rgb4_is(VA_FOURCC_BGRA, mesa, 1);     /* where ARGB is something else, so are all names */
}

static void masks_of_the_other_byte_order_are_not_believed(void **state)
{
    (void)state;
    VAImageFormat formats[] = {named(VA_FOURCC_ARGB, 0xff0000, 0xff00, 0xff),
                               named(VA_FOURCC_BGRA, 0xff0000, 0xff00, 0xff)};
    formats[0].byte_order = VA_MSB_FIRST;
    assert_rgb4_is(VA_FOURCC_BGRA, formats, 2);
}

/* --- exports asked for */

static void frames_to_be_exported_are_refused_where_the_driver_cannot(void **state)
{
    (void)state;
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_NV12, 1);
    request.Type |= MFX_MEMTYPE_EXPORT_FRAME;
    va_prepare(&v);
    va_open(&v);
    assert_int_equal(alloc_and_free(&request), MFX_ERR_NONE);
    va_close(&v);
    va_prepare(&v);
    v.fake.refuse[FAKE_EXPORT] = VA_STATUS_ERROR_INVALID_SURFACE;
    va_open(&v);
    assert_int_equal(alloc_and_free(&request), MFX_ERR_UNSUPPORTED);
    assert_non_null(
        strstr(error_of(&v).text, "vaExportSurfaceHandle of NV12: VA_STATUS_ERROR_INVALID_SURFACE"));
    request.Type = TYPE_VA; /* nobody asked for exports */
    assert_int_equal(alloc_and_free(&request), MFX_ERR_NONE);
    va_close(&v);
}

/* --- short of memory */

static void fewer_surfaces_are_enough_down_to_the_minimum(void **state)
{
    (void)state;
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_NV12, 8);
    mfxFrameAllocResponse response;
    request.NumFrameMin = 3;
    va_prepare(&v);
    v.fake.max_surfaces = 5;
    va_open(&v);
    assert_int_equal(alloc(&v.f, &request, &response), MFX_ERR_NONE);
    assert_int_equal(response.NumFrameActual, 5);
    assert_int_equal(release(&v.f, &response), MFX_ERR_NONE);
    request.NumFrameMin = 6;
    assert_int_equal(alloc(&v.f, &request, &response), MFX_ERR_MEMORY_ALLOC);
    assert_non_null(strstr(error_of(&v).text, "vaCreateSurfaces: VA_STATUS_ERROR_ALLOCATION_FAILED (0x2)"));
    assert_va_holds_nothing(&v);
    va_close(&v);
}

/* --- several displays */

struct displays {
    struct fake_va fake[2];
    struct vfa_va *va[2];
    struct vfa_va_api api;
    struct fixture f;
};
static struct displays d;

static void open_displays(void)
{
    struct vfa_backend backends[3];
    d.api = fake_va_api();
    for (size_t i = 0; i < 2; i++) {
        struct vfa_va_config config = vfa_va_config_defaults();
        fake_va_init(&d.fake[i]);
        config.display = &d.fake[i];
        config.api = &d.api;
        assert_int_equal(vfa_va_create(&d.va[i], &config, NULL), MFX_ERR_NONE);
        assert_int_equal(vfa_va_backend(d.va[i], &backends[i]), MFX_ERR_NONE);
    }
    assert_int_equal(vfa_backend_system(NULL, &backends[2]), MFX_ERR_NONE);
    fixture_open(&d.f, backends, 3);
}

static void close_displays(void)
{
    fixture_close(&d.f);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(fake_va_alive(&d.fake[i]), 0);
        vfa_va_destroy(&d.va[i]);
        assert_string_equal(d.fake[i].misuse, "");
        fake_va_finish(&d.fake[i]);
    }
}

static void assert_surfaces(long first, long second)
{
    assert_int_equal(atomic_load(&d.fake[0].surfaces_alive), first);
    assert_int_equal(atomic_load(&d.fake[1].surfaces_alive), second);
}

static void frames_come_from_the_kind_of_memory_asked_for(void **state)
{
    (void)state;
    const mfxU16 video[] = {MFX_MEMTYPE_VIDEO_MEMORY_DECODER_TARGET,
                            MFX_MEMTYPE_VIDEO_MEMORY_PROCESSOR_TARGET,
                            MFX_MEMTYPE_VIDEO_MEMORY_ENCODER_TARGET};
    mfxFrameAllocResponse response;
    open_displays();
    for (size_t i = 0; i < 3; i++)
        for (int both = 0; both < 2; both++) { /* with both bits set video memory comes first */
            mfxFrameAllocRequest request = va_request(MFX_FOURCC_NV12, 2);
            request.Type =
                (mfxU16)(MFX_MEMTYPE_EXTERNAL_FRAME | video[i] | (both ? MFX_MEMTYPE_SYSTEM_MEMORY : 0));
            assert_int_equal(alloc(&d.f, &request, &response), MFX_ERR_NONE);
            assert_surfaces(2, 0);
            assert_int_equal(release(&d.f, &response), MFX_ERR_NONE);
        }
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, VA_WIDTH, VA_HEIGHT, 2, 2);
    assert_int_equal(alloc(&d.f, &request, &response), MFX_ERR_NONE);
    assert_surfaces(0, 0);
    assert_int_equal(release(&d.f, &response), MFX_ERR_NONE);
    close_displays();
}

static void what_one_display_does_not_create_the_next_may(void **state)
{
    (void)state;
    mfxFrameAllocResponse response;
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_NV12, 2);
    open_displays();
    d.fake[0].refuse[FAKE_CREATE_SURFACES] = VA_STATUS_ERROR_UNSUPPORTED_RT_FORMAT;
    assert_int_equal(alloc(&d.f, &request, &response), MFX_ERR_NONE);
    assert_surfaces(0, 2);
    assert_int_equal(release(&d.f, &response), MFX_ERR_NONE);
    d.fake[1].refuse[FAKE_CREATE_SURFACES] = VA_STATUS_ERROR_UNSUPPORTED_RT_FORMAT;
    assert_int_equal(alloc(&d.f, &request, &response), MFX_ERR_UNSUPPORTED);
    request.Type |= MFX_MEMTYPE_SYSTEM_MEMORY;
    assert_int_equal(alloc(&d.f, &request, &response), MFX_ERR_NONE);
    assert_surfaces(0, 0);
    assert_int_equal(release(&d.f, &response), MFX_ERR_NONE);
    close_displays();
}

static void a_failure_that_is_no_refusal_is_the_call_s(void **state)
{
    (void)state;
    mfxFrameAllocResponse response;
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_NV12, 2);
    struct vfa_error error;
    open_displays();
    request.Type |= MFX_MEMTYPE_SYSTEM_MEMORY;
    d.fake[0].refuse[FAKE_CREATE_SURFACES] = VA_STATUS_ERROR_ALLOCATION_FAILED;
    assert_int_equal(alloc(&d.f, &request, &response), MFX_ERR_MEMORY_ALLOC);
    assert_int_equal(vfa_last_error(d.f.a, &error), MFX_ERR_NONE);
    assert_non_null(strstr(error.text, "vaCreateSurfaces"));
    close_displays();
}

static void an_application_may_name_the_display(void **state)
{
    (void)state;
    mfxFrameAllocResponse response;
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_NV12, 2);
    open_displays();
    assert_int_equal(vfa_frames_alloc_from(d.f.a, d.va[1], NULL, &request, 0, &response), MFX_ERR_NONE);
    assert_surfaces(0, 2);
    assert_int_equal(vfa_frames_free(d.f.a, &response), MFX_ERR_NONE);
    close_displays();
}

static void displays_have_the_same_ids_and_different_frames(void **state)
{
    (void)state;
    mfxFrameAllocResponse response[2];
    mfxFrameData data;
    open_displays();
    for (size_t i = 0; i < 2; i++) {
        mfxFrameAllocRequest request = va_request(MFX_FOURCC_NV12, 1);
        mfxHDL handle;
        assert_int_equal(vfa_frames_alloc_from(d.f.a, d.va[i], NULL, &request, 0, &response[i]),
                         MFX_ERR_NONE);
        assert_int_equal(d.f.mfx->GetHDL(d.f.mfx->pthis, response[i].mids[0], &handle), MFX_ERR_NONE);
        assert_int_equal(*(VASurfaceID *)handle, 0);
        assert_int_equal(vfa_map(d.f.a, response[i].mids[0], MFX_MAP_WRITE, &data), MFX_ERR_NONE);
        (void)va_pixels(MFX_FOURCC_NV12, &data, (unsigned int)i, VA_FILL);
        assert_int_equal(vfa_unmap(d.f.a, response[i].mids[0], &data), MFX_ERR_NONE);
    }
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(vfa_map(d.f.a, response[i].mids[0], MFX_MAP_READ, &data), MFX_ERR_NONE);
        assert_int_equal(va_pixels(MFX_FOURCC_NV12, &data, (unsigned int)i, VA_COUNT_BAD), 0);
        assert_int_equal(vfa_unmap(d.f.a, response[i].mids[0], &data), MFX_ERR_NONE);
        assert_int_equal(release(&d.f, &response[i]), MFX_ERR_NONE);
    }
    close_displays();
}

static void a_lost_display_leaves_the_other_alone(void **state)
{
    (void)state;
    mfxFrameAllocResponse response;
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_NV12, 1);
    open_displays();
    vfa_va_display_lost(d.va[0]);
    assert_int_equal(alloc(&d.f, &request, &response), MFX_ERR_DEVICE_LOST);
    assert_int_equal(vfa_frames_alloc_from(d.f.a, d.va[1], NULL, &request, 0, &response), MFX_ERR_NONE);
    assert_surfaces(0, 1);
    assert_int_equal(release(&d.f, &response), MFX_ERR_NONE);
    close_displays();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_has_an_rt_format_and_a_pixel_format),
        cmocka_unit_test(usage_hints_follow_the_request),
        cmocka_unit_test(hints_that_a_driver_does_not_know_are_left_out),
        cmocka_unit_test(the_driver_s_masks_tell_what_its_names_mean),
        cmocka_unit_test(masks_of_the_other_byte_order_are_not_believed),
        cmocka_unit_test(frames_to_be_exported_are_refused_where_the_driver_cannot),
        cmocka_unit_test(fewer_surfaces_are_enough_down_to_the_minimum),
        cmocka_unit_test(frames_come_from_the_kind_of_memory_asked_for),
        cmocka_unit_test(what_one_display_does_not_create_the_next_may),
        cmocka_unit_test(a_failure_that_is_no_refusal_is_the_call_s),
        cmocka_unit_test(an_application_may_name_the_display),
        cmocka_unit_test(displays_have_the_same_ids_and_different_frames),
        cmocka_unit_test(a_lost_display_leaves_the_other_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
