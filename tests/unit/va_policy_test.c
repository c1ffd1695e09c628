/* Which way a map takes: what is proven and measured decides, per direction; the application may override;
 * and where one way fails the next serves. Costs are made with calls that take their time, by a clock that
 * tells nothing else, so that it is all the same how busy the machine is. */
#include "va/internal.h"
#include "va_fixture.h"

#include <time.h>
#include <unistd.h>

#define MS 1000000

static struct va_fixture v;
static mfxFrameAllocResponse response;

/* The library's clock and the fake driver's: each look at it takes a microsecond, and nothing else does. */
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
    static _Atomic uint64_t looks;
    (void)clock;
    uint64_t us = ++looks;
    now->tv_sec = (time_t)(us / 1000000);
    now->tv_nsec = (long)(us % 1000000 * 1000);
    return 0;
}

static void close_va(void)
{
    va_close(&v);
}

static struct vfa_va_facts find_out(void)
{
    va_open(&v);
    return facts_of(&v, MFX_FOURCC_NV12);
}

static bool is_derived(enum vfa_va_way way)
{
    return way == VFA_VA_WAY_DERIVE || way == VFA_VA_WAY_DERIVE_COPY;
}

/* --- the measured choice */

static void the_cheaper_way_is_chosen(void **state)
{
    (void)state;
    va_prepare(&v);
    v.fake.spin_ns[FAKE_GET_IMAGE] = v.fake.spin_ns[FAKE_PUT_IMAGE] = MS / 2;
    struct vfa_va_facts facts = find_out();
    for (size_t d = 0; d < VFA_VA_DIRECTIONS; d++)
        assert_true(is_derived(facts.chosen[d]));
    close_va();
    va_prepare(&v);
    v.fake.spin_ns[FAKE_DERIVE] = MS / 2;
    facts = find_out();
    for (size_t d = 0; d < VFA_VA_DIRECTIONS; d++)
        assert_false(is_derived(facts.chosen[d]));
    close_va();
}

static void each_direction_has_its_own_way(void **state)
{
    (void)state;
    va_prepare(&v);
    v.fake.spin_ns[FAKE_DERIVE] = MS / 4;
    v.fake.spin_ns[FAKE_PUT_IMAGE] = MS;
    struct vfa_va_facts facts = find_out();
    assert_false(is_derived(facts.chosen[VFA_VA_READ]));
    assert_true(is_derived(facts.chosen[VFA_VA_WRITE]));
    assert_true(is_derived(facts.chosen[VFA_VA_READ_WRITE]));
    assert_true(facts.way[VFA_VA_WAY_IMAGE].ns[VFA_VA_WRITE] >= MS);
    assert_true(facts.way[VFA_VA_WAY_DERIVE].ns[VFA_VA_READ] >= MS / 4);
    assert_true(facts.way[VFA_VA_WAY_DERIVE_COPY].ns[VFA_VA_READ_WRITE] >= MS / 2);
    close_va();
}

static void maps_take_the_chosen_way(void **state)
{
    (void)state;
    struct vfa_va_stats before, after;
    const mfxU32 flags[VFA_VA_DIRECTIONS] = {MFX_MAP_READ, MFX_MAP_WRITE, MFX_MAP_READ_WRITE};
    va_prepare(&v);
    v.fake.spin_ns[FAKE_DERIVE] = MS / 4;
    v.fake.spin_ns[FAKE_PUT_IMAGE] = MS;
    struct vfa_va_facts facts = find_out();
    response = va_alloc(&v, MFX_FOURCC_NV12, 1);
    for (size_t d = 0; d < VFA_VA_DIRECTIONS; d++) {
        mfxFrameData data;
        assert_int_equal(vfa_va_stats(v.va, &before), MFX_ERR_NONE);
        assert_int_equal(vfa_map(v.f.a, response.mids[0], flags[d], &data), MFX_ERR_NONE);
        assert_int_equal(vfa_unmap(v.f.a, response.mids[0], &data), MFX_ERR_NONE);
        assert_int_equal(vfa_va_stats(v.va, &after), MFX_ERR_NONE);
        for (size_t w = VFA_VA_WAY_DERIVE; w < VFA_VA_WAYS; w++)
            assert_int_equal(after.maps[w] - before.maps[w], w == (size_t)facts.chosen[d]);
        assert_int_equal(after.syncs - before.syncs, 1);
    }
    assert_int_equal(release(&v.f, &response), MFX_ERR_NONE);
    close_va();
}

/* --- the order, from figures made up */

static void assert_order(const struct vfa_va_facts *facts, mfxU32 flags, const enum vfa_va_way *order,
                         size_t count)
{
    static struct vfa_va backend;
    struct vfa__va_policy policy = {.facts = *facts};
    struct vfa__va_set set = {.va = &backend, .policy = &policy};
    enum vfa_va_way ways[VFA_VA_WAYS];
    vfa__va_ways(&set, flags, ways);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(ways[i], order[i]);
    assert_int_equal(ways[count], VFA_VA_WAY_MEASURED);
}

static void ways_are_tried_in_the_order_of_their_cost(void **state)
{
    (void)state;
    struct vfa_va_facts facts = {.chosen = {VFA_VA_WAY_IMAGE, VFA_VA_WAY_DERIVE, VFA_VA_WAY_DERIVE}};
    const uint32_t ns[VFA_VA_WAYS] = {0, 300, 200, 400, 250};
    for (size_t w = 0; w < VFA_VA_WAYS; w++)
        facts.way[w].ns[VFA_VA_READ] = facts.way[w].ns[VFA_VA_READ_WRITE] = ns[w];
    facts.way[VFA_VA_WAY_DERIVE].ns[VFA_VA_WRITE] = 1; /* the only one that works to write */
    assert_order(&facts, MFX_MAP_READ,
                 (enum vfa_va_way[]){VFA_VA_WAY_IMAGE, VFA_VA_WAY_IMAGE_COPY, VFA_VA_WAY_DERIVE,
                                     VFA_VA_WAY_DERIVE_COPY},
                 4);
    assert_order(&facts, MFX_MAP_WRITE, (enum vfa_va_way[]){VFA_VA_WAY_DERIVE}, 1);
    /* What was chosen comes first, whatever the figures say. */
    assert_order(&facts, MFX_MAP_READ_WRITE,
                 (enum vfa_va_way[]){VFA_VA_WAY_DERIVE, VFA_VA_WAY_IMAGE, VFA_VA_WAY_IMAGE_COPY,
                                     VFA_VA_WAY_DERIVE_COPY},
                 4);
}

static void ways_that_write_back_are_no_resort_to_read(void **state)
{
    (void)state;
    struct vfa_va_facts facts = {.chosen = {VFA_VA_WAY_IMAGE, VFA_VA_WAY_IMAGE, VFA_VA_WAY_IMAGE}};
    for (size_t w = VFA_VA_WAY_DERIVE; w < VFA_VA_WAYS; w++)
        for (size_t d = 0; d < VFA_VA_DIRECTIONS; d++)
            facts.way[w].ns[d] = 10;
    facts.way[VFA_VA_WAY_DERIVE].writes_back = facts.way[VFA_VA_WAY_DERIVE_COPY].writes_back = true;
    assert_order(&facts, MFX_MAP_READ, (enum vfa_va_way[]){VFA_VA_WAY_IMAGE, VFA_VA_WAY_IMAGE_COPY}, 2);
    assert_order(&facts, MFX_MAP_WRITE,
                 (enum vfa_va_way[]){VFA_VA_WAY_IMAGE, VFA_VA_WAY_DERIVE, VFA_VA_WAY_DERIVE_COPY,
                                     VFA_VA_WAY_IMAGE_COPY},
                 4);
}

static void no_way_is_none(void **state)
{
    (void)state;
    const struct vfa_va_facts facts = {.fourcc = MFX_FOURCC_NV12};
    assert_order(&facts, MFX_MAP_READ, NULL, 0);
}

/* --- what a read map does to the surface */

static void direct_maps_are_proven_harmless(void **state)
{
    (void)state;
    va_prepare(&v);
    v.fake.spin_ns[FAKE_GET_IMAGE] = MS / 2;
    struct vfa_va_facts facts = find_out();
    assert_false(facts.way[VFA_VA_WAY_DERIVE].writes_back);
    assert_true(is_derived(facts.chosen[VFA_VA_READ]));
    close_va();
}

static void shadows_that_are_written_back_are_not_read_by(void **state)
{
    (void)state;
    va_prepare(&v);
    v.fake.shadow = true;
    v.fake.spin_ns[FAKE_GET_IMAGE] = v.fake.spin_ns[FAKE_PUT_IMAGE] = MS / 2;
    struct vfa_va_facts facts = find_out();
    assert_true(facts.way[VFA_VA_WAY_DERIVE].writes_back);
    assert_true(facts.way[VFA_VA_WAY_DERIVE_COPY].writes_back);
    assert_false(facts.way[VFA_VA_WAY_IMAGE].writes_back);
    assert_false(is_derived(facts.chosen[VFA_VA_READ])); /* though it is the cheaper */
    assert_true(is_derived(facts.chosen[VFA_VA_WRITE]));
    close_va();
}

static void shadows_are_read_by_where_nothing_else_works(void **state)
{
    (void)state;
    va_prepare(&v);
    v.fake.shadow = true;
    v.fake.refuse[FAKE_CREATE_IMAGE] = VA_STATUS_ERROR_INVALID_IMAGE_FORMAT;
    struct vfa_va_facts facts = find_out();
    assert_true(facts.way[VFA_VA_WAY_DERIVE].writes_back);
    assert_true(is_derived(facts.chosen[VFA_VA_READ]));
    close_va();
}

static void vaMapBuffer2_is_proven_not_to_write_back(void **state)
{
    (void)state;
    va_prepare(&v);
    v.api = fake_va_api();
    v.fake.shadow = true;
    v.fake.spin_ns[FAKE_GET_IMAGE] = MS / 2;
    struct vfa_va_facts facts = find_out();
    assert_false(facts.way[VFA_VA_WAY_DERIVE].writes_back);
    assert_true(is_derived(facts.chosen[VFA_VA_READ]));
    close_va();
}

static void memory_that_is_seen_but_not_written_still_tells(void **state)
{
    (void)state;
    for (int shadow = 0; shadow < 2; shadow++) {
        va_prepare(&v);
        v.fake.shadow = shadow;
        v.fake.export_read_only = true;
        assert_int_equal(find_out().way[VFA_VA_WAY_DERIVE].writes_back, shadow);
        close_va();
    }
}

/* However often the driver fails meanwhile: whether it was by one call or for good. */
static void a_failure_while_memory_is_only_seen_proves_nothing(void **state)
{
    (void)state;
    for (enum fake_call call = FAKE_SYNC2; call < FAKE_CALLS; call++) {
        bool met = true;
        for (long n = 1; met; n++) {
            va_prepare_small(&v);
            v.fake.export_read_only = true;
            v.fake.shadow = true;
            fake_va_fail(&v.fake, call, n, VA_STATUS_ERROR_OPERATION_FAILED);
            assert_true(find_out().way[VFA_VA_WAY_DERIVE].writes_back);
            met = atomic_load(&v.fake.failed_call) != FAKE_CALLS;
            fake_va_fail(&v.fake, FAKE_ANY, 0, VA_STATUS_SUCCESS);
            close_va();
        }
    }
}

static struct vfa_va_api two_files; /* of a driver whose surfaces are in two objects */

static VAStatus export_in_two(VADisplay display, VASurfaceID surface, uint32_t type, uint32_t flags,
                              void *out)
{
    VADRMPRIMESurfaceDescriptor *d = out;
    VAStatus status = two_files.export_surface_handle(display, surface, type, flags, out);
    if (status == VA_STATUS_SUCCESS) {
        d->num_objects = 2;
        d->objects[1] = d->objects[0];
        d->objects[1].fd = dup(d->objects[0].fd);
    }
    return status;
}

static void what_cannot_be_proven_is_not_believed(void **state)
{
    (void)state;
    int fds = open_fds();
    va_prepare(&v);
    v.fake.refuse[FAKE_EXPORT] = VA_STATUS_ERROR_INVALID_SURFACE;
    struct vfa_va_facts facts = find_out();
    assert_int_equal(facts.export_refused, VA_STATUS_ERROR_INVALID_SURFACE);
    assert_true(facts.way[VFA_VA_WAY_DERIVE].writes_back);
    assert_false(facts.provisional);
    close_va();
    va_prepare(&v);
    v.fake.export_more = 1 << 20; /* an object that ends before its size */
    facts = find_out();
    assert_int_equal(facts.export_refused, VA_STATUS_SUCCESS);
    assert_true(facts.way[VFA_VA_WAY_DERIVE].writes_back);
    close_va();
    va_prepare(&v);
    two_files = v.api;
    v.api.export_surface_handle = export_in_two;
    facts = find_out();
    assert_int_equal(facts.export_refused, VA_STATUS_SUCCESS);
    assert_true(facts.way[VFA_VA_WAY_DERIVE].writes_back);
    close_va();
    assert_int_equal(open_fds(), fds);
}

static void the_modifier_of_exports_is_known(void **state)
{
    (void)state;
    va_prepare(&v);
    v.fake.modifier = UINT64_C(0x100000000000004);
    assert_true(find_out().modifier == UINT64_C(0x100000000000004));
    close_va();
}

/* --- success answered for what is not done */

static void ways_that_leave_out_a_plane_are_unfit(void **state)
{
    (void)state;
    for (unsigned int plane = 0; plane < 2; plane++)
        for (int put = 0; put < 2; put++) {
            va_prepare(&v);
            *(put ? &v.fake.put_leaves_out : &v.fake.get_leaves_out) = 1u << plane;
            struct vfa_va_facts facts = find_out();
            assert_non_null(facts.way[VFA_VA_WAY_IMAGE].unfit);
            assert_non_null(facts.way[VFA_VA_WAY_IMAGE_COPY].unfit);
            assert_int_equal(facts.way[VFA_VA_WAY_IMAGE].ns[VFA_VA_READ], 0);
            for (size_t d = 0; d < VFA_VA_DIRECTIONS; d++)
                assert_true(is_derived(facts.chosen[d]));
            close_va();
        }
}

/* Both leave out the same plane, so that the image alone always looks right. */
static void a_plane_that_never_reaches_the_surface_is_noticed(void **state)
{
    (void)state;
    va_prepare(&v);
    v.fake.get_leaves_out = v.fake.put_leaves_out = 2;
    struct vfa_va_facts facts = find_out();
    assert_non_null(facts.way[VFA_VA_WAY_IMAGE].unfit);
    assert_null(facts.way[VFA_VA_WAY_DERIVE].unfit);
    close_va();
    va_prepare(&v);
    v.fake.refuse[FAKE_DERIVE] = VA_STATUS_ERROR_OPERATION_FAILED; /* with nobody to compare to */
    v.fake.get_leaves_out = v.fake.put_leaves_out = 2;
    facts = find_out();
    assert_non_null(facts.way[VFA_VA_WAY_IMAGE].unfit);
    close_va();
}

static void ways_that_see_different_pixels_are_not_both_used(void **state)
{
    (void)state;
    va_prepare(&v);
    v.fake.images_apart = true;
    struct vfa_va_facts facts = find_out();
    assert_string_equal(facts.way[VFA_VA_WAY_IMAGE].unfit,
                        "what was written reads differently by another way");
    assert_string_equal(facts.way[VFA_VA_WAY_IMAGE_COPY].unfit,
                        "what was written reads differently by another way");
    assert_null(facts.way[VFA_VA_WAY_DERIVE].unfit);
    assert_null(facts.way[VFA_VA_WAY_DERIVE_COPY].unfit);
    close_va();
}

/* What the copy of the last map held passes for what was read, until another surface was mapped in between.
 */
static void a_plane_that_only_the_drivers_copy_holds_is_noticed(void **state)
{
    (void)state;
    for (int refuse_images = 0; refuse_images < 2; refuse_images++) {
        va_prepare(&v);
        v.fake.shadow = true;
        v.fake.shadow_leaves_out = 2;
        if (refuse_images)
            v.fake.refuse[FAKE_CREATE_IMAGE] = VA_STATUS_ERROR_INVALID_IMAGE_FORMAT;
        struct vfa_va_facts facts = find_out();
        assert_string_equal(facts.way[VFA_VA_WAY_DERIVE].unfit, "what was written does not read back");
        assert_string_equal(facts.way[VFA_VA_WAY_DERIVE_COPY].unfit, "what was written does not read back");
        assert_null(facts.way[VFA_VA_WAY_IMAGE].unfit);
        close_va();
    }
}

static void a_refused_derive_leaves_images(void **state)
{
    (void)state;
    va_prepare(&v);
    v.fake.refuse[FAKE_DERIVE] = VA_STATUS_ERROR_OPERATION_FAILED;
    struct vfa_va_facts facts = find_out();
    for (size_t d = 0; d < VFA_VA_DIRECTIONS; d++)
        assert_true(facts.chosen[d] == VFA_VA_WAY_IMAGE || facts.chosen[d] == VFA_VA_WAY_IMAGE_COPY);
    response = va_alloc(&v, MFX_FOURCC_NV12, 1);
    va_write(&v, MFX_FOURCC_NV12, response.mids[0], 1);
    assert_int_equal(va_count_bad(&v, MFX_FOURCC_NV12, response.mids[0], 1), 0);
    assert_int_equal(release(&v.f, &response), MFX_ERR_NONE);
    close_va();
}

/* --- overriding */

static uint64_t maps_by(enum vfa_va_way way, mfxU32 flags)
{
    struct vfa_va_stats before, after;
    mfxFrameData data;
    assert_int_equal(vfa_va_stats(v.va, &before), MFX_ERR_NONE);
    assert_int_equal(vfa_map(v.f.a, response.mids[0], flags, &data), MFX_ERR_NONE);
    assert_int_equal(vfa_unmap(v.f.a, response.mids[0], &data), MFX_ERR_NONE);
    assert_int_equal(vfa_va_stats(v.va, &after), MFX_ERR_NONE);
    return after.maps[way] - before.maps[way];
}

static void the_configuration_names_ways(void **state)
{
    (void)state;
    va_prepare(&v);
    v.fake.spin_ns[FAKE_DERIVE] = MS / 2;
    v.config.way[VFA_VA_READ] = VFA_VA_WAY_DERIVE_COPY;
    v.config.way[VFA_VA_WRITE] = VFA_VA_WAY_DERIVE;
    struct vfa_va_facts facts = find_out();
    response = va_alloc(&v, MFX_FOURCC_NV12, 1);
    assert_int_equal(maps_by(VFA_VA_WAY_DERIVE_COPY, MFX_MAP_READ), 1);
    assert_int_equal(maps_by(VFA_VA_WAY_DERIVE, MFX_MAP_WRITE), 1);
    assert_int_equal(maps_by(facts.chosen[VFA_VA_READ_WRITE], MFX_MAP_READ_WRITE), 1);
    assert_int_equal(vfa_va_set_way(v.va, MFX_FOURCC_NV12, VFA_VA_READ, VFA_VA_WAY_MEASURED), MFX_ERR_NONE);
    assert_int_equal(maps_by(facts.chosen[VFA_VA_READ], MFX_MAP_READ), 1);
    assert_int_equal(release(&v.f, &response), MFX_ERR_NONE);
    close_va();
}

static void a_way_is_set_for_one_format_or_all(void **state)
{
    (void)state;
    va_prepare(&v);
    v.fake.spin_ns[FAKE_DERIVE] = MS / 2;
    (void)find_out();
    response = va_alloc(&v, MFX_FOURCC_NV12, 1);
    assert_int_equal(vfa_va_set_way(v.va, MFX_FOURCC_IYUV, VFA_VA_READ, VFA_VA_WAY_DERIVE), MFX_ERR_NONE);
    assert_int_equal(maps_by(VFA_VA_WAY_DERIVE, MFX_MAP_READ), 0);
    assert_int_equal(vfa_va_set_way(v.va, MFX_FOURCC_NV12, VFA_VA_READ, VFA_VA_WAY_DERIVE), MFX_ERR_NONE);
    assert_int_equal(maps_by(VFA_VA_WAY_DERIVE, MFX_MAP_READ), 1);
    assert_int_equal(maps_by(VFA_VA_WAY_DERIVE, MFX_MAP_WRITE), 0);
    assert_int_equal(vfa_va_set_way(v.va, 0, VFA_VA_WRITE, VFA_VA_WAY_DERIVE), MFX_ERR_NONE);
    assert_int_equal(maps_by(VFA_VA_WAY_DERIVE, MFX_MAP_WRITE), 1);
    assert_int_equal(release(&v.f, &response), MFX_ERR_NONE);
    close_va();
}

static void ways_that_are_none_cannot_be_set(void **state)
{
    (void)state;
    va_prepare(&v);
    (void)find_out();
    assert_int_equal(vfa_va_set_way(NULL, 0, VFA_VA_READ, VFA_VA_WAY_DERIVE), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_va_set_way(v.va, 0x12345678, VFA_VA_READ, VFA_VA_WAY_DERIVE), MFX_ERR_UNSUPPORTED);
    assert_int_equal(vfa_va_set_way(v.va, 0, VFA_VA_DIRECTIONS, VFA_VA_WAY_DERIVE),
                     MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(vfa_va_set_way(v.va, 0, VFA_VA_READ, VFA_VA_WAYS), MFX_ERR_INVALID_VIDEO_PARAM);
    close_va();
}

static void a_way_that_was_named_is_the_only_one(void **state)
{
    (void)state;
    mfxFrameData data;
    va_prepare(&v);
    v.fake.refuse[FAKE_DERIVE] = VA_STATUS_ERROR_OPERATION_FAILED;
    (void)find_out();
    response = va_alloc(&v, MFX_FOURCC_NV12, 1);
    assert_int_equal(vfa_va_set_way(v.va, MFX_FOURCC_NV12, VFA_VA_READ, VFA_VA_WAY_DERIVE), MFX_ERR_NONE);
    assert_int_equal(vfa_map(v.f.a, response.mids[0], MFX_MAP_READ, &data), MFX_ERR_DEVICE_FAILED);
    assert_non_null(strstr(error_of(&v).text, "vaDeriveImage: VA_STATUS_ERROR_OPERATION_FAILED (0x1)"));
    assert_int_equal(release(&v.f, &response), MFX_ERR_NONE);
    close_va();
}

/* --- where a way stops working later */

static void the_next_way_serves_where_one_fails(void **state)
{
    (void)state;
    va_prepare(&v);
    v.fake.spin_ns[FAKE_GET_IMAGE] = MS / 2;
    (void)find_out();
    response = va_alloc(&v, MFX_FOURCC_NV12, 1);
    va_write(&v, MFX_FOURCC_NV12, response.mids[0], 4);
    v.fake.refuse[FAKE_DERIVE] = VA_STATUS_ERROR_HW_BUSY;
    assert_int_equal(va_count_bad(&v, MFX_FOURCC_NV12, response.mids[0], 4), 0);
    va_write(&v, MFX_FOURCC_NV12, response.mids[0], 5);
    assert_int_equal(va_count_bad(&v, MFX_FOURCC_NV12, response.mids[0], 5), 0);
    assert_int_equal(release(&v.f, &response), MFX_ERR_NONE);
    close_va();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cheaper_way_is_chosen),
        cmocka_unit_test(each_direction_has_its_own_way),
        cmocka_unit_test(maps_take_the_chosen_way),
        cmocka_unit_test(ways_are_tried_in_the_order_of_their_cost),
        cmocka_unit_test(ways_that_write_back_are_no_resort_to_read),
        cmocka_unit_test(no_way_is_none),
        cmocka_unit_test(direct_maps_are_proven_harmless),
        cmocka_unit_test(shadows_that_are_written_back_are_not_read_by),
        cmocka_unit_test(shadows_are_read_by_where_nothing_else_works),
        cmocka_unit_test(vaMapBuffer2_is_proven_not_to_write_back),
        cmocka_unit_test(memory_that_is_seen_but_not_written_still_tells),
        cmocka_unit_test(a_failure_while_memory_is_only_seen_proves_nothing),
        cmocka_unit_test(what_cannot_be_proven_is_not_believed),
        cmocka_unit_test(the_modifier_of_exports_is_known),
        cmocka_unit_test(ways_that_leave_out_a_plane_are_unfit),
        cmocka_unit_test(a_plane_that_never_reaches_the_surface_is_noticed),
        cmocka_unit_test(ways_that_see_different_pixels_are_not_both_used),
        cmocka_unit_test(a_plane_that_only_the_drivers_copy_holds_is_noticed),
        cmocka_unit_test(a_refused_derive_leaves_images),
        cmocka_unit_test(the_configuration_names_ways),
        cmocka_unit_test(a_way_is_set_for_one_format_or_all),
        cmocka_unit_test(ways_that_are_none_cannot_be_set),
        cmocka_unit_test(a_way_that_was_named_is_the_only_one),
        cmocka_unit_test(the_next_way_serves_where_one_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
