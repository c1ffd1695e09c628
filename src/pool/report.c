/* Where a pool's surfaces are, in figures and in words. */
#include "observe/log.h"
#include "pool/internal.h"

#include <string.h>

/* The most surfaces that one line names singly. */
#define NAMED_MAX 8

struct places {
    uint32_t free, pending, lent, leased;
};

/* A pending surface that the runtime has let go is as good as free. */
static struct places count_places(const struct vfa_pool *pool)
{
    struct places places = {.free = vfa__bits_count(&pool->free), .lent = vfa__bits_count(&pool->lent)};
    for (uint32_t i = vfa__bits_next(&pool->pending, 0); i != VFA__BITS_NONE;
         i = vfa__bits_next(&pool->pending, i + 1)) {
        if (vfa__pool_locked(pool, i))
            places.pending++;
        else
            places.free++;
    }
    uint32_t home = places.free + places.pending + places.lent;
    places.leased = home < pool->count ? pool->count - home : 0;
    return places;
}

/* Acquires are counted by surface, so that threads share no counter. As the lowest free surface is taken, the
 * highest one ever taken tells how many have been out at once. */
static void sum_up_acquires(const struct vfa_pool *pool, struct vfa_pool_stats *out)
{
    for (uint32_t i = 0; i < pool->count; i++) {
        uint64_t acquired = atomic_load_explicit(&pool->slots[i].acquired, memory_order_relaxed);
        out->acquired += acquired;
        if (acquired)
            out->peak = (mfxU16)(i + 1);
    }
}

mfxStatus vfa_pool_stats(struct vfa_pool *pool, struct vfa_pool_stats *out)
{
    if (!out)
        return MFX_ERR_NULL_PTR;
    memset(out, 0, sizeof *out);
    if (!pool)
        return MFX_ERR_NULL_PTR;
    pthread_mutex_lock(&pool->lock);
    struct places places = count_places(pool);
    out->waits = pool->waits;
    out->timeouts = pool->timeouts;
    out->waited_ns = pool->waited_ns;
    pthread_mutex_unlock(&pool->lock);
    out->surfaces = (mfxU16)pool->count;
    out->free = (mfxU16)places.free;
    out->leased = (mfxU16)places.leased;
    out->lent = (mfxU16)places.lent;
    out->pending = (mfxU16)places.pending;
    sum_up_acquires(pool, out);
    return MFX_ERR_NONE;
}

void vfa__pool_describe(struct vfa_pool *pool, struct vfa__text *text)
{
    struct places places = count_places(pool);
    vfa__text_add(
        text,
        "pool '%s': %u surface%s: %u leased, %u lent to the runtime, %u released but still Locked by "
        "the runtime, %u free",
        pool->name, pool->count, pool->count == 1 ? "" : "s", places.leased, places.lent, places.pending,
        places.free);
}

size_t vfa_pool_explain(struct vfa_pool *pool, char *buffer, size_t bytes)
{
    struct vfa__text text;
    vfa__text_init(&text, buffer, bytes);
    if (pool)
        vfa__pool_describe(pool, &text);
    return text.length;
}

void vfa__pool_note_timeout(struct vfa_pool *pool, int32_t timeout_ms, struct vfa__pool_note *note)
{
    /* Who asks without waiting expects to be refused. */
    note->level = timeout_ms ? VFA_LOG_WARNING : VFA_LOG_DEBUG;
    note->log = pool->log;
    if (!vfa__log_wants(&note->log, note->level))
        return;
    struct vfa__text text;
    vfa__text_init(&text, note->text, sizeof note->text);
    vfa__pool_describe(pool, &text);
    vfa__text_add(&text, "; none became free in %d ms", (int)timeout_ms);
}

static void add_leftover(struct vfa__text *text, const struct vfa_pool *pool, uint32_t index,
                         unsigned int leases)
{
    const mfxFrameSurface1 *surface = &pool->slots[index].surface;
    vfa__text_add(text, "; surface %u (mid %p): ", index, pool->response.mids[index]);
    if (leases)
        vfa__text_add(text, "leases %u, ", leases);
    vfa__text_add(text, "Locked %u", __atomic_load_n(&surface->Data.Locked, __ATOMIC_RELAXED));
}

void vfa__pool_note_leftovers(struct vfa_pool *pool, struct vfa__pool_note *note)
{
    note->level = VFA_LOG_WARNING;
    note->log = pool->log;
    if (!vfa__log_wants(&note->log, note->level))
        return;
    struct vfa__text text;
    vfa__text_init(&text, note->text, sizeof note->text);
    vfa__text_add(&text, "pool '%s' is destroyed with surfaces out", pool->name);
    uint32_t left = 0;
    for (uint32_t i = 0; i < pool->count; i++) {
        unsigned int leases = atomic_load_explicit(&pool->slots[i].leases, memory_order_relaxed);
        if (!leases && !vfa__pool_locked(pool, i))
            continue;
        if (left++ < NAMED_MAX)
            add_leftover(&text, pool, i, leases);
    }
    if (left > NAMED_MAX)
        vfa__text_add(&text, "; and %u more", left - NAMED_MAX);
    if (!left)
        note->text[0] = '\0';
}

void vfa__pool_write_note(const struct vfa__pool_note *note)
{
    if (note->text[0])
        vfa__log(&note->log, note->level, "%s", note->text);
}
