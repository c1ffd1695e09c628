/* Copies and fills of pictures: every format, any pitch, every way, and never a byte between the rows. */
#include "fixture.h"

#include <pthread.h>

#define WIDTH  37
#define HEIGHT 21
#define PAD    48
#define ROOM   (256 * 1024)

static mfxFrameInfo info_of(const struct vfa_format *format, mfxU16 width, mfxU16 height)
{
    mfxFrameInfo info;
    memset(&info, 0, sizeof info);
    info.FourCC = format->fourcc;
    info.Width = width;
    info.Height = height;
    if (format->linear)
        info.BufferSize = (mfxU32)width * height;
    return info;
}

/* Planes in a block of their own, at a pitch that is `more` bytes longer than the layout's. */
struct picture {
    struct vfa_layout layout;
    mfxFrameData data;
    size_t offset[VFA_MAX_PLANES], pitch[VFA_MAX_PLANES], row_bytes[VFA_MAX_PLANES], rows[VFA_MAX_PLANES];
    mfxU8 *block;
};

static void set_channel(mfxFrameData *data, int channel, mfxU8 *at)
{
    if (channel == VFA_CHANNEL_Y)
        data->Y = at;
    else if (channel == VFA_CHANNEL_U)
        data->U = at;
    else if (channel == VFA_CHANNEL_V)
        data->V = at;
    else
        data->A = at;
}

static void open_picture(struct picture *p, const mfxFrameInfo *info, size_t more)
{
    memset(p, 0, sizeof *p);
    assert_int_equal(vfa_layout_compute(info, NULL, &p->layout), MFX_ERR_NONE);
    const struct vfa_format *format = p->layout.format;
    size_t pitch = p->layout.pitch_bytes + more, at = PAD;
    p->block = malloc(ROOM);
    assert_non_null(p->block);
    for (uint32_t i = 0; i < p->layout.plane_count; i++) {
        p->offset[i] = at;
        p->row_bytes[i] = p->layout.plane[i].row_bytes;
        p->pitch[i] = format->linear ? p->row_bytes[i] : pitch / format->plane[i].pitch_div;
        p->rows[i] =
            format->linear ? 1 : (info->Height + format->plane[i].row_div - 1u) / format->plane[i].row_div;
        at += p->pitch[i] * p->rows[i] + PAD;
    }
    assert_true(at <= ROOM);
    p->data.PitchHigh = (mfxU16)(pitch >> 16);
    p->data.PitchLow = (mfxU16)pitch;
    for (int c = 0; c < VFA_CHANNELS; c++)
        if (format->channel[c].plane >= 0)
            set_channel(&p->data, c,
                        p->block + p->offset[format->channel[c].plane] + format->channel[c].offset_bytes);
}

static void close_picture(struct picture *p)
{
    free(p->block);
}

static mfxU8 pixel(uint32_t plane, size_t row, size_t byte)
{
    return (mfxU8)(plane * 91 + row * 31 + byte * 7 + 1);
}

static void paint(struct picture *p)
{
    memset(p->block, 0x55, ROOM);
    for (uint32_t i = 0; i < p->layout.plane_count; i++)
        for (size_t y = 0; y < p->rows[i]; y++)
            for (size_t x = 0; x < p->row_bytes[i]; x++)
                p->block[p->offset[i] + y * p->pitch[i] + x] = pixel(i, y, x);
}

/* The whole block: pixels where they belong, 0xaa everywhere else. */
static void check_painted(const struct picture *p)
{
    static mfxU8 expected[ROOM];
    memset(expected, 0xaa, sizeof expected);
    for (uint32_t i = 0; i < p->layout.plane_count; i++)
        for (size_t y = 0; y < p->rows[i]; y++)
            for (size_t x = 0; x < p->row_bytes[i]; x++)
                expected[p->offset[i] + y * p->pitch[i] + x] = pixel(i, y, x);
    assert_memory_equal(p->block, expected, ROOM);
}

static void copy_each_format(const struct vfa_copy_config *config)
{
    static const size_t more[][2] = {{0, 0}, {64, 0}, {0, 192}, {2, 34}};
    for (size_t f = 0; f < vfa_format_count(); f++)
        for (int m = 0; m < 4; m++) {
            mfxFrameInfo info = info_of(vfa_format_at(f), WIDTH, HEIGHT);
            struct picture from, to;
            open_picture(&from, &info, more[m][0]);
            open_picture(&to, &info, more[m][1]);
            paint(&from);
            memset(to.block, 0xaa, ROOM);
            assert_int_equal(vfa_copy_planes(&info, &from.data, &to.data, config), MFX_ERR_NONE);
            check_painted(&to);
            close_picture(&from);
            close_picture(&to);
        }
}

static void rows_are_copied_and_nothing_between_them(void **state)
{
    (void)state;
    copy_each_format(NULL);
}

static void past_the_cache_too(void **state)
{
    (void)state;
    struct vfa_copy_config config = vfa_copy_config_defaults();
    config.bypass_bytes = 1;
    copy_each_format(&config);
}

static void from_uncached_memory_too(void **state)
{
    (void)state;
    struct vfa_copy_config config = vfa_copy_config_defaults();
    config.from_uncached = 1;
    copy_each_format(&config);
}

/* Rows without a gap are one run of bytes. */
static void planes_without_gaps(void **state)
{
    (void)state;
    mfxFrameInfo info = info_of(vfa_format_find(MFX_FOURCC_NV12), 64, 32);
    struct picture from, to;
    open_picture(&from, &info, 0);
    open_picture(&to, &info, 0);
    assert_int_equal(from.pitch[0], from.row_bytes[0]);
    paint(&from);
    memset(to.block, 0xaa, ROOM);
    assert_int_equal(vfa_copy_planes(&info, &from.data, &to.data, NULL), MFX_ERR_NONE);
    check_painted(&to);
    close_picture(&from);
    close_picture(&to);
}

/* An executor that runs parts from the last to the first, and one with a thread for each. */
struct job {
    vfa_part_fn *part;
    void *context;
    unsigned int index;
};

static void *run_part(void *arg)
{
    struct job *job = arg;
    job->part(job->context, job->index);
    return NULL;
}

static void backwards(void *user, unsigned int parts, vfa_part_fn *part, void *context)
{
    unsigned int *calls = user;
    *calls += parts;
    while (parts > 0)
        part(context, --parts);
}

static void on_threads(void *user, unsigned int parts, vfa_part_fn *part, void *context)
{
    pthread_t thread[64];
    struct job job[64];
    unsigned int *calls = user;
    assert_true(parts <= 64);
    *calls += parts;
    for (unsigned int i = 0; i < parts; i++) {
        job[i] = (struct job){part, context, i};
        assert_int_equal(pthread_create(&thread[i], NULL, run_part, &job[i]), 0);
    }
    for (unsigned int i = 0; i < parts; i++)
        assert_int_equal(pthread_join(thread[i], NULL), 0);
}

static void in_parts_on_the_applications_threads(void **state)
{
    (void)state;
    static const unsigned int parts[] = {2, 3, 7, 64};
    for (int i = 0; i < 4; i++) {
        struct vfa_copy_config config = vfa_copy_config_defaults();
        unsigned int calls = 0;
        config.parts = parts[i];
        config.run = backwards;
        config.run_user = &calls;
        copy_each_format(&config);
        assert_int_equal(calls, vfa_format_count() * 4 * parts[i]);
    }
    struct vfa_copy_config config = vfa_copy_config_defaults();
    unsigned int calls = 0;
    mfxFrameInfo info = info_of(vfa_format_find(MFX_FOURCC_NV12), 200, 99);
    struct picture from, to;
    config.parts = 4;
    config.run = on_threads;
    config.run_user = &calls;
    config.bypass_bytes = 1;
    open_picture(&from, &info, 0);
    open_picture(&to, &info, 64);
    paint(&from);
    memset(to.block, 0xaa, ROOM);
    assert_int_equal(vfa_copy_planes(&info, &from.data, &to.data, &config), MFX_ERR_NONE);
    check_painted(&to);
    close_picture(&from);
    close_picture(&to);
}

static void one_part_needs_no_executor(void **state)
{
    (void)state;
    struct vfa_copy_config config = vfa_copy_config_defaults();
    unsigned int calls = 0;
    config.run = backwards;
    config.run_user = &calls;
    copy_each_format(&config);
    assert_int_equal(calls, 0);
}

static void a_pointer_into_each_plane_is_enough(void **state)
{
    (void)state;
    mfxFrameInfo info = info_of(vfa_format_find(MFX_FOURCC_NV12), WIDTH, HEIGHT);
    struct picture from, to;
    open_picture(&from, &info, 0);
    open_picture(&to, &info, 64);
    paint(&from);
    memset(to.block, 0xaa, ROOM);
    from.data.V = NULL;
    to.data.U = NULL;
    assert_int_equal(vfa_copy_planes(&info, &from.data, &to.data, NULL), MFX_ERR_NONE);
    check_painted(&to);
    close_picture(&from);
    close_picture(&to);
}

static void what_cannot_be_copied_is_refused(void **state)
{
    (void)state;
    mfxFrameInfo info = info_of(vfa_format_find(MFX_FOURCC_NV12), WIDTH, HEIGHT), bad = info;
    struct vfa_copy_config config = vfa_copy_config_defaults();
    struct picture from, to;
    open_picture(&from, &info, 0);
    open_picture(&to, &info, 0);
    memset(to.block, 0xaa, ROOM);
    paint(&from);
    mfxFrameData *a = &from.data, *b = &to.data, lacking = to.data;
    assert_int_equal(vfa_copy_planes(NULL, a, b, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_copy_planes(&info, NULL, b, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_copy_planes(&info, a, NULL, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_copy_planes(&info, a, a, NULL), MFX_ERR_UNDEFINED_BEHAVIOR);
    config.size--;
    assert_int_equal(vfa_copy_planes(&info, a, b, &config), MFX_ERR_INVALID_VIDEO_PARAM);
    bad.FourCC = 1;
    assert_int_equal(vfa_copy_planes(&bad, a, b, NULL), MFX_ERR_UNSUPPORTED);
    bad = info;
    bad.Width = 0;
    assert_int_equal(vfa_copy_planes(&bad, a, b, NULL), MFX_ERR_INVALID_VIDEO_PARAM);
    lacking.U = lacking.V = NULL;
    assert_int_equal(vfa_copy_planes(&info, a, &lacking, NULL), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(vfa_copy_planes(&info, &lacking, b, NULL), MFX_ERR_INVALID_VIDEO_PARAM);
    lacking = to.data;
    lacking.PitchLow = WIDTH - 1;
    assert_int_equal(vfa_copy_planes(&info, a, &lacking, NULL), MFX_ERR_INVALID_VIDEO_PARAM);
    info.FourCC = MFX_FOURCC_YV12; /* whose chroma has half the pitch */
    lacking = (mfxFrameData){.PitchLow = 65, .Y = to.block, .U = to.block + 9000, .V = to.block + 18000};
    assert_int_equal(vfa_copy_planes(&info, &lacking, &lacking, NULL), MFX_ERR_INVALID_VIDEO_PARAM);
    for (size_t i = 0; i < ROOM; i++)
        assert_int_equal(to.block[i], 0xaa);
    close_picture(&from);
    close_picture(&to);
}

/* ---- frames ---- */

struct two {
    struct fixture a, b;
    mfxFrameAllocResponse from, to;
};

static void open_two(struct two *t, mfxU32 to_fourcc, mfxU16 to_width, mfxU16 to_height)
{
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, 100, 60, 2, 2);
    fixture_open(&t->a, NULL, 0);
    fixture_open(&t->b, NULL, 0);
    assert_int_equal(alloc(&t->a, &request, &t->from), MFX_ERR_NONE);
    request = request_of(to_fourcc, to_width, to_height, 1, 1);
    assert_int_equal(alloc(&t->b, &request, &t->to), MFX_ERR_NONE);
}

static void close_two(struct two *t)
{
    struct vfa_stats stats;
    assert_int_equal(vfa_allocator_stats(t->a.a, &stats), MFX_ERR_NONE);
    assert_int_equal(stats.frames_locked, 0);
    assert_int_equal(vfa_allocator_stats(t->b.a, &stats), MFX_ERR_NONE);
    assert_int_equal(stats.frames_locked, 0);
    assert_int_equal(release(&t->a, &t->from), MFX_ERR_NONE);
    assert_int_equal(release(&t->b, &t->to), MFX_ERR_NONE);
    fixture_close(&t->a);
    fixture_close(&t->b);
}

/* The luma of a frame. */
static void set_luma(struct fixture *f, mfxMemId mid, int rows, int columns, int base)
{
    mfxFrameData data;
    assert_int_equal(lock(f, mid, &data), MFX_ERR_NONE);
    for (int y = 0; y < rows; y++)
        for (int x = 0; x < columns; x++)
            data.Y[y * data.PitchLow + x] = (mfxU8)(base + y * 3 + x);
    assert_int_equal(unlock(f, mid, &data), MFX_ERR_NONE);
}

static mfxU8 luma(struct fixture *f, mfxMemId mid, int y, int x)
{
    mfxFrameData data;
    assert_int_equal(lock(f, mid, &data), MFX_ERR_NONE);
    mfxU8 found = data.Y[y * data.PitchLow + x];
    assert_int_equal(unlock(f, mid, &data), MFX_ERR_NONE);
    return found;
}

static void frames_of_two_allocators(void **state)
{
    (void)state;
    struct two t;
    open_two(&t, MFX_FOURCC_NV12, 320, 180);
    set_luma(&t.a, t.from.mids[0], 60, 100, 1);
    set_luma(&t.b, t.to.mids[0], 180, 320, 77);
    assert_int_equal(vfa_copy_frame(t.a.a, t.from.mids[0], t.b.a, t.to.mids[0], 0, 0, NULL), MFX_ERR_NONE);
    assert_int_equal(luma(&t.b, t.to.mids[0], 59, 99), (mfxU8)(1 + 59 * 3 + 99));
    assert_int_equal(luma(&t.b, t.to.mids[0], 60, 0), (mfxU8)(77 + 60 * 3));
    assert_int_equal(luma(&t.b, t.to.mids[0], 0, 100), (mfxU8)(77 + 100));
    close_two(&t);
}

static void frames_of_one_allocator_and_a_part(void **state)
{
    (void)state;
    struct two t;
    open_two(&t, MFX_FOURCC_NV12, 16, 16);
    set_luma(&t.a, t.from.mids[0], 60, 100, 1);
    set_luma(&t.a, t.from.mids[1], 60, 100, 77);
    assert_int_equal(vfa_copy_frame(t.a.a, t.from.mids[0], t.a.a, t.from.mids[1], 50, 30, NULL),
                     MFX_ERR_NONE);
    assert_int_equal(luma(&t.a, t.from.mids[1], 29, 49), (mfxU8)(1 + 29 * 3 + 49));
    assert_int_equal(luma(&t.a, t.from.mids[1], 30, 0), (mfxU8)(77 + 30 * 3));
    assert_int_equal(luma(&t.a, t.from.mids[1], 0, 50), (mfxU8)(77 + 50));
    close_two(&t);
}

static void frames_that_do_not_go_together_are_refused(void **state)
{
    (void)state;
    struct two t;
    struct vfa_copy_config config = vfa_copy_config_defaults();
    open_two(&t, MFX_FOURCC_NV12, 16, 16);
    mfxMemId from = t.from.mids[0], to = t.to.mids[0];
    assert_int_equal(vfa_copy_frame(NULL, from, t.b.a, to, 0, 0, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_copy_frame(t.a.a, from, NULL, to, 0, 0, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_copy_frame(t.a.a, from, t.a.a, from, 0, 0, NULL), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(vfa_copy_frame(t.a.a, from, t.b.a, to, 0, 0, NULL), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(vfa_copy_frame(t.a.a, from, t.b.a, to, 17, 16, NULL), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(vfa_copy_frame(t.a.a, from, t.b.a, to, 16, 17, NULL), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(vfa_copy_frame(t.a.a, from, t.b.a, to, 16, 0, NULL), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(vfa_copy_frame(t.a.a, to, t.b.a, to, 16, 16, NULL), MFX_ERR_INVALID_HANDLE);
    assert_int_equal(vfa_copy_frame(t.a.a, from, t.b.a, from, 16, 16, NULL), MFX_ERR_INVALID_HANDLE);
    config.size = 0;
    assert_int_equal(vfa_copy_frame(t.a.a, from, t.b.a, to, 16, 16, &config), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(vfa_copy_frame(t.a.a, from, t.b.a, to, 16, 16, NULL), MFX_ERR_NONE);
    close_two(&t);
    open_two(&t, MFX_FOURCC_P010, 100, 60);
    assert_int_equal(vfa_copy_frame(t.a.a, t.from.mids[0], t.b.a, t.to.mids[0], 0, 0, NULL),
                     MFX_ERR_INVALID_VIDEO_PARAM);
    close_two(&t);
}

/* Coded buffers are bytes, and have no corner. */
static void buffers_of_bytes(void **state)
{
    (void)state;
    struct fixture f;
    mfxFrameAllocResponse small, large;
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_P8, 0, 0, 2, 2);
    fixture_open(&f, NULL, 0);
    request.Info.BufferSize = 5000;
    assert_int_equal(alloc(&f, &request, &small), MFX_ERR_NONE);
    request.Info.BufferSize = 9000;
    assert_int_equal(alloc(&f, &request, &large), MFX_ERR_NONE);
    mfxFrameData data;
    assert_int_equal(lock(&f, small.mids[0], &data), MFX_ERR_NONE);
    memset(data.Y, 7, 5000);
    assert_int_equal(unlock(&f, small.mids[0], &data), MFX_ERR_NONE);
    assert_int_equal(vfa_copy_frame(f.a, small.mids[0], f.a, small.mids[1], 0, 0, NULL), MFX_ERR_NONE);
    assert_int_equal(vfa_copy_frame(f.a, small.mids[0], f.a, large.mids[0], 0, 0, NULL), MFX_ERR_NONE);
    assert_int_equal(vfa_copy_frame(f.a, large.mids[0], f.a, small.mids[0], 0, 0, NULL),
                     MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(vfa_copy_frame(f.a, small.mids[0], f.a, large.mids[0], 10, 0, NULL),
                     MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(vfa_copy_frame(f.a, small.mids[0], f.a, large.mids[0], 0, 10, NULL),
                     MFX_ERR_INVALID_VIDEO_PARAM);
    for (int i = 0; i < 2; i++) {
        mfxMemId mid = i ? large.mids[0] : small.mids[1];
        assert_int_equal(lock(&f, mid, &data), MFX_ERR_NONE);
        for (int at = 0; at < 5000; at++)
            assert_int_equal(data.Y[at], 7);
        assert_int_equal(unlock(&f, mid, &data), MFX_ERR_NONE);
    }
    assert_int_equal(release(&f, &small), MFX_ERR_NONE);
    assert_int_equal(release(&f, &large), MFX_ERR_NONE);
    fixture_close(&f);
}

/* ---- fill ---- */

static void every_unit_is_filled(void **state)
{
    (void)state;
    mfxU8 unit[VFA_MAX_PLANES][VFA_UNIT_MAX_BYTES];
    for (size_t i = 0; i < sizeof unit; i++)
        unit[i / VFA_UNIT_MAX_BYTES][i % VFA_UNIT_MAX_BYTES] = (mfxU8)(i * 5 + 3);
    for (size_t f = 0; f < vfa_format_count(); f++) {
        const struct vfa_format *format = vfa_format_at(f);
        mfxFrameInfo info = info_of(format, WIDTH, HEIGHT);
        static mfxU8 expected[ROOM];
        struct picture p;
        open_picture(&p, &info, 64);
        memset(p.block, 0xaa, ROOM);
        memset(expected, 0xaa, ROOM);
        for (uint32_t i = 0; i < p.layout.plane_count; i++) {
            size_t unit_bytes = format->linear ? 1 : format->plane[i].unit_bytes;
            assert_true(unit_bytes <= VFA_UNIT_MAX_BYTES);
            for (size_t y = 0; y < p.rows[i]; y++)
                for (size_t x = 0; x < p.row_bytes[i]; x++)
                    expected[p.offset[i] + y * p.pitch[i] + x] = unit[i][x % unit_bytes];
        }
        assert_int_equal(vfa_fill_planes(&info, &p.data, (const mfxU8(*)[VFA_UNIT_MAX_BYTES])unit),
                         MFX_ERR_NONE);
        assert_memory_equal(p.block, expected, ROOM);
        info.Height = 0;
        info.BufferSize = 0;
        assert_int_equal(vfa_fill_planes(&info, &p.data, (const mfxU8(*)[VFA_UNIT_MAX_BYTES])unit),
                         MFX_ERR_INVALID_VIDEO_PARAM);
        assert_int_equal(vfa_fill_planes(&info, &p.data, NULL), MFX_ERR_NULL_PTR);
        assert_int_equal(vfa_fill_planes(NULL, &p.data, (const mfxU8(*)[VFA_UNIT_MAX_BYTES])unit),
                         MFX_ERR_NULL_PTR);
        assert_int_equal(vfa_fill_planes(&info, NULL, (const mfxU8(*)[VFA_UNIT_MAX_BYTES])unit),
                         MFX_ERR_NULL_PTR);
        close_picture(&p);
    }
}

/* ---- measure ---- */

static void the_crossover_is_a_size_that_was_tried(void **state)
{
    (void)state;
    struct test_memory counted;
    struct vfa_memory manager = test_memory_manager(&counted);
    struct vfa_copy_config config = vfa_copy_config_defaults();
    const size_t largest = 256 * 1024;
    config.bypass_bytes = 12345;
    assert_int_equal(vfa_copy_measure(&config, &manager, largest), MFX_ERR_NONE);
    assert_true(config.bypass_bytes == 0 || config.bypass_bytes == largest ||
                config.bypass_bytes == largest / 2 || config.bypass_bytes == largest / 4);
    assert_int_equal(atomic_load(&counted.requests), 1);
    assert_int_equal(atomic_load(&counted.live_blocks), 0);
    assert_int_equal(vfa_copy_measure(&config, NULL, 4097), MFX_ERR_NONE);
    assert_int_equal(config.bypass_bytes, 0);
}

static void a_measurement_that_fails_changes_nothing(void **state)
{
    (void)state;
    struct test_memory counted;
    struct vfa_memory manager = test_memory_manager(&counted);
    struct vfa_copy_config config = vfa_copy_config_defaults();
    config.bypass_bytes = 12345;
    counted.fail_at = 1;
    assert_int_equal(vfa_copy_measure(NULL, &manager, 1), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_copy_measure(&config, &manager, 4096), MFX_ERR_MEMORY_ALLOC);
    assert_int_equal(vfa_copy_measure(&config, &manager, SIZE_MAX / 8), MFX_ERR_MEMORY_ALLOC);
    manager.size = 1;
    assert_int_equal(vfa_copy_measure(&config, &manager, 4096), MFX_ERR_INVALID_VIDEO_PARAM);
    config.size = 1;
    assert_int_equal(vfa_copy_measure(&config, NULL, 4096), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(config.bypass_bytes, 12345);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_copied_and_nothing_between_them),
        cmocka_unit_test(past_the_cache_too),
        cmocka_unit_test(from_uncached_memory_too),
        cmocka_unit_test(planes_without_gaps),
        cmocka_unit_test(in_parts_on_the_applications_threads),
        cmocka_unit_test(one_part_needs_no_executor),
        cmocka_unit_test(a_pointer_into_each_plane_is_enough),
        cmocka_unit_test(what_cannot_be_copied_is_refused),
        cmocka_unit_test(frames_of_two_allocators),
        cmocka_unit_test(frames_of_one_allocator_and_a_part),
        cmocka_unit_test(frames_that_do_not_go_together_are_refused),
        cmocka_unit_test(buffers_of_bytes),
        cmocka_unit_test(every_unit_is_filled),
        cmocka_unit_test(the_crossover_is_a_size_that_was_tried),
        cmocka_unit_test(a_measurement_that_fails_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
