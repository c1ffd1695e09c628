/* Finding out, on a scratch surface: which ways into surfaces of a shape the driver accepts, which of them
 * really move the bytes, whether a read map writes back, and what each costs.
 *
 * Drivers answer success for what they do not do (iHD's get and put leave out planes of NV21, RGBP and BGRP),
 * so a way is fit only when a pattern written through it reads back, through it and through the
 * ways that proved fit before.
 *
 * A way is given up when it fails twice in a row, not once: what is found out here holds for as long as the
 * backend lives. Where it is memory or time that is short, or nothing works at all, even that is no answer
 * yet, and the facts say so. */
#include "va/driver.h"

#include "base/clock.h"

#include <string.h>

/* Rows of the scratch surface: enough for stable figures at any width, few enough that a first Alloc of large
 * frames is not held up. Cost grows with the bytes, for every way alike. */
#define SCRATCH_ROWS_MAX 256

/* Measured maps of one way and direction, after a first one that is only looked at. */
#define ROUNDS     5
#define ROUNDS_MIN 2

/* A way this many times slower than the best is not measured further. */
#define HOPELESS 2

/* Beyond the least number of rounds, measuring one format stops when this has passed. */
#define BUDGET_NS (30 * VFA__NS_PER_MS)

struct scratch {
    struct vfa_va *va;
    const struct vfa_backend_host *host;
    struct vfa__va_set *set;
    struct vfa__va_frame *frame; /* the surface looked at: the set's first; a second is there to mislead */
    struct vfa_va_facts *facts;
    mfxU8 *row; /* host memory, what every byte is moved through while measuring */
};

/* --- patterns */

static mfxU8 pattern_byte(unsigned int seed, uint32_t plane, size_t y, size_t x)
{
    return (mfxU8)(seed * 89u + plane * 31u + y * 13u + x * 7u + (x >> 8) * 3u);
}

struct picture {
    size_t rows[VFA_MAX_PLANES];
    mfxU8 *plane[VFA_MAX_PLANES];
    size_t pitch[VFA_MAX_PLANES];
};

/* The planes of a mapped frame: the lowest channel pointer of each, less its offset. */
static struct picture picture_of(const struct vfa__va_shape *shape, const mfxFrameData *view)
{
    const struct vfa_format *format = shape->format;
    mfxU8 *pointer[VFA_CHANNELS] = {view->Y, view->U, view->V, view->A}; /* cppcheck-suppress constVariable */
    struct picture picture;
    memset(&picture, 0, sizeof picture);
    for (size_t c = 0; c < VFA_CHANNELS; c++)
        if (format->channel[c].plane >= 0)
            picture.plane[format->channel[c].plane] = pointer[c] - format->channel[c].offset_bytes;
    for (size_t i = 0; i < format->plane_count; i++) {
        size_t row_div = format->plane[i].row_div;
        picture.rows[i] = (shape->info.Height + row_div - 1) / row_div;
        picture.pitch[i] = vfa_frame_data_pitch(view) / format->plane[i].pitch_div;
    }
    return picture;
}

/* --- one map, used in one manner */

enum use {
    FILL,
    COMPARE,
    READ_ALL,
    WRITE_ALL,
    READ_WRITE_ALL
};

static void fill_row(mfxU8 *row, size_t bytes, unsigned int seed, uint32_t plane, size_t y)
{
    for (size_t x = 0; x < bytes; x++)
        row[x] = pattern_byte(seed, plane, y, x);
}

/* The pattern is composed and compared in host memory: single bytes of an uncached mapping are slow. */
static bool use_row(struct scratch *s, mfxU8 *pixels, size_t bytes, enum use use, unsigned int seed,
                    uint32_t plane, size_t y)
{
    mfxU8 *other = s->row + bytes;
    switch (use) {
    case FILL:
        fill_row(s->row, bytes, seed, plane, y);
        memcpy(pixels, s->row, bytes);
        return true;
    case COMPARE:
        fill_row(s->row, bytes, seed, plane, y);
        memcpy(other, pixels, bytes);
        return memcmp(s->row, other, bytes) == 0;
    case READ_ALL:
        memcpy(s->row, pixels, bytes);
        return true;
    case WRITE_ALL:
        memcpy(pixels, s->row, bytes);
        return true;
    case READ_WRITE_ALL:
        memcpy(other, pixels, bytes);
        memcpy(pixels, other, bytes);
        return true;
    }
    return false;
}

static bool use_picture(struct scratch *s, const mfxFrameData *view, enum use use, unsigned int seed)
{
    struct picture picture = picture_of(&s->set->shape, view);
    bool good = true;
    for (uint32_t i = 0; i < s->set->shape.format->plane_count; i++)
        for (size_t y = 0; y < picture.rows[i]; y++)
            if (!use_row(s, picture.plane[i] + y * picture.pitch[i], s->set->shape.layout.plane[i].row_bytes,
                         use, seed, i, y))
                good = false;
    return good;
}

static mfxStatus map_and(struct scratch *s, enum vfa_va_way way, mfxU32 flags, enum use use,
                         unsigned int seed, bool *good)
{
    mfxFrameData view;
    memset(&view, 0, sizeof view);
    mfxStatus status = vfa__va_map_open(s->host, s->frame, way, flags, &view);
    if (status != MFX_ERR_NONE)
        return status;
    bool result = use_picture(s, &view, use, seed);
    if (good)
        *good = result;
    return vfa__va_map_close(s->host, s->frame);
}

static mfxStatus write_by(struct scratch *s, enum vfa_va_way way, unsigned int seed)
{
    return map_and(s, way, MFX_MAP_WRITE, FILL, seed, NULL);
}

/* What an idle staging image holds must not pass for what was read. */
static void spoil_idle(struct scratch *s)
{
    struct vfa__va_access access;
    const char *call;
    if (s->set->idle_image_count == 0)
        return;
    access.image = s->set->idle_images[0];
    if (vfa__drv_map(s->va, access.image.buf, false, &access.bytes, &call) != VA_STATUS_SUCCESS)
        return;
    vfa__va_fill(&s->set->shape, &access, 0xa5);
    (void)vfa__drv_unmap(s->va, access.image.buf);
}

/* Twice, for drivers that take turns with two blocks of memory. */
static void write_other(struct scratch *s, enum vfa_va_way way, unsigned int seed)
{
    struct vfa__va_frame *frame = s->frame;
    s->frame = &s->set->frame[1];
    (void)write_by(s, way, seed + VFA_VA_WAYS);
    (void)write_by(s, way, seed + 2 * VFA_VA_WAYS);
    s->frame = frame;
}

/* Nor must what the driver holds of its last access: what it leaves out of the next then looks as if it had
 * been read. iHD's linear shadow of a surface comes from malloc, often at the same address again, and on the
 * 11th generation the last 16 rows of chroma of an encoder's NV12 surface whose height is no multiple of 32
 * are left out of it; Mesa has staging memory of its own. So another surface is written before. */
static void spoil_driver(struct scratch *s, enum vfa_va_way way, unsigned int seed)
{
    if (s->set->count < 2)
        return;
    write_other(s, way, seed);
    if (way != VFA_VA_WAY_DERIVE && s->facts->way[VFA_VA_WAY_DERIVE].refused == VA_STATUS_SUCCESS)
        write_other(s, VFA_VA_WAY_DERIVE, seed);
}

static mfxStatus read_by(struct scratch *s, enum vfa_va_way way, unsigned int seed, bool *good)
{
    spoil_driver(s, way, seed);
    spoil_idle(s);
    return map_and(s, way, MFX_MAP_READ, COMPARE, seed, good);
}

/* --- proving */

static bool is_fit(const struct scratch *s, enum vfa_va_way way)
{
    const struct vfa_va_way_facts *facts = &s->facts->way[way];
    return facts->refused == VA_STATUS_SUCCESS && !facts->unfit;
}

/* Opens and closes the way once, to hear what the driver says. */
static bool accepts(struct scratch *s, enum vfa_va_way way)
{
    struct vfa_va_way_facts *facts = &s->facts->way[way];
    struct vfa__va_access access;
    bool derived = way == VFA_VA_WAY_DERIVE || way == VFA_VA_WAY_DERIVE_COPY;
    if (derived)
        facts->refused = vfa__drv_derive_image(s->va, s->frame->id, &access.image);
    else
        facts->refused = vfa__drv_create_image(s->va, &s->set->shape, &access.image);
    if (facts->refused != VA_STATUS_SUCCESS)
        return false;
    const char *call;
    facts->refused = vfa__drv_map(s->va, access.image.buf, false, &access.bytes, &call);
    if (facts->refused == VA_STATUS_SUCCESS) {
        mfxFrameData view;
        bool copied = way == VFA_VA_WAY_DERIVE_COPY || way == VFA_VA_WAY_IMAGE_COPY;
        facts->unfit = copied ? vfa__va_copy_unfit(&s->set->shape, &access.image)
                              : vfa__va_image_view(&s->set->shape, &access, &view);
        (void)vfa__drv_unmap(s->va, access.image.buf);
    }
    if (!derived && facts->refused == VA_STATUS_SUCCESS && !facts->unfit)
        facts->refused = vfa__drv_get_image(s->va, &s->set->shape, s->frame->id, access.image.image_id);
    if (!derived && facts->refused == VA_STATUS_SUCCESS && !facts->unfit)
        facts->refused = vfa__drv_put_image(s->va, &s->set->shape, s->frame->id, access.image.image_id);
    vfa__drv_destroy_image(s->va, access.image.image_id);
    return is_fit(s, way);
}

/* Does a pattern written by this way read back, by it and by those that are fit? */
static mfxStatus compare(struct scratch *s, enum vfa_va_way way)
{
    struct vfa_va_way_facts *facts = &s->facts->way[way];
    unsigned int seed = way;
    bool good = false;
    mfxStatus status = write_by(s, way, seed);
    if (status == MFX_ERR_NONE)
        status = read_by(s, way, seed, &good);
    if (status == MFX_ERR_NONE && !good)
        facts->unfit = "what was written does not read back";
    for (unsigned int w = VFA_VA_WAY_DERIVE; w < way && status == MFX_ERR_NONE && good; w++) {
        if (!is_fit(s, (enum vfa_va_way)w))
            continue;
        status = read_by(s, (enum vfa_va_way)w, seed, &good);
        if (status == MFX_ERR_NONE && !good)
            facts->unfit = "what was written reads differently by another way";
    }
    if (status != MFX_ERR_NONE)
        facts->unfit = "it opens, but then fails";
    return status;
}

static mfxStatus prove_once(struct scratch *s, enum vfa_va_way way)
{
    struct vfa_va_way_facts *facts = &s->facts->way[way];
    facts->unfit = NULL;
    if (accepts(s, way))
        return compare(s, way);
    return vfa_va_status(facts->refused);
}

static void note_second_failure(struct scratch *s, mfxStatus status)
{
    if (vfa__va_may_pass(status))
        s->facts->provisional = true;
}

static void prove(struct scratch *s, enum vfa_va_way way)
{
    if (prove_once(s, way) != MFX_ERR_NONE)
        note_second_failure(s, prove_once(s, way));
}

static void prove_reads(struct scratch *s)
{
    bool harmless;
    mfxStatus status = vfa__va_read_is_harmless(s->host, s->frame, s->facts, &harmless);
    if (status != MFX_ERR_NONE)
        note_second_failure(s, vfa__va_read_is_harmless(s->host, s->frame, s->facts, &harmless));
    s->facts->way[VFA_VA_WAY_DERIVE].writes_back = !harmless;
    s->facts->way[VFA_VA_WAY_DERIVE_COPY].writes_back = !harmless;
}

/* --- measuring */

static const mfxU32 flags_of[VFA_VA_DIRECTIONS] = {MFX_MAP_READ, MFX_MAP_WRITE, MFX_MAP_READ_WRITE};
static const enum use use_of[VFA_VA_DIRECTIONS] = {READ_ALL, WRITE_ALL, READ_WRITE_ALL};

/* One way's measurements so far. */
struct samples {
    bool out;         /* not fit, or failed twice in a row, or hopeless */
    bool failed;      /* the last time */
    uint64_t best_ns; /* 0: none yet */
};

static void time_one(struct scratch *s, enum vfa_va_way way, enum vfa_va_direction direction,
                     struct samples *samples)
{
    uint64_t start = vfa__now_ns();
    mfxStatus status = map_and(s, way, flags_of[direction], use_of[direction], 0, NULL);
    uint64_t ns = vfa__now_ns() - start;
    if (status == MFX_ERR_NONE) {
        if (!samples->best_ns || ns < samples->best_ns)
            samples->best_ns = ns ? ns : 1;
        samples->failed = false;
        return;
    }
    if (samples->failed) {
        samples->out = true;
        samples->best_ns = 0;
        note_second_failure(s, status);
    }
    samples->failed = true;
}

/* The first map of a way is only looked at. */
static void look_at(struct scratch *s, enum vfa_va_way way, enum vfa_va_direction direction,
                    struct samples *samples)
{
    samples->out = !is_fit(s, way);
    if (samples->out)
        return;
    time_one(s, way, direction, samples);
    samples->best_ns = 0;
}

static void drop_hopeless(struct samples *samples)
{
    uint64_t best = UINT64_MAX;
    for (size_t w = VFA_VA_WAY_DERIVE; w < VFA_VA_WAYS; w++)
        if (!samples[w].out && samples[w].best_ns && samples[w].best_ns < best)
            best = samples[w].best_ns;
    for (size_t w = VFA_VA_WAY_DERIVE; w < VFA_VA_WAYS; w++)
        if (!samples[w].out && samples[w].best_ns / HOPELESS > best)
            samples[w].out = true;
}

/* The ways in turn, round by round, so that a machine that gets slower meanwhile does so for all; and of each
 * the best: what interrupts a measurement only ever makes it longer. */
static void measure(struct scratch *s, enum vfa_va_direction direction, uint64_t deadline_ns)
{
    struct samples samples[VFA_VA_WAYS];
    memset(samples, 0, sizeof samples);
    for (unsigned int w = VFA_VA_WAY_DERIVE; w < VFA_VA_WAYS; w++)
        look_at(s, (enum vfa_va_way)w, direction, &samples[w]);
    for (size_t round = 0; round < ROUNDS && (round < ROUNDS_MIN || vfa__now_ns() < deadline_ns); round++) {
        for (unsigned int w = VFA_VA_WAY_DERIVE; w < VFA_VA_WAYS; w++)
            if (!samples[w].out)
                time_one(s, (enum vfa_va_way)w, direction, &samples[w]);
        if (round == 1) /* of two, so that one interruption condemns nobody */
            drop_hopeless(samples);
    }
    for (unsigned int w = VFA_VA_WAY_DERIVE; w < VFA_VA_WAYS; w++)
        s->facts->way[w].ns[direction] =
            samples[w].best_ns > UINT32_MAX ? UINT32_MAX : (uint32_t)samples[w].best_ns;
}

static enum vfa_va_way cheapest(const struct vfa_va_facts *facts, enum vfa_va_direction direction,
                                bool harmless_only)
{
    enum vfa_va_way best = VFA_VA_WAY_MEASURED;
    for (unsigned int w = VFA_VA_WAY_DERIVE; w < VFA_VA_WAYS; w++) {
        const struct vfa_va_way_facts *way = &facts->way[w];
        if (!way->ns[direction] || (harmless_only && way->writes_back))
            continue;
        if (best == VFA_VA_WAY_MEASURED || way->ns[direction] < facts->way[best].ns[direction])
            best = (enum vfa_va_way)w;
    }
    return best;
}

static void choose(struct scratch *s)
{
    uint64_t start = vfa__now_ns();
    for (unsigned int d = 0; d < VFA_VA_DIRECTIONS; d++) {
        enum vfa_va_direction direction = (enum vfa_va_direction)d;
        measure(s, direction, start + (d + 1) * (BUDGET_NS / VFA_VA_DIRECTIONS));
        enum vfa_va_way way = cheapest(s->facts, direction, direction == VFA_VA_READ);
        s->facts->chosen[d] = way ? way : cheapest(s->facts, direction, false);
        if (s->facts->chosen[d] == VFA_VA_WAY_MEASURED)
            s->facts->provisional = true; /* so bad that it is worth another look */
    }
}

static void prove_all(struct scratch *s)
{
    for (unsigned int w = VFA_VA_WAY_DERIVE; w < VFA_VA_WAYS; w++)
        if (is_fit(s, (enum vfa_va_way)w))
            prove(s, (enum vfa_va_way)w);
}

/* On the scratch surface of the size that was asked for. */
static void find_out(struct scratch *s)
{
    prove_all(s);
    prove_reads(s);
    choose(s);
}

static mfxStatus make_scratch(struct scratch *s, const struct vfa__va_shape *shape, mfxU16 width,
                              mfxU16 height, size_t surfaces)
{
    struct vfa__va_set *set = vfa__va_set_new(s->va, s->host, surfaces);
    if (!set)
        return MFX_ERR_MEMORY_ALLOC;
    set->shape = *shape;
    set->shape.info.Width = set->shape.width = width;
    set->shape.info.Height = set->shape.height = height;
    mfxStatus status = vfa_layout_compute(&set->shape.info, NULL, &set->shape.layout);
    while (status == MFX_ERR_NONE && set->count < surfaces) {
        status = vfa__va_surface_create(s->va, s->host, &set->shape, &set->frame[set->count].id);
        if (status == MFX_ERR_NONE)
            set->frame[set->count++].set = set;
    }
    if (status != MFX_ERR_NONE) {
        vfa__va_set_delete(s->host, set);
        return status;
    }
    s->set = set;
    s->frame = &set->frame[0];
    return MFX_ERR_NONE;
}

/* What a driver does at one size it may not do at another (iHD's put of I422 works at 64x64 and leaves out a
 * plane at 320x240), so every way is proven at two small sizes too, where it costs little to write another
 * surface in between. A driver that does not make such surfaces is not asked. */
static void prove_at_other_sizes(struct scratch *s, const struct vfa__va_shape *shape)
{
    static const mfxU16 sizes[][2] = {{176, 144}, {320, 240}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        mfxStatus status = make_scratch(s, shape, sizes[i][0], sizes[i][1], 2);
        if (status != MFX_ERR_NONE)
            status = make_scratch(s, shape, sizes[i][0], sizes[i][1], 2);
        if (status != MFX_ERR_NONE) {
            note_second_failure(s, status);
            continue;
        }
        prove_all(s);
        vfa__va_set_delete(s->host, s->set);
    }
}

static mfxStatus find_out_at(struct scratch *s, const struct vfa__va_shape *shape)
{
    mfxU16 height = shape->height < SCRATCH_ROWS_MAX ? shape->height : SCRATCH_ROWS_MAX;
    prove_at_other_sizes(s, shape);
    mfxStatus status = make_scratch(s, shape, shape->width, height, 1);
    if (status != MFX_ERR_NONE)
        return status;
    s->facts->fourcc = shape->format->fourcc;
    s->facts->usage = shape->usage;
    s->facts->width = shape->width;
    s->facts->height = height;
    find_out(s);
    vfa__va_set_delete(s->host, s->set);
    return vfa__va_check_lost(s->va, s->host);
}

/* A row of the widest surface looked at, twice: no row is longer than the pitch that VPL would have. */
static size_t row_room(const struct vfa__va_shape *shape)
{
    size_t pitch = shape->layout.pitch_bytes, least = (size_t)320 * 8;
    return 2 * (pitch > least ? pitch : least); /* far below SIZE_MAX: a pitch is 16 bits of pixels */
}

mfxStatus vfa__va_find_out(struct vfa_va *va, const struct vfa_backend_host *host,
                           const struct vfa__va_shape *shape, struct vfa_va_facts *facts)
{
    uint64_t start = vfa__now_ns();
    struct scratch s = {.va = va, .host = host, .facts = facts};
    size_t row_bytes = row_room(shape);
    memset(facts, 0, sizeof *facts);
    s.row = host->allocate(host, row_bytes, 64, VFA_MEMORY_BOOK);
    if (!s.row) {
        host->explain(host, "no memory for a row of %zu bytes", row_bytes);
        return MFX_ERR_MEMORY_ALLOC;
    }
    mfxStatus status = find_out_at(&s, shape);
    host->release(host, s.row, row_bytes, VFA_MEMORY_BOOK);
    uint64_t ns = vfa__now_ns() - start;
    facts->probe_ns = ns > UINT32_MAX ? UINT32_MAX : (uint32_t)ns;
    return status;
}
