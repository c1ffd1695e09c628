/* Finding out, on a scratch surface: which ways into surfaces of a shape the driver accepts, which of them
 * really move the bytes, whether a read map writes back, and what each costs. */
#include "va/scratch.h"

#include "base/clock.h"

#include <string.h>

/* Rows of the scratch surface: enough for stable figures at any width, few enough that a first Alloc of large
 * frames is not held up. Cost grows with the bytes, for every way alike. */
#define SCRATCH_ROWS_MAX 256

/* On the scratch surface of the size that was asked for. */
static void find_out(struct vfa__va_scratch *s)
{
    vfa__va_prove_ways(s);
    vfa__va_prove_reads(s);
    vfa__va_measure_ways(s);
}

/* What a driver does at one size it may not do at another (iHD's put of I422 works at 64x64 and leaves out a
 * plane at 320x240), so every way is proven at two small sizes too, where it costs little to write another
 * surface in between. A driver that does not make such surfaces is not asked. */
static void prove_at_other_sizes(struct vfa__va_scratch *s, const struct vfa__va_shape *shape)
{
    static const mfxU16 sizes[][2] = {{176, 144}, {320, 240}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        mfxStatus status = vfa__va_scratch_make(s, shape, sizes[i][0], sizes[i][1], 2);
        if (status != MFX_ERR_NONE)
            status = vfa__va_scratch_make(s, shape, sizes[i][0], sizes[i][1], 2);
        if (status != MFX_ERR_NONE) {
            vfa__va_second_failure(s, status);
            continue;
        }
        vfa__va_prove_ways(s);
        vfa__va_set_delete(s->host, s->set);
    }
}

static mfxStatus find_out_at(struct vfa__va_scratch *s, const struct vfa__va_shape *shape)
{
    mfxU16 height = shape->height < SCRATCH_ROWS_MAX ? shape->height : SCRATCH_ROWS_MAX;
    prove_at_other_sizes(s, shape);
    mfxStatus status = vfa__va_scratch_make(s, shape, shape->width, height, 1);
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
    struct vfa__va_scratch s = {.va = va, .host = host, .facts = facts};
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
