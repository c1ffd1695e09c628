/* Finding out about surfaces, on a driver that fails meanwhile: one failure changes nothing of what is found
 * out, whichever call it hits; lasting ones are found out about again, and the log tells. */
#include "va_fixture.h"

struct driver {
    bool shadow, map2;
    const char *vendor;
};
static const struct driver direct = {false, false, "direct"};
static const struct driver tiled = {true, false, "tiled"};
static const struct driver modern = {true, true, "tiled, with vaMapBuffer2"};

static void open_on(struct va_fixture *v, const struct driver *driver)
{
    va_prepare_small(v);
    v->fake.shadow = driver->shadow;
    if (driver->map2)
        v->api = fake_va_api();
    va_open(v);
}

static mfxStatus first_alloc(struct va_fixture *v, mfxFrameAllocResponse *response)
{
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_NV12, 1);
    memset(response, 0xff, sizeof *response);
    return alloc(&v->f, &request, response);
}

/* What is known is what a driver without failures would have shown. */
static void assert_all_is_known(struct va_fixture *v, const struct driver *driver)
{
    struct vfa_va_facts facts = facts_of(v, MFX_FOURCC_NV12);
    assert_false(facts.provisional);
    assert_int_equal(facts.export_refused, VA_STATUS_SUCCESS);
    for (unsigned int w = VFA_VA_WAY_DERIVE; w < VFA_VA_WAYS; w++) {
        assert_int_equal(facts.way[w].refused, VA_STATUS_SUCCESS);
        assert_null(facts.way[w].unfit);
        for (unsigned int d = 0; d < VFA_VA_DIRECTIONS; d++)
            assert_int_not_equal(facts.way[w].ns[d], 0);
    }
    assert_int_equal(facts.way[VFA_VA_WAY_DERIVE].writes_back, driver->shadow && !driver->map2);
    assert_int_equal(facts.way[VFA_VA_WAY_DERIVE_COPY].writes_back, driver->shadow && !driver->map2);
}

static void assert_frames_work(struct va_fixture *v, mfxFrameAllocResponse *response)
{
    va_write(v, MFX_FOURCC_NV12, response->mids[0], 9);
    assert_int_equal(va_surface_pixels(v, surface_of(v, response->mids[0]), 9, VA_COUNT_BAD), 0);
    assert_int_equal(va_count_bad(v, MFX_FOURCC_NV12, response->mids[0], 9), 0);
    assert_int_equal(release(&v->f, response), MFX_ERR_NONE);
    assert_va_holds_nothing(v);
    assert_int_equal(fake_va_alive(&v->fake), 0);
}

/* Ways are proven at two other sizes first, which the small driver refuses, twice each. */
#define CALLS_AT_OTHER_SIZES 4

static bool is_for_the_hint(VAStatus status)
{
    return status == VA_STATUS_ERROR_ATTR_NOT_SUPPORTED || status == VA_STATUS_ERROR_INVALID_PARAMETER;
}

/* Returns whether there was an n-th call. */
static bool alloc_with_fault(const struct driver *driver, long n, VAStatus status)
{
    static struct va_fixture v;
    mfxFrameAllocResponse response;
    open_on(&v, driver);
    fake_va_fail(&v.fake, FAKE_ANY, n, status);
    mfxStatus result = first_alloc(&v, &response);
    int call = atomic_load(&v.fake.failed_call);
    fake_va_fail(&v.fake, FAKE_ANY, 0, VA_STATUS_SUCCESS);
    mfxStatus wanted = MFX_ERR_NONE; /* once is tried again */
    if (call == FAKE_CREATE_SURFACES && n > CALLS_AT_OTHER_SIZES && !is_for_the_hint(status))
        wanted = vfa_va_status(status);
    if (result != wanted)
        fail_msg("%s: call %ld, %s, fails with %s: %s instead of %s", driver->vendor, n,
                 fake_va_call_name((enum fake_call)call), vfa_va_status_name(status), vfa_status_name(result),
                 vfa_status_name(wanted));
    if (result != MFX_ERR_NONE) {
        struct vfa_error error = error_of(&v);
        assert_non_null(strstr(error.text, "vaCreateSurfaces"));
        assert_non_null(strstr(error.text, vfa_va_status_name(status)));
        assert_null(response.mids);
        assert_va_holds_nothing(&v);
        assert_int_equal(fake_va_alive(&v.fake), 0);
        assert_int_equal(first_alloc(&v, &response), MFX_ERR_NONE);
    }
    if (!(call == FAKE_MAP2 &&
          status == VA_STATUS_ERROR_UNIMPLEMENTED)) /* which is an answer, not a failure */
        assert_all_is_known(&v, driver);
    assert_frames_work(&v, &response);
    va_close(&v);
    return call != FAKE_CALLS;
}

/* What a first Alloc calls, and how far the proving goes: what follows measures the same calls again. */
struct calls {
    enum fake_call call[200];
    long proving;
};

static void remember_calls(void *user, enum fake_call call, long n)
{
    struct calls *calls = user;
    if (n < (long)(sizeof calls->call / sizeof calls->call[0]))
        calls->call[n] = call;
    if (call == FAKE_EXPORT && !calls->proving)
        calls->proving = n + 8; /* the canary's own map */
}

static void record_calls(const struct driver *driver, struct calls *calls)
{
    static struct va_fixture v;
    mfxFrameAllocResponse response;
    memset(calls, 0, sizeof *calls);
    open_on(&v, driver);
    fake_va_fail(&v.fake, FAKE_ANY, 0, VA_STATUS_SUCCESS);
    v.fake.before = remember_calls;
    v.fake.user = calls;
    assert_int_equal(first_alloc(&v, &response), MFX_ERR_NONE);
    assert_frames_work(&v, &response);
    va_close(&v);
    assert_in_range(calls->proving, 20, sizeof calls->call / sizeof calls->call[0] - 1);
}

/* Each entry of the table fails with every status while ways are proven, and each single call with one in
 * `turns` of them; each call that measures with one status, which take turns. */
static void sweep_first_alloc(const struct driver *driver, size_t turns)
{
    static struct calls calls;
    bool done[FAKE_CALLS][64] = {{false}};
    long n = 1;
    record_calls(driver, &calls);
    for (; n <= calls.proving; n++)
        for (size_t s = 0; s < fake_va_status_count; s++) {
            bool *met = &done[calls.call[n]][s];
            if (*met && (s + (size_t)n) % turns)
                continue;
            assert_true(alloc_with_fault(driver, n, fake_va_statuses[s]));
            *met = true;
        }
    while (alloc_with_fault(driver, n, fake_va_statuses[(size_t)n % fake_va_status_count]))
        n++;
}

static void one_failure_of_any_status_changes_nothing(void **state)
{
    (void)state;
    sweep_first_alloc(&direct, 4);
}

static void one_failure_on_a_tiled_driver_changes_nothing(void **state)
{
    (void)state;
    sweep_first_alloc(&tiled, 16);
}

static void one_failure_on_a_driver_with_vaMapBuffer2_changes_nothing(void **state)
{
    (void)state;
    sweep_first_alloc(&modern, 16);
}

/* The driver is dead from the n-th call to the end of the Alloc, and then works again. */
static void a_driver_that_fails_for_a_while_is_usable_after(void **state)
{
    (void)state;
    const VAStatus statuses[] = {VA_STATUS_ERROR_OPERATION_FAILED, VA_STATUS_ERROR_ALLOCATION_FAILED,
                                 VA_STATUS_ERROR_HW_BUSY, VA_STATUS_ERROR_INVALID_DISPLAY};
    static struct va_fixture v;
    mfxFrameAllocResponse response;
    for (size_t s = 0; s < sizeof statuses / sizeof statuses[0]; s++) {
        for (long n = 1 + (long)s, hit = 1; hit; n += 3) {
            open_on(&v, &direct);
            fake_va_fail(&v.fake, FAKE_ANY, n, statuses[s]);
            v.fake.fail_on = true;
            mfxStatus result = first_alloc(&v, &response);
            hit = atomic_load(&v.fake.failed_call) != FAKE_CALLS;
            v.fake.fail_on = false;
            fake_va_fail(&v.fake, FAKE_ANY, 0, VA_STATUS_SUCCESS);
            if (result != MFX_ERR_NONE) {
                assert_int_equal(result, vfa_va_status(statuses[s]));
                assert_va_holds_nothing(&v);
                assert_int_equal(fake_va_alive(&v.fake), 0);
                assert_int_equal(first_alloc(&v, &response), MFX_ERR_NONE);
            }
            assert_frames_work(&v, &response);
            va_close(&v);
        }
    }
}

/* --- lasting failures */

static void a_refusal_is_found_out_once(void **state)
{
    (void)state;
    struct va_fixture v;
    va_prepare(&v);
    v.fake.refuse[FAKE_DERIVE] = VA_STATUS_ERROR_OPERATION_FAILED; /* as Mesa does for YUV */
    va_open(&v);
    struct vfa_va_facts facts = facts_of(&v, MFX_FOURCC_NV12);
    assert_false(facts.provisional);
    assert_int_equal(facts.way[VFA_VA_WAY_DERIVE].refused, VA_STATUS_ERROR_OPERATION_FAILED);
    assert_int_equal(facts.way[VFA_VA_WAY_DERIVE_COPY].refused, VA_STATUS_ERROR_OPERATION_FAILED);
    assert_null(facts.way[VFA_VA_WAY_IMAGE].unfit);
    long calls = atomic_load(&v.fake.total);
    (void)facts_of(&v, MFX_FOURCC_NV12);
    assert_int_equal(atomic_load(&v.fake.total), calls);
    assert_int_equal(v.va_log.lines[VFA_LOG_WARNING], 0);
    va_close(&v);
}

static void want_of_memory_is_no_refusal(void **state)
{
    (void)state;
    struct va_fixture v;
    va_prepare(&v);
    v.fake.refuse[FAKE_DERIVE] = VA_STATUS_ERROR_ALLOCATION_FAILED;
    va_open(&v);
    struct vfa_va_facts facts = facts_of(&v, MFX_FOURCC_NV12);
    assert_true(facts.provisional);
    assert_int_equal(facts.way[VFA_VA_WAY_DERIVE].refused, VA_STATUS_ERROR_ALLOCATION_FAILED);
    assert_true(test_log_has(&v.va_log, "NV12 surfaces: not all could be found out"));
    v.fake.refuse[FAKE_DERIVE] = VA_STATUS_SUCCESS;
    assert_all_is_known(&v, &direct);
    va_close(&v);
}

static void frames_made_meanwhile_keep_what_was_known(void **state)
{
    (void)state;
    struct va_fixture v;
    va_prepare(&v);
    v.fake.refuse[FAKE_DERIVE] = VA_STATUS_ERROR_HW_BUSY;
    va_open(&v);
    mfxFrameAllocResponse response = va_alloc(&v, MFX_FOURCC_NV12, 1);
    v.fake.refuse[FAKE_DERIVE] = VA_STATUS_SUCCESS;
    assert_all_is_known(&v, &direct);
    assert_frames_work(&v, &response);
    va_close(&v);
}

static void a_driver_always_short_of_memory_is_believed_in_the_end(void **state)
{
    (void)state;
    struct va_fixture v;
    va_prepare(&v);
    v.fake.refuse[FAKE_GET_IMAGE] = VA_STATUS_ERROR_ALLOCATION_FAILED;
    va_open(&v);
    assert_true(facts_of(&v, MFX_FOURCC_NV12).provisional);
    assert_true(facts_of(&v, MFX_FOURCC_NV12).provisional);
    assert_false(facts_of(&v, MFX_FOURCC_NV12).provisional);
    long calls = atomic_load(&v.fake.total);
    (void)facts_of(&v, MFX_FOURCC_NV12);
    assert_int_equal(atomic_load(&v.fake.total), calls);
    va_close(&v);
}

static void what_was_known_serves_when_another_look_fails(void **state)
{
    (void)state;
    struct va_fixture v;
    va_prepare(&v);
    v.fake.refuse[FAKE_DERIVE] = VA_STATUS_ERROR_HW_BUSY;
    va_open(&v);
    struct vfa_va_facts before = facts_of(&v, MFX_FOURCC_NV12);
    v.fake.refuse[FAKE_CREATE_SURFACES] = VA_STATUS_ERROR_ALLOCATION_FAILED;
    struct vfa_va_facts after = facts_of(&v, MFX_FOURCC_NV12);
    assert_int_equal(after.probe_ns, before.probe_ns);
    v.fake.refuse[FAKE_CREATE_SURFACES] = VA_STATUS_SUCCESS;
    v.fake.refuse[FAKE_DERIVE] = VA_STATUS_SUCCESS;
    assert_all_is_known(&v, &direct);
    va_close(&v);
}

static void no_way_at_all_is_warned_of_and_explained(void **state)
{
    (void)state;
    struct va_fixture v;
    mfxFrameData data;
    va_prepare(&v);
    v.fake.refuse[FAKE_DERIVE] = VA_STATUS_ERROR_OPERATION_FAILED;
    v.fake.get_leaves_out = 2;
    va_open(&v);
    mfxFrameAllocResponse response = va_alloc(&v, MFX_FOURCC_NV12, 1);
    const char *why = "no way to the bytes of NV12 surfaces works on this driver: DERIVE: "
                      "VA_STATUS_ERROR_OPERATION_FAILED, IMAGE: what was written does not read back";
    assert_int_equal(v.va_log.lines[VFA_LOG_WARNING], 2);
    assert_true(test_log_has(&v.va_log, why));
    assert_int_equal(lock(&v.f, response.mids[0], &data), MFX_ERR_UNSUPPORTED);
    assert_non_null(strstr(error_of(&v).text, why));
    assert_int_equal(release(&v.f, &response), MFX_ERR_NONE);
    v.fake.get_leaves_out = 0; /* and yet it is looked at again */
    response = va_alloc(&v, MFX_FOURCC_NV12, 1);
    assert_frames_work(&v, &response);
    va_close(&v);
}

/* --- other sizes */

static void what_fails_at_another_size_is_unfit(void **state)
{
    (void)state;
    const unsigned int widths[] = {176, 320};
    for (size_t i = 0; i < 2; i++) {
        struct va_fixture v;
        va_prepare(&v);
        v.fake.put_leaves_out = 2;
        v.fake.leaves_out_from = widths[i];
        va_open(&v);
        struct vfa_va_facts facts = facts_of(&v, MFX_FOURCC_NV12);
        assert_string_equal(facts.way[VFA_VA_WAY_IMAGE].unfit, "what was written does not read back");
        assert_null(facts.way[VFA_VA_WAY_DERIVE].unfit);
        va_close(&v);
    }
}

static void one_failure_at_another_size_changes_nothing(void **state)
{
    (void)state;
    for (long n = 1; n < 150; n += 11) { /* the calls before those at the size asked for */
        struct va_fixture v;
        va_prepare(&v);
        va_open(&v);
        fake_va_fail(&v.fake, FAKE_ANY, n, fake_va_statuses[(size_t)n % fake_va_status_count]);
        (void)facts_of(&v, MFX_FOURCC_NV12);
        assert_int_not_equal(atomic_load(&v.fake.failed_call), FAKE_CALLS);
        assert_va_holds_nothing(&v);
        assert_all_is_known(&v, &direct);
        va_close(&v);
    }
}

static void sizes_that_want_memory_are_looked_at_again(void **state)
{
    (void)state;
    struct va_fixture v;
    va_prepare_small(&v);
    v.fake.max_width_status = VA_STATUS_ERROR_ALLOCATION_FAILED;
    va_open(&v);
    assert_true(facts_of(&v, MFX_FOURCC_NV12).provisional);
    v.fake.max_width = 0;
    assert_all_is_known(&v, &direct);
    va_close(&v);
}

/* --- vfa_va_probe itself */

static mfxStatus probe(struct va_fixture *v, mfxU32 fourcc, struct vfa_error *error)
{
    struct vfa_va_facts facts, none;
    mfxFrameAllocRequest request = va_request(fourcc, 1);
    memset(&facts, 0xff, sizeof facts);
    memset(&none, 0, sizeof none);
    mfxStatus status = vfa_va_probe(v->va, &request.Info, request.Type, &facts, error);
    if (status != MFX_ERR_NONE)
        assert_memory_equal(&facts, &none, sizeof facts);
    return status;
}

static void probe_says_what_failed(void **state)
{
    (void)state;
    struct va_fixture v;
    struct vfa_error error;
    va_prepare(&v);
    va_open(&v);
    for (size_t s = 0; s < fake_va_status_count; s++) {
        VAStatus status = fake_va_statuses[s];
        if (is_for_the_hint(status))
            continue;
        v.fake.refuse[FAKE_CREATE_SURFACES] = status;
        assert_int_equal(probe(&v, MFX_FOURCC_NV12, &error), vfa_va_status(status));
        assert_int_equal(error.status, vfa_va_status(status));
        assert_string_equal(error.call, "vfa_va_probe");
        assert_non_null(strstr(error.text, "vaCreateSurfaces"));
        assert_non_null(strstr(error.text, vfa_va_status_name(status)));
        assert_va_holds_nothing(&v);
    }
    v.fake.refuse[FAKE_CREATE_SURFACES] = VA_STATUS_SUCCESS;
    assert_int_equal(probe(&v, MFX_FOURCC_NV12, &error), MFX_ERR_NONE);
    assert_string_equal(error.text, "");
    va_close(&v);
}

static void probe_refuses_what_is_no_surface(void **state)
{
    (void)state;
    struct va_fixture v;
    struct vfa_error error;
    struct vfa_va_facts facts;
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_NV12, 1);
    va_prepare(&v);
    va_open(&v);
    assert_int_equal(probe(&v, MFX_FOURCC_P210, &error), MFX_ERR_UNSUPPORTED);
    assert_non_null(strstr(error.text, "VA-API has no equivalent of P210"));
    assert_int_equal(probe(&v, MFX_MAKEFOURCC('?', '?', '?', '?'), NULL), MFX_ERR_UNSUPPORTED);
    request.Info.FourCC = MFX_FOURCC_P8;
    request.Info.BufferSize = 100;
    assert_int_equal(vfa_va_probe(v.va, &request.Info, request.Type, &facts, &error), MFX_ERR_UNSUPPORTED);
    assert_non_null(strstr(error.text, "P8 is a buffer"));
    request = va_request(MFX_FOURCC_NV12, 1);
    request.Info.Height = 0;
    assert_int_equal(vfa_va_probe(v.va, &request.Info, request.Type, &facts, &error),
                     MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(vfa_va_probe(NULL, &request.Info, request.Type, &facts, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_va_probe(v.va, NULL, request.Type, &facts, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_va_probe(v.va, &request.Info, request.Type, NULL, NULL), MFX_ERR_NULL_PTR);
    va_close(&v);
}

static void each_format_and_usage_is_found_out_once(void **state)
{
    (void)state;
    struct va_fixture v;
    struct vfa_va_facts facts;
    va_prepare(&v);
    va_open(&v);
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_NV12, 1);
    const mfxU16 types[] = {TYPE_VA, TYPE_VA | MFX_MEMTYPE_FROM_ENCODE, TYPE_VA | MFX_MEMTYPE_EXPORT_FRAME};
    for (unsigned int round = 0; round < 2; round++) {
        fake_va_fail(&v.fake, FAKE_ANY, 0, VA_STATUS_SUCCESS);
        for (size_t t = 0; t < 3; t++) {
            assert_int_equal(vfa_va_probe(v.va, &request.Info, types[t], &facts, NULL), MFX_ERR_NONE);
            request.Info.Width = (mfxU16)(request.Info.Width + 16); /* of any size */
        }
        (void)facts_of(&v, MFX_FOURCC_I420);
        assert_int_equal(atomic_load(&v.fake.calls[FAKE_EXPORT]), round == 0 ? 4 : 0);
    }
    va_close(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_failure_of_any_status_changes_nothing),
        cmocka_unit_test(one_failure_on_a_tiled_driver_changes_nothing),
        cmocka_unit_test(one_failure_on_a_driver_with_vaMapBuffer2_changes_nothing),
        cmocka_unit_test(a_driver_that_fails_for_a_while_is_usable_after),
        cmocka_unit_test(a_refusal_is_found_out_once),
        cmocka_unit_test(want_of_memory_is_no_refusal),
        cmocka_unit_test(frames_made_meanwhile_keep_what_was_known),
        cmocka_unit_test(a_driver_always_short_of_memory_is_believed_in_the_end),
        cmocka_unit_test(what_was_known_serves_when_another_look_fails),
        cmocka_unit_test(no_way_at_all_is_warned_of_and_explained),
        cmocka_unit_test(what_fails_at_another_size_is_unfit),
        cmocka_unit_test(one_failure_at_another_size_changes_nothing),
        cmocka_unit_test(sizes_that_want_memory_are_looked_at_again),
        cmocka_unit_test(probe_says_what_failed),
        cmocka_unit_test(probe_refuses_what_is_no_surface),
        cmocka_unit_test(each_format_and_usage_is_found_out_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
