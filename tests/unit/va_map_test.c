/* Locks of VA surfaces: what each way and direction asks of the driver, what an application sees, and what is
 * refused. */
#include "va_fixture.h"

#define SEED 7

static struct va_fixture v;
static mfxFrameAllocResponse response;

static void open_with(mfxU32 fourcc)
{
    va_open(&v);
    response = va_alloc(&v, fourcc, 2);
}

static void open_frames(mfxU32 fourcc)
{
    va_prepare(&v);
    open_with(fourcc);
}

static void close_frames(void)
{
    assert_int_equal(release(&v.f, &response), MFX_ERR_NONE);
    assert_va_holds_nothing(&v);
    va_close(&v);
}

static void use_way(enum vfa_va_way way)
{
    for (unsigned int d = 0; d < VFA_VA_DIRECTIONS; d++)
        assert_int_equal(vfa_va_set_way(v.va, 0, (enum vfa_va_direction)d, way), MFX_ERR_NONE);
}

static void count_from_here(void)
{
    fake_va_fail(&v.fake, FAKE_ANY, 0, VA_STATUS_SUCCESS);
}

static long calls(enum fake_call call)
{
    return atomic_load(&v.fake.calls[call]);
}

static mfxFrameData map(mfxU32 flags)
{
    mfxFrameData data;
    memset(&data, 0, sizeof data);
    assert_int_equal(vfa_map(v.f.a, response.mids[0], flags, &data), MFX_ERR_NONE);
    return data;
}

static void unmap(mfxFrameData *data)
{
    assert_int_equal(vfa_unmap(v.f.a, response.mids[0], data), MFX_ERR_NONE);
}

static bool holds(unsigned int seed)
{
    return va_surface_pixels(&v, surface_of(&v, response.mids[0]), seed, VA_COUNT_BAD) == 0;
}

static void fill(unsigned int seed)
{
    (void)va_surface_pixels(&v, surface_of(&v, response.mids[0]), seed, VA_FILL);
}

/* --- what is asked of the driver */

static bool has_image(enum vfa_va_way way)
{
    return way == VFA_VA_WAY_IMAGE || way == VFA_VA_WAY_IMAGE_COPY;
}

static void reading_never_puts(void **state)
{
    (void)state;
    open_frames(MFX_FOURCC_NV12);
    for (unsigned int way = VFA_VA_WAY_DERIVE; way < VFA_VA_WAYS; way++) {
        use_way((enum vfa_va_way)way);
        fill(way);
        count_from_here();
        mfxFrameData data = map(MFX_MAP_READ);
        assert_int_equal(va_pixels(MFX_FOURCC_NV12, &data, way, VA_COUNT_BAD), 0);
        unmap(&data);
        assert_int_equal(calls(FAKE_PUT_IMAGE), 0);
        assert_int_equal(calls(FAKE_GET_IMAGE), has_image((enum vfa_va_way)way));
        assert_int_equal(calls(FAKE_DERIVE), !has_image((enum vfa_va_way)way));
        assert_true(holds(way));
    }
    close_frames();
}

static void discarding_writes_never_get(void **state)
{
    (void)state;
    open_frames(MFX_FOURCC_NV12);
    for (unsigned int way = VFA_VA_WAY_DERIVE; way < VFA_VA_WAYS; way++) {
        use_way((enum vfa_va_way)way);
        count_from_here();
        mfxFrameData data = map(MFX_MAP_WRITE);
        (void)va_pixels(MFX_FOURCC_NV12, &data, way, VA_FILL);
        unmap(&data);
        assert_int_equal(calls(FAKE_GET_IMAGE), 0);
        assert_int_equal(calls(FAKE_PUT_IMAGE), has_image((enum vfa_va_way)way));
        assert_int_equal(calls(FAKE_DERIVE), !has_image((enum vfa_va_way)way));
        assert_true(holds(way));
    }
    close_frames();
}

static void reading_and_writing_gets_and_puts(void **state)
{
    (void)state;
    open_frames(MFX_FOURCC_NV12);
    for (unsigned int way = VFA_VA_WAY_DERIVE; way < VFA_VA_WAYS; way++) {
        use_way((enum vfa_va_way)way);
        fill(way);
        count_from_here();
        mfxFrameData data = map(MFX_MAP_READ_WRITE);
        assert_int_equal(va_pixels(MFX_FOURCC_NV12, &data, way, VA_COUNT_BAD), 0);
        (void)va_pixels(MFX_FOURCC_NV12, &data, way + 10, VA_FILL);
        unmap(&data);
        assert_int_equal(calls(FAKE_GET_IMAGE), has_image((enum vfa_va_way)way));
        assert_int_equal(calls(FAKE_PUT_IMAGE), has_image((enum vfa_va_way)way));
        assert_true(holds(way + 10));
    }
    close_frames();
}

static void every_map_waits_for_the_driver_once(void **state)
{
    (void)state;
    const mfxU32 flags[] = {MFX_MAP_READ, MFX_MAP_WRITE, MFX_MAP_READ_WRITE};
    open_frames(MFX_FOURCC_NV12);
    for (size_t i = 0; i < 3; i++) {
        count_from_here();
        mfxFrameData data = map(flags[i]);
        assert_int_equal(calls(FAKE_SYNC2), 1);
        unmap(&data);
        assert_int_equal(calls(FAKE_SYNC2), 1);
        assert_int_equal(calls(FAKE_SYNC), 0);
    }
    close_frames();
}

static void staging_images_are_kept_and_derived_ones_are_not(void **state)
{
    (void)state;
    open_frames(MFX_FOURCC_NV12);
    use_way(VFA_VA_WAY_IMAGE);
    count_from_here();
    for (int i = 0; i < 3; i++) {
        mfxFrameData data = map(MFX_MAP_READ);
        unmap(&data);
    }
    assert_int_equal(calls(FAKE_CREATE_IMAGE), 1);
    assert_int_equal(calls(FAKE_DESTROY_IMAGE), 0);
    use_way(VFA_VA_WAY_DERIVE);
    for (int i = 0; i < 3; i++) {
        mfxFrameData data = map(MFX_MAP_READ);
        unmap(&data);
    }
    assert_int_equal(calls(FAKE_DERIVE), 3);
    assert_int_equal(calls(FAKE_DESTROY_IMAGE), 3);
    close_frames();
}

static void an_image_that_failed_is_not_kept(void **state)
{
    (void)state;
    const enum fake_call failing[] = {FAKE_GET_IMAGE, FAKE_MAP, FAKE_UNMAP, FAKE_PUT_IMAGE};
    open_frames(MFX_FOURCC_NV12);
    use_way(VFA_VA_WAY_IMAGE);
    for (size_t i = 0; i < 4; i++) {
        mfxFrameData data = map(MFX_MAP_READ_WRITE);
        unmap(&data);
        assert_int_equal(atomic_load(&v.fake.images_alive), 1);
        fake_va_fail(&v.fake, failing[i], 1, VA_STATUS_ERROR_INVALID_IMAGE);
        if (vfa_map(v.f.a, response.mids[0], MFX_MAP_READ_WRITE, &data) == MFX_ERR_NONE)
            assert_int_equal(vfa_unmap(v.f.a, response.mids[0], &data), MFX_ERR_INVALID_HANDLE);
        assert_int_equal(atomic_load(&v.fake.images_alive), 0);
    }
    close_frames();
}

/* --- nested locks */

static void nested_locks_share_one_map(void **state)
{
    (void)state;
    open_frames(MFX_FOURCC_NV12);
    for (unsigned int way = VFA_VA_WAY_DERIVE; way < VFA_VA_WAYS; way++) {
        use_way((enum vfa_va_way)way);
        count_from_here();
        mfxFrameData first = map(MFX_MAP_READ), second = map(MFX_MAP_READ);
        assert_memory_equal(&first, &second, sizeof first);
        assert_int_equal(calls(FAKE_SYNC2), 1);
        unmap(&first);
        assert_int_equal(va_pixels(MFX_FOURCC_NV12, &second, 0, VA_COUNT_BAD) > 0,
                         1); /* still there to read */
        unmap(&second);
        assert_int_equal(calls(FAKE_MAP), 1);
        assert_int_equal(calls(FAKE_UNMAP), 1);
    }
    close_frames();
}

static void a_writer_that_joins_readers_puts_at_the_last_unlock(void **state)
{
    (void)state;
    open_frames(MFX_FOURCC_NV12);
    for (unsigned int way = VFA_VA_WAY_DERIVE; way < VFA_VA_WAYS; way++) {
        use_way((enum vfa_va_way)way);
        fill(SEED);
        mfxFrameData reader = map(MFX_MAP_READ), writer = map(MFX_MAP_WRITE);
        assert_ptr_equal(reader.Y, writer.Y);
        assert_int_equal(va_pixels(MFX_FOURCC_NV12, &writer, SEED, VA_COUNT_BAD),
                         0); /* nothing is discarded */
        (void)va_pixels(MFX_FOURCC_NV12, &writer, way, VA_FILL);
        count_from_here();
        unmap(&writer);
        assert_int_equal(atomic_load(&v.fake.total), 0);
        unmap(&reader);
        assert_int_equal(calls(FAKE_PUT_IMAGE), has_image((enum vfa_va_way)way));
        assert_true(holds(way));
    }
    close_frames();
}

static void a_discarding_write_is_alone(void **state)
{
    (void)state;
    mfxFrameData other;
    open_frames(MFX_FOURCC_NV12);
    mfxFrameData data = map(MFX_MAP_WRITE);
    assert_int_equal(vfa_map(v.f.a, response.mids[0], MFX_MAP_READ, &other), MFX_ERR_LOCK_MEMORY);
    assert_int_equal(vfa_map(v.f.a, response.mids[0], MFX_MAP_WRITE, &other), MFX_ERR_LOCK_MEMORY);
    unmap(&data);
    close_frames();
}

static void a_map_that_can_only_be_read_is_not_widened(void **state)
{
    (void)state;
    mfxFrameData other;
    va_prepare(&v);
    v.api = fake_va_api(); /* with vaMapBuffer2 */
    v.fake.shadow = true;
    open_with(MFX_FOURCC_NV12);
    use_way(VFA_VA_WAY_DERIVE);
    fill(SEED);
    count_from_here();
    mfxFrameData data = map(MFX_MAP_READ);
    assert_int_equal(calls(FAKE_MAP2), 1);
    assert_int_equal(vfa_map(v.f.a, response.mids[0], MFX_MAP_WRITE, &other), MFX_ERR_LOCK_MEMORY);
    assert_non_null(strstr(error_of(&v).text, "read only"));
    unmap(&data);
    assert_true(holds(SEED));
    count_from_here();
    data = map(MFX_MAP_READ_WRITE);
    assert_int_equal(calls(FAKE_MAP), 1); /* nothing but reading takes vaMapBuffer2 */
    unmap(&data);
    close_frames();
}

static void frames_freed_while_locked_end_with_the_lock(void **state)
{
    (void)state;
    open_frames(MFX_FOURCC_NV12);
    for (unsigned int way = VFA_VA_WAY_DERIVE; way < VFA_VA_WAYS; way++) {
        mfxFrameAllocRequest request = va_request(MFX_FOURCC_NV12, 1);
        mfxFrameAllocResponse freed;
        request.AllocId = 1; /* none of the others' frames */
        assert_int_equal(alloc(&v.f, &request, &freed), MFX_ERR_NONE);
        mfxMemId mid = freed.mids[0];
        mfxFrameData data;
        use_way((enum vfa_va_way)way);
        assert_int_equal(vfa_map(v.f.a, mid, MFX_MAP_READ_WRITE, &data), MFX_ERR_NONE);
        assert_int_equal(release(&v.f, &freed), MFX_ERR_NONE);
        assert_int_equal(atomic_load(&v.fake.surfaces_alive), 3);
        (void)va_pixels(MFX_FOURCC_NV12, &data, way, VA_FILL);
        assert_int_equal(vfa_unmap(v.f.a, mid, &data), MFX_ERR_NONE);
        assert_int_equal(atomic_load(&v.fake.surfaces_alive), 2);
        assert_int_equal(atomic_load(&v.fake.images_alive), 0);
    }
    close_frames();
}

/* --- the Lock callback */

static void lock_reads_and_writes_unless_told_otherwise(void **state)
{
    (void)state;
    const struct {
        mfxU32 flags;
        long gets, puts;
    } cases[] = {{0, 1, 1}, {MFX_MAP_READ, 1, 0}, {MFX_MAP_WRITE, 0, 1}, {MFX_MAP_READ_WRITE, 1, 1}};
    open_frames(MFX_FOURCC_NV12);
    use_way(VFA_VA_WAY_IMAGE);
    for (size_t i = 0; i < 4; i++) {
        mfxFrameData data;
        if (cases[i].flags)
            assert_int_equal(vfa_frames_direction(v.f.a, &response, cases[i].flags), MFX_ERR_NONE);
        count_from_here();
        assert_int_equal(lock(&v.f, response.mids[0], &data), MFX_ERR_NONE);
        assert_int_equal(unlock(&v.f, response.mids[0], &data), MFX_ERR_NONE);
        assert_int_equal(calls(FAKE_GET_IMAGE), cases[i].gets);
        assert_int_equal(calls(FAKE_PUT_IMAGE), cases[i].puts);
    }
    close_frames();
}

/* --- waiting */

static void nowait_on_a_busy_surface_comes_back_at_once(void **state)
{
    (void)state;
    mfxFrameData data;
    open_frames(MFX_FOURCC_NV12);
    atomic_store(&v.fake.busy, 2);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(vfa_map(v.f.a, response.mids[0], MFX_MAP_READ | MFX_MAP_NOWAIT, &data),
                         MFX_ERR_RESOURCE_MAPPED);
        assert_int_equal(v.fake.last_timeout_ns, 0);
    }
    data = map(MFX_MAP_READ | MFX_MAP_NOWAIT);
    unmap(&data);
    close_frames();
}

static void a_wait_ends_at_the_timeout_and_says_so(void **state)
{
    (void)state;
    mfxFrameData data;
    va_prepare(&v);
    v.config.sync_timeout_ms = 1234;
    open_with(MFX_FOURCC_NV12);
    atomic_store(&v.fake.busy, 1);
    assert_int_equal(vfa_map(v.f.a, response.mids[1], MFX_MAP_READ, &data), MFX_ERR_GPU_HANG);
    assert_int_equal(v.fake.last_timeout_ns, 1234000000);
    assert_non_null(strstr(error_of(&v).text,
                           "vaSyncSurface2: VA_STATUS_ERROR_TIMEDOUT: the driver was not done "
                           "with surface 0x1 in 1234 ms"));
    close_frames();
}

static void ten_seconds_are_waited_by_default(void **state)
{
    (void)state;
    open_frames(MFX_FOURCC_NV12);
    mfxFrameData data = map(MFX_MAP_READ);
    assert_int_equal(v.fake.last_timeout_ns, 10000000000);
    unmap(&data);
    close_frames();
}

static void the_older_wait_serves_where_the_newer_is_missing(void **state)
{
    (void)state;
    for (int unimplemented = 0; unimplemented < 2; unimplemented++) {
        va_prepare(&v);
        if (unimplemented)
            v.fake.refuse[FAKE_SYNC2] = VA_STATUS_ERROR_UNIMPLEMENTED;
        else
            v.api.sync_surface2 = NULL;
        open_with(MFX_FOURCC_NV12);
        count_from_here();
        mfxFrameData data = map(MFX_MAP_WRITE);
        assert_int_equal(calls(FAKE_SYNC), 1);
        unmap(&data);
        fake_va_fail(&v.fake, FAKE_SYNC, 1, VA_STATUS_ERROR_DECODING_ERROR);
        assert_int_equal(vfa_map(v.f.a, response.mids[0], MFX_MAP_READ, &data), MFX_ERR_ABORTED);
        assert_non_null(strstr(error_of(&v).text, "vaSyncSurface: VA_STATUS_ERROR_DECODING_ERROR (0x17)"));
        close_frames();
    }
}

/* --- what the driver says of its images */

static void a_map_without_an_address_is_a_failure(void **state)
{
    (void)state;
    mfxFrameData data;
    open_frames(MFX_FOURCC_NV12);
    v.fake.map_gives_null = true;
    for (unsigned int way = VFA_VA_WAY_MEASURED; way < VFA_VA_WAYS; way++) {
        use_way((enum vfa_va_way)way);
        assert_int_equal(vfa_map(v.f.a, response.mids[0], MFX_MAP_READ, &data), MFX_ERR_DEVICE_FAILED);
        assert_non_null(strstr(error_of(&v).text, "vaMapBuffer"));
        assert_int_equal(atomic_load(&v.fake.mappings_alive), 0);
    }
    v.fake.map_gives_null = false;
    data = map(MFX_MAP_READ);
    unmap(&data);
    close_frames();
}

/* A layout that says so of every image: no way is fit, and the reason is told. */
static void assert_layout_refused(const struct fake_layout *layout, const char *why)
{
    mfxFrameData data;
    va_prepare_small(&v);
    v.fake.surfaces = v.fake.images = *layout;
    open_with(MFX_FOURCC_NV12);
    struct vfa_va_facts facts = facts_of(&v, MFX_FOURCC_NV12);
    for (unsigned int way = VFA_VA_WAY_DERIVE; way < VFA_VA_WAYS; way++)
        assert_string_equal(facts.way[way].unfit, why);
    assert_int_equal(vfa_map(v.f.a, response.mids[0], MFX_MAP_READ, &data), MFX_ERR_UNSUPPORTED);
    assert_non_null(strstr(error_of(&v).text, why));
    close_frames();
}

static void images_that_cannot_be_are_not_touched(void **state)
{
    (void)state;
    assert_layout_refused(&(struct fake_layout){.data_size_short = 64}, "an image smaller than its planes");
    assert_layout_refused(&(struct fake_layout){.offset_more = 0xf0000000u},
                          "an image smaller than its planes");
    assert_layout_refused(&(struct fake_layout){.planes_more = -1}, "fewer planes than the format has");
    assert_layout_refused(&(struct fake_layout){.planes_more = -2}, "fewer planes than the format has");
    assert_layout_refused(&(struct fake_layout){.fourcc = VA_FOURCC_YV12}, "an image of another format");
    assert_layout_refused(&(struct fake_layout){.pitch_align = 8, .pitch_extra = (uint32_t)-8},
                          "a pitch shorter than a row");
}

static void planes_that_overlap_are_found_out(void **state)
{
    (void)state;
    assert_layout_refused(&(struct fake_layout){.offset_more = (uint32_t)-64}, "planes that overlap");
}

static void planes_beyond_those_of_the_format_do_no_harm(void **state)
{
    (void)state;
    va_prepare(&v);
    v.fake.surfaces.planes_more = v.fake.images.planes_more = 1;
    open_with(MFX_FOURCC_NV12);
    va_write(&v, MFX_FOURCC_NV12, response.mids[0], SEED);
    assert_true(holds(SEED));
    close_frames();
}

/* Found out with one layout, and met with another: refused map by map. */
static void a_layout_that_changes_later_is_refused(void **state)
{
    (void)state;
    mfxFrameData data;
    open_frames(MFX_FOURCC_NV12);
    for (unsigned int way = VFA_VA_WAY_MEASURED; way < VFA_VA_WAYS; way++) {
        use_way((enum vfa_va_way)way);
        v.fake.surfaces.planes_more = v.fake.images.planes_more = -1;
        assert_int_equal(vfa_map(v.f.a, response.mids[0], MFX_MAP_READ, &data), MFX_ERR_LOCK_MEMORY);
        assert_non_null(
            strstr(error_of(&v).text, "the driver answers with fewer planes than the format has"));
        v.fake.surfaces.planes_more = v.fake.images.planes_more = 0;
        assert_int_equal(atomic_load(&v.fake.mappings_alive), 0);
    }
    close_frames();
}

static void assert_only_copies_fit(mfxU32 fourcc, const struct fake_layout *layout, const char *why)
{
    va_prepare(&v);
    v.fake.surfaces = v.fake.images = *layout;
    open_with(fourcc);
    struct vfa_va_facts facts = facts_of(&v, fourcc);
    assert_string_equal(facts.way[VFA_VA_WAY_DERIVE].unfit, why);
    assert_string_equal(facts.way[VFA_VA_WAY_IMAGE].unfit, why);
    for (size_t d = 0; d < VFA_VA_DIRECTIONS; d++)
        assert_true(facts.chosen[d] == VFA_VA_WAY_DERIVE_COPY || facts.chosen[d] == VFA_VA_WAY_IMAGE_COPY);
    va_write(&v, fourcc, response.mids[0], SEED);
    assert_true(holds(SEED));
    assert_int_equal(va_count_bad(&v, fourcc, response.mids[0], SEED), 0);
    close_frames();
}

static void pitches_that_vpl_cannot_express_are_copied(void **state)
{
    (void)state;
    const char *why = "plane pitches that VPL's one pitch cannot express";
    assert_only_copies_fit(MFX_FOURCC_I420, &(struct fake_layout){.pitch_extra = 1}, why);
    assert_only_copies_fit(MFX_FOURCC_I422, &(struct fake_layout){.same_pitches = true}, why);
}

/* Samples of 16 bits at odd addresses, words of 32 bits where only 16 may be. */
static void samples_where_they_cannot_be_read_are_copied(void **state)
{
    (void)state;
    const char *why = "samples at odd addresses, which cannot be read whole";
    assert_only_copies_fit(MFX_FOURCC_P010, &(struct fake_layout){.pitch_extra = 1}, why);
    assert_only_copies_fit(MFX_FOURCC_Y210, &(struct fake_layout){.pitch_extra = 1}, why);
    assert_only_copies_fit(MFX_FOURCC_A2RGB10, &(struct fake_layout){.pitch_extra = 2}, why);
}

static void pitches_of_every_kind_are_seen(void **state)
{
    (void)state;
    const mfxU32 formats[] = {MFX_FOURCC_NV12, MFX_FOURCC_P010,    MFX_FOURCC_IYUV,
                              MFX_FOURCC_YV12, MFX_FOURCC_YUY2,    MFX_FOURCC_RGB4,
                              MFX_FOURCC_BGR4, MFX_FOURCC_A2RGB10, MFX_FOURCC_RGBP};
    const struct fake_layout layouts[] = {{.pitch_align = 2}, {.pitch_align = 256}, {.pitch_extra = 6}};
    for (size_t f = 0; f < sizeof formats / sizeof formats[0]; f++)
        for (size_t l = 0; l < 3; l++) {
            va_prepare_small(&v);
            v.fake.surfaces = layouts[l];
            v.fake.images = layouts[(l + 1) % 3];
            open_with(formats[f]);
            for (unsigned int way = VFA_VA_WAY_MEASURED; way < VFA_VA_WAYS; way++) {
                if (way && facts_of(&v, formats[f]).way[way].unfit)
                    continue;
                use_way((enum vfa_va_way)way);
                va_write(&v, formats[f], response.mids[0], way);
                assert_true(holds(way));
                assert_int_equal(va_count_bad(&v, formats[f], response.mids[0], way), 0);
            }
            close_frames();
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading_never_puts),
        cmocka_unit_test(discarding_writes_never_get),
        cmocka_unit_test(reading_and_writing_gets_and_puts),
        cmocka_unit_test(every_map_waits_for_the_driver_once),
        cmocka_unit_test(staging_images_are_kept_and_derived_ones_are_not),
        cmocka_unit_test(an_image_that_failed_is_not_kept),
        cmocka_unit_test(nested_locks_share_one_map),
        cmocka_unit_test(a_writer_that_joins_readers_puts_at_the_last_unlock),
        cmocka_unit_test(a_discarding_write_is_alone),
        cmocka_unit_test(a_map_that_can_only_be_read_is_not_widened),
        cmocka_unit_test(frames_freed_while_locked_end_with_the_lock),
        cmocka_unit_test(lock_reads_and_writes_unless_told_otherwise),
        cmocka_unit_test(nowait_on_a_busy_surface_comes_back_at_once),
        cmocka_unit_test(a_wait_ends_at_the_timeout_and_says_so),
        cmocka_unit_test(ten_seconds_are_waited_by_default),
        cmocka_unit_test(the_older_wait_serves_where_the_newer_is_missing),
        cmocka_unit_test(a_map_without_an_address_is_a_failure),
        cmocka_unit_test(images_that_cannot_be_are_not_touched),
        cmocka_unit_test(planes_that_overlap_are_found_out),
        cmocka_unit_test(planes_beyond_those_of_the_format_do_no_harm),
        cmocka_unit_test(a_layout_that_changes_later_is_refused),
        cmocka_unit_test(pitches_that_vpl_cannot_express_are_copied),
        cmocka_unit_test(samples_where_they_cannot_be_read_are_copied),
        cmocka_unit_test(pitches_of_every_kind_are_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
