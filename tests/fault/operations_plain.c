/* Operations that compute and tell: formats, layouts, plans, names, the log. All but the log ask the system
 * for nothing. */
#include "bench.h"

#include <fcntl.h>
#include <unistd.h>

/* --- formats and layouts */

static mfxStatus formats(struct bench *b)
{
    char text[VFA_FOURCC_TEXT_MAX];
    (void)b;
    assert_true(vfa_format_count() > 0);
    assert_ptr_equal(vfa_format_find(vfa_format_at(0)->fourcc), vfa_format_at(0));
    assert_string_equal(vfa_fourcc_text(MFX_FOURCC_NV12, text), "NV12");
    return MFX_ERR_NONE;
}

static mfxStatus layouts(struct bench *b)
{
    struct vfa_layout layout;
    mfxFrameInfo info = bench_request(1, 1).Info;
    assert_int_equal(vfa_layout_compute(&info, NULL, &layout), MFX_ERR_NONE);
    assert_int_equal(vfa_layout_point(&layout, b->pixels, &b->data), MFX_ERR_NONE);
    assert_int_equal(vfa_frame_data_pitch(&b->data), layout.pitch_bytes);
    vfa_frame_data_clear(&b->data);
    return MFX_ERR_NONE;
}

/* --- plans */

static mfxStatus add(struct vfa_plan *plan, const char *name)
{
    mfxFrameAllocRequest request = bench_request(2, 3), other = bench_request(2, 5);
    mfxStatus status = vfa_plan_init(plan, name);
    if (status == MFX_ERR_NONE)
        status = vfa_plan_add(plan, "one", &request, 2);
    if (status == MFX_ERR_NONE)
        status = vfa_plan_add_measured(plan, "two", &request, 2, &other, 4);
    if (status == MFX_ERR_NONE)
        status = vfa_plan_branch(plan);
    return status == MFX_ERR_NONE ? vfa_plan_hold(plan, "held", 1) : status;
}

static mfxStatus plans(struct bench *b)
{
    struct vfa_plan plan;
    struct vfa_plan_result result;
    struct vfa_plan_total total;
    mfxFrameAllocRequest request;
    char text[4000];
    (void)b;
    assert_int_equal(add(&plan, "plan"), MFX_ERR_NONE);
    assert_int_equal(vfa_plan_result(&plan, &result), MFX_ERR_NONE);
    assert_int_equal(vfa_plan_request(&plan, &request), MFX_ERR_NONE);
    assert_int_equal(vfa_plan_total(&plan, 1, &total), MFX_ERR_NONE);
    assert_int_equal(vfa_plan_fit(&plan, 1, total.bytes, &total), MFX_ERR_NONE);
    assert_true(vfa_plan_print(&plan, 1, text, sizeof text) > 0);
    assert_true(vfa_plan_json(&plan, 1, text, sizeof text) > 0);
    assert_string_equal(vfa_plan_warning_text(0), "");
    return MFX_ERR_NONE;
}

static mfxStatus shapes(struct bench *b)
{
    mfxFrameAllocRequest request = bench_request(2, 3);
    const struct vfa_plan_stage stages[] = {{"from", NULL, &request, 1}, {"to", &request, NULL, 1}};
    struct vfa_plan plan;
    (void)b;
    assert_int_equal(vfa_plan_chain(stages, 2, &plan), MFX_ERR_NONE);
    assert_int_equal(vfa_plan_fan_out(&stages[0], &stages[1], 1, 1, &plan), MFX_ERR_NONE);
    return vfa_plan_compose(&stages[0], 1, &stages[1], &plan);
}

/* --- names */

static mfxStatus names(struct bench *b)
{
    (void)b;
    assert_string_equal(vfa_status_name(MFX_ERR_NONE), "MFX_ERR_NONE");
    assert_int_equal(vfa_version(), VFA_VERSION_MAJOR << 16 | VFA_VERSION_MINOR << 8 | VFA_VERSION_PATCH);
    assert_int_equal(vfa_memory_default()->size, sizeof(struct vfa_memory));
    return MFX_ERR_NONE;
}

static mfxStatus defaults(struct bench *b)
{
    (void)b;
    assert_int_equal(vfa_allocator_config_defaults().size, sizeof(struct vfa_allocator_config));
    assert_int_equal(vfa_pool_config_defaults().size, sizeof(struct vfa_pool_config));
    assert_int_equal(vfa_pool_want_defaults().size, sizeof(struct vfa_pool_want));
    assert_int_equal(vfa_interface_config_defaults().size, sizeof(struct vfa_interface_config));
    assert_int_equal(vfa_va_config_defaults().size, sizeof(struct vfa_va_config));
    return MFX_ERR_NONE;
}

/* --- the log: a line that cannot be written is lost, and nothing else */

static void no_stderr(struct bench *b)
{
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    b->fd = dup(STDERR_FILENO);
    assert_true(nowhere >= 0 && b->fd >= 0 && dup2(nowhere, STDERR_FILENO) >= 0);
    (void)close(nowhere);
}

static mfxStatus write_line(struct bench *b)
{
    (void)b;
    vfa_log_stderr(NULL, VFA_LOG_ERROR, "a line of the sweep");
    return MFX_ERR_NONE;
}

static void stderr_again(struct bench *b, mfxStatus status)
{
    (void)status;
    assert_true(dup2(b->fd, STDERR_FILENO) >= 0);
    (void)close(b->fd);
}

static mfxStatus copies(struct bench *b)
{
    mfxFrameInfo info = {.FourCC = MFX_FOURCC_RGB4, .Width = 16, .Height = 8};
    mfxU8 *to = b->pixels + 16 * 8 * 4;
    mfxFrameData from_data = {.PitchLow = 64, .B = b->pixels, .G = b->pixels + 1, .R = b->pixels + 2},
                 to_data = {.PitchLow = 64, .B = to};
    const mfxU8 unit[VFA_MAX_PLANES][VFA_UNIT_MAX_BYTES] = {{1, 2, 3, 4}};
    const struct vfa_copy_config config = vfa_copy_config_defaults();
    mfxStatus status = vfa_fill_planes(&info, &from_data, unit);
    if (status == MFX_ERR_NONE)
        status = vfa_copy_planes(&info, &from_data, &to_data, &config);
    assert_memory_equal(b->pixels, to, 16 * 8 * 4);
    return status;
}

static mfxStatus fills(struct bench *b)
{
    mfxFrameInfo info = {.FourCC = MFX_FOURCC_RGB4, .Width = 16, .Height = 8};
    mfxFrameData data = {.PitchLow = 64, .B = b->pixels};
    struct vfa_color black;
    mfxStatus status = vfa_color_black(&info, VFA_RANGE_FULL, &black);
    if (status == MFX_ERR_NONE)
        status = vfa_fill_color(&info, &data, &black, VFA_FILL_PICTURE);
    assert_int_equal(b->pixels[3], 255);
    return status;
}

#define ASKS(name, run)                                                           \
    {                                                                             \
        (name), &world_empty, NULL, (run), NULL, NULL, MFX_ERR_NONE, ASKS_NOTHING \
    }

static const struct operation rows[] = {
    ASKS("vfa_format_count", formats),
    ASKS("vfa_format_at", formats),
    ASKS("vfa_format_find", formats),
    ASKS("vfa_fourcc_text", formats),
    ASKS("vfa_layout_compute", layouts),
    ASKS("vfa_layout_point", layouts),
    ASKS("vfa_frame_data_pitch", layouts),
    ASKS("vfa_frame_data_clear", layouts),
    ASKS("vfa_copy_planes", copies),
    ASKS("vfa_color_black", fills),
    ASKS("vfa_fill_color", fills),
    ASKS("vfa_fill_planes", copies),
    ASKS("vfa_copy_config_defaults", copies),
    ASKS("vfa_plan_init", plans),
    ASKS("vfa_plan_add", plans),
    ASKS("vfa_plan_add_measured", plans),
    ASKS("vfa_plan_branch", plans),
    ASKS("vfa_plan_hold", plans),
    ASKS("vfa_plan_result", plans),
    ASKS("vfa_plan_request", plans),
    ASKS("vfa_plan_total", plans),
    ASKS("vfa_plan_fit", plans),
    ASKS("vfa_plan_print", plans),
    ASKS("vfa_plan_json", plans),
    ASKS("vfa_plan_warning_text", plans),
    ASKS("vfa_plan_chain", shapes),
    ASKS("vfa_plan_fan_out", shapes),
    ASKS("vfa_plan_compose", shapes),
    ASKS("vfa_status_name", names),
    ASKS("vfa_version", names),
    ASKS("vfa_memory_default", names),
    ASKS("vfa_allocator_config_defaults", defaults),
    ASKS("vfa_pool_config_defaults", defaults),
    ASKS("vfa_pool_want_defaults", defaults),
    ASKS("vfa_interface_config_defaults", defaults),
    ASKS("vfa_va_config_defaults", defaults),
    {"vfa_log_stderr", &world_empty, no_stderr, write_line, NULL, stderr_again, MFX_ERR_NONE, MAY_SERVE},
};

const struct operations operations_plain = OPERATIONS(rows);
