/* Any mfxFrameInfo through the format table, the layout and the allocator over system memory, against a
 * second account of where samples lie. */
#define ONEVPL_EXPERIMENTAL /* XYUV and ABGR16F by name */
#include "fuzz.h"

#include "../support/expected_layouts.h"
#include "../support/memory.h"

#include <vfa/vfa.h>

#define MOST_FRAME_BYTES ((size_t)32 << 20) /* more is not allocated, so that a run stays small and quick */

/* --- the model: sums that say SIZE_MAX instead of too much */

static size_t times(size_t a, size_t b)
{
    size_t result;
    return __builtin_mul_overflow(a, b, &result) ? SIZE_MAX : result;
}

static size_t plus(size_t a, size_t b)
{
    size_t result;
    return __builtin_add_overflow(a, b, &result) ? SIZE_MAX : result;
}

static size_t round_up(size_t n, size_t to)
{
    size_t rest = n % to;
    return rest && n != SIZE_MAX ? plus(n, to - rest) : n;
}

static size_t half(size_t n)
{
    return n / 2 + n % 2;
}

struct model {
    mfxStatus status;
    size_t pitch, rows, bytes, alignment;
    size_t offset[4]; /* of each slot's first sample */
    bool there[4];
};

static const struct channel *channels_of(mfxU32 fourcc, uint8_t *pixel_bytes, uint8_t *quarters)
{
    for (size_t i = 0; i < EXPECTED_COUNT; i++)
        if (expected[i].fourcc == fourcc) {
            *pixel_bytes = expected[i].pixel_bytes;
            *quarters = expected[i].quarters;
            return expected[i].slot;
        }
    return NULL;
}

/* So many quarters of the frame, where chroma has half of an odd number of rows, rounded up. */
static size_t part_of_frame(size_t quarters, size_t pitch, size_t rows)
{
    switch (quarters) {
    case 5: /* a plane of half the pitch and half the rows after the first */
        return plus(times(pitch, rows), times(pitch / 2, half(rows)));
    case 6: /* the same twice, or one of the pitch and half the rows, or one of half the pitch and all rows */
        return plus(times(pitch, rows), times(pitch, half(rows)));
    default:
        return times(times(pitch, rows), quarters / 4);
    }
}

static bool is_power_of_two(size_t n)
{
    return n && !(n & (n - 1));
}

static struct vfa_layout_rules resolved(const struct vfa_layout_rules *rules)
{
    struct vfa_layout_rules all = {32, 64, 32, 4096};
    if (rules && rules->width_px)
        all.width_px = rules->width_px;
    if (rules && rules->pitch_bytes)
        all.pitch_bytes = rules->pitch_bytes;
    if (rules && rules->rows)
        all.rows = rules->rows;
    if (rules && rules->size_bytes)
        all.size_bytes = rules->size_bytes;
    return all;
}

static mfxStatus model_picture(const mfxFrameInfo *info, const struct vfa_layout_rules *rules, bool padded,
                               struct model *model)
{
    uint8_t pixel_bytes = 0, quarters = 0;
    const struct channel *slot = channels_of(info->FourCC, &pixel_bytes, &quarters);
    size_t unit_px = 1, chroma_rows_div = 1;
    for (int c = 0; c < 4; c++) {
        unit_px = slot[c].x_div > unit_px ? slot[c].x_div : unit_px;
        chroma_rows_div = slot[c].y_div > chroma_rows_div ? slot[c].y_div : chroma_rows_div;
    }
    size_t width = round_up(info->Width, rules->width_px);
    model->rows = round_up(info->Height, rules->rows);
    model->pitch = round_up(times(round_up(width, unit_px), pixel_bytes), rules->pitch_bytes);
    if (padded && model->pitch % 4096 == 0)
        model->pitch = plus(model->pitch, 128);
    if (width == SIZE_MAX || model->rows == SIZE_MAX || model->pitch > UINT32_MAX)
        return MFX_ERR_MEMORY_ALLOC;
    model->bytes = round_up(part_of_frame(quarters, model->pitch, model->rows), rules->size_bytes);
    for (int c = 0; c < 4; c++) {
        bool in_third_of_422 = slot[c].quarters == 6 && chroma_rows_div == 1;
        size_t start = in_third_of_422
                           ? plus(times(model->pitch, model->rows), times(model->pitch / 2, model->rows))
                           : part_of_frame(slot[c].quarters, model->pitch, model->rows);
        model->there[c] = slot[c].sample_bytes || slot[c].shared;
        model->offset[c] = plus(start, slot[c].offset);
    }
    return model->bytes == SIZE_MAX ? MFX_ERR_MEMORY_ALLOC : MFX_ERR_NONE;
}

static struct model model_of(const mfxFrameInfo *info, const struct vfa_layout_rules *given)
{
    struct model model = {.status = MFX_ERR_INVALID_VIDEO_PARAM};
    struct vfa_layout_rules rules = resolved(given);
    uint8_t ignored = 0, also_ignored = 0;
    bool linear = info->FourCC == MFX_FOURCC_P8;
    const struct vfa_format *format = vfa_format_find(info->FourCC);
    if (!linear && !channels_of(info->FourCC, &ignored, &also_ignored)) {
        FUZZ_CHECK(!format);
        model.status = MFX_ERR_UNSUPPORTED;
        return model;
    }
    FUZZ_CHECK(format && format->fourcc == info->FourCC);
    if (!is_power_of_two(rules.width_px) || !is_power_of_two(rules.pitch_bytes) ||
        !is_power_of_two(rules.rows) || !is_power_of_two(rules.size_bytes))
        return model;
    model.alignment = rules.size_bytes > 16 ? rules.size_bytes : 16;
    if (linear) {
        size_t rest = (size_t)info->BufferSize & (rules.size_bytes - 1);
        bool fits = !__builtin_add_overflow((size_t)info->BufferSize, rest ? rules.size_bytes - rest : 0,
                                            &model.bytes);
        model.there[0] = true;
        if (info->BufferSize)
            model.status = fits ? MFX_ERR_NONE : MFX_ERR_MEMORY_ALLOC;
        return model;
    }
    size_t most_bits = format->container_bits > 8 ? format->container_bits : 8;
    if (info->Width && info->Height && info->BitDepthLuma <= most_bits && info->BitDepthChroma <= most_bits &&
        (!info->Shift || format->msb_shift_allowed))
        model.status = model_picture(info, &rules, !given || !given->pitch_bytes, &model);
    return model;
}

/* --- what the library says */

static void check_planes(const mfxFrameInfo *info, const struct vfa_layout *layout)
{
    size_t end = 0, bytes;
    FUZZ_CHECK(layout->plane_count >= 1 && layout->plane_count <= VFA_MAX_PLANES);
    for (uint32_t p = 0; p < layout->plane_count; p++) {
        const struct vfa_layout_plane *plane = &layout->plane[p];
        FUZZ_SAME(plane->offset_bytes, end); /* no gap, no overlap */
        FUZZ_CHECK(plane->rows && plane->row_bytes && plane->row_bytes <= plane->pitch_bytes);
        FUZZ_CHECK(!__builtin_mul_overflow(plane->pitch_bytes, plane->rows, &bytes));
        FUZZ_CHECK(!__builtin_add_overflow(end, bytes, &end));
    }
    FUZZ_CHECK(end <= layout->size_bytes);
    if (!layout->format->linear)
        FUZZ_CHECK(layout->width_px >= info->Width && layout->rows >= info->Height);
}

static struct vfa_layout check_layout(const mfxFrameInfo *info, const struct vfa_layout_rules *rules,
                                      const struct model *model)
{
    struct vfa_layout layout, zero;
    memset(&layout, 0xa5, sizeof layout);
    memset(&zero, 0, sizeof zero);
    FUZZ_SAME(vfa_layout_compute(info, rules, &layout), model->status);
    if (model->status != MFX_ERR_NONE) {
        FUZZ_CHECK(!memcmp(&layout, &zero, sizeof zero));
        return layout;
    }
    FUZZ_SAME(layout.size_bytes, model->bytes);
    FUZZ_SAME(layout.alignment_bytes, model->alignment);
    FUZZ_SAME(layout.pitch_bytes, model->pitch);
    FUZZ_SAME(layout.rows, model->rows);
    check_planes(info, &layout);
    return layout;
}

/* Pointers are compared as numbers: for a layout that is never allocated there is no such memory. */
static void check_pointers(const mfxFrameData *data, const mfxU8 *base, const struct model *model)
{
    const mfxU8 *pointer[4] = {data->Y, data->U, data->V, data->A};
    FUZZ_SAME(vfa_frame_data_pitch(data), model->pitch);
    for (int c = 0; c < 4; c++) {
        FUZZ_SAME(pointer[c] != NULL, model->there[c]);
        if (pointer[c])
            FUZZ_SAME((uintptr_t)pointer[c] - (uintptr_t)base, model->offset[c]);
    }
}

static void write_every_row(const struct vfa_layout *layout, mfxU8 *base)
{
    for (uint32_t p = 0; p < layout->plane_count; p++) {
        const struct vfa_layout_plane *plane = &layout->plane[p];
        for (size_t row = 0; row < plane->rows; row++) {
            mfxU8 *start = base + plane->offset_bytes + row * plane->pitch_bytes;
            start[0] = start[plane->row_bytes - 1] = (mfxU8)p;
        }
    }
}

/* A memory manager that refuses large frames, and remembers the last. */
struct limited {
    struct test_memory memory;
    mfxU8 *frame;
    size_t bytes;
};

static void *limited_allocate(void *user, size_t bytes, size_t alignment, enum vfa_memory_use use)
{
    struct limited *limited = user;
    if (bytes > MOST_FRAME_BYTES || alignment > MOST_FRAME_BYTES)
        return NULL;
    void *block = test_memory_allocate(&limited->memory, bytes, alignment, use);
    if (use == VFA_MEMORY_FRAME) {
        limited->frame = block;
        limited->bytes = bytes;
        FUZZ_CHECK((uintptr_t)block % alignment == 0);
    }
    return block;
}

static void limited_release(void *user, void *block, size_t bytes, enum vfa_memory_use use)
{
    struct limited *limited = user;
    test_memory_release(&limited->memory, block, bytes, use);
}

static void check_frame(struct vfa_allocator *allocator, const mfxFrameInfo *info, const struct model *model,
                        const struct vfa_layout *layout, struct limited *limited)
{
    mfxFrameAllocator *frames = vfa_allocator_mfx(allocator);
    mfxFrameAllocRequest request = {.Info = *info,
                                    .Type = MFX_MEMTYPE_SYSTEM_MEMORY | MFX_MEMTYPE_EXTERNAL_FRAME,
                                    .NumFrameMin = 1,
                                    .NumFrameSuggested = 1};
    mfxFrameAllocResponse response;
    mfxFrameData data;
    bool too_large = model->status == MFX_ERR_NONE &&
                     (model->bytes > MOST_FRAME_BYTES || model->alignment > MOST_FRAME_BYTES);
    mfxStatus wanted = too_large ? MFX_ERR_MEMORY_ALLOC : model->status;
    FUZZ_SAME(frames->Alloc(frames->pthis, &request, &response), wanted);
    if (wanted != MFX_ERR_NONE) {
        FUZZ_CHECK(!response.mids && !response.NumFrameActual);
        return;
    }
    FUZZ_SAME(response.NumFrameActual, 1);
    FUZZ_SAME(limited->bytes, model->bytes);
    memset(&data, 0xee, sizeof data);
    FUZZ_SAME(frames->Lock(frames->pthis, response.mids[0], &data), MFX_ERR_NONE);
    check_pointers(&data, limited->frame, model);
    write_every_row(layout, limited->frame);
    mfxMemId wrapped;
    FUZZ_SAME(vfa_wrap_host(allocator, info, &data, NULL, NULL, &wrapped),
              vfa_layout_compute(info, NULL, &(struct vfa_layout){0}));
    if (wrapped)
        FUZZ_SAME(vfa_unwrap(allocator, wrapped), MFX_ERR_NONE);
    FUZZ_SAME(frames->Unlock(frames->pthis, response.mids[0], &data), MFX_ERR_NONE);
    FUZZ_CHECK(!data.Y && !data.U && !data.V && !data.A && !vfa_frame_data_pitch(&data));
    FUZZ_SAME(vfa_frames_free(allocator, &response), MFX_ERR_NONE);
}

static void check_allocator(const mfxFrameInfo *info, const struct vfa_layout_rules *rules,
                            const struct model *model, const struct vfa_layout *layout)
{
    struct limited limited = {.memory = {.fail_frames_after = -1}};
    struct vfa_memory memory = {
        .size = sizeof memory, .user = &limited, .allocate = limited_allocate, .release = limited_release};
    struct vfa_allocator_config config = vfa_allocator_config_defaults();
    struct vfa_allocator *allocator;
    struct vfa_backend backend;
    FUZZ_SAME(vfa_backend_system(rules, &backend), MFX_ERR_NONE);
    config.memory = &memory;
    config.backend = &backend;
    config.backend_count = 1;
    FUZZ_SAME(vfa_allocator_create(&allocator, &config), MFX_ERR_NONE);
    check_frame(allocator, info, model, layout, &limited);
    vfa_allocator_destroy(&allocator);
    FUZZ_SAME(limited.memory.live_blocks, 0);
    FUZZ_SAME(limited.memory.mismatches, 0);
}

static void check_text(mfxU32 fourcc)
{
    char text[VFA_FOURCC_TEXT_MAX];
    memset(text, 0xff, sizeof text);
    FUZZ_CHECK(vfa_fourcc_text(fourcc, text) == text);
    size_t length = strnlen(text, sizeof text);
    FUZZ_CHECK(length > 0 && length < sizeof text);
    for (size_t i = 0; i < length; i++)
        FUZZ_CHECK(text[i] >= 0x20 && text[i] < 0x7f);
}

/* --- the input */

static size_t read_rule(struct fuzz_input *in)
{
    uint8_t kind = fuzz_u8(in);
    if (kind < 128)
        return kind < 64 ? 0 : (size_t)1 << kind % 16;
    return kind < 192 ? (size_t)1 << kind % 64 : (size_t)fuzz_u64(in);
}

static const struct vfa_layout_rules *read_rules(struct fuzz_input *in, struct vfa_layout_rules *rules)
{
    if (fuzz_u8(in) & 1)
        return NULL;
    rules->width_px = read_rule(in);
    rules->pitch_bytes = read_rule(in);
    rules->rows = read_rule(in);
    rules->size_bytes = read_rule(in);
    return rules;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    struct vfa_layout_rules own;
    mfxFrameInfo info;
    uint8_t which = fuzz_u8(&in);
    const struct vfa_layout_rules *rules = read_rules(&in, &own);
    fuzz_take(&in, &info, sizeof info);
    if (which < 250) /* else the FourCC is the input's */
        info.FourCC = vfa_format_at(which % vfa_format_count())->fourcc;
    if (which & 64) { /* mostly sizes that are not large */
        info.Width &= 0xff;
        info.Height &= 0xff;
        info.BitDepthLuma &= 0xf;
        info.BitDepthChroma &= 0xf;
    }
    check_text(info.FourCC);
    struct model model = model_of(&info, rules);
    struct vfa_layout layout = check_layout(&info, rules, &model);
    check_allocator(&info, rules, &model, &layout);
    return 0;
}
