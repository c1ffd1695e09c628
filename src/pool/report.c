/* Where a pool's surfaces are, in figures and in words. */
#include "observe/log.h"
#include "pool/internal.h"

#include <string.h>

/* The most surfaces that one line names singly. */
#define NAMED_MAX 8

/* The most tags that one line tells apart. */
#define TAGS_MAX 8

struct places {
    uint32_t free, pending, lent, leased, retired;
};

/* A pending surface that the runtime has let go is as good as free. */
static struct places count_places(const struct vfa_pool *pool)
{
    struct places places = {.free = vfa__bits_count(&pool->free),
                            .lent = vfa__bits_count(&pool->lent),
                            .retired = vfa__bits_count(&pool->retired)};
    for (uint32_t i = vfa__bits_next(&pool->pending, 0); i != VFA__BITS_NONE;
         i = vfa__bits_next(&pool->pending, i + 1)) {
        if (vfa__pool_locked(pool, i))
            places.pending++;
        else
            places.free++;
    }
    uint32_t home =
        places.free + places.pending + places.lent + places.retired + vfa__bits_count(&pool->absent);
    places.leased = home < pool->capacity ? pool->capacity - home : 0;
    return places;
}

static uint32_t sum(const struct places *places)
{
    return places->free + places->pending + places->lent + places->leased;
}

/* Acquires are counted by surface, so that threads share no counter. As the lowest free surface is taken, the
 * highest one ever taken tells how many have been out at once. */
static uint32_t find_peak(const struct vfa_pool *pool)
{
    uint32_t peak = pool->peak, surfaces = 0;
    for (uint32_t i = 0; i < pool->capacity; i++) {
        unsigned int flags = atomic_load_explicit(&pool->slots[i].flags, memory_order_relaxed);
        if (flags & (VFA__SLOT_ABSENT | VFA__SLOT_RETIRED))
            continue;
        surfaces++;
        if (vfa__pool_times(pool, i) >= pool->slots[i].first_lease && surfaces > peak)
            peak = surfaces;
    }
    return peak;
}

void vfa__pool_keep_peak(struct vfa_pool *pool)
{
    pool->peak = find_peak(pool);
}

static uint64_t count_acquires(const struct vfa_pool *pool)
{
    uint64_t acquired = 0;
    for (uint32_t i = 0; i < pool->capacity; i++)
        acquired += vfa__pool_times(pool, i);
    return acquired;
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
    out->cancelled = pool->cancelled;
    out->waited_ns = pool->waited_ns;
    out->longest_wait_ns = pool->longest_wait_ns;
    memcpy(out->waits_by_time, pool->waits_by_time, sizeof out->waits_by_time);
    out->made = pool->made;
    out->trimmed = pool->trimmed;
    out->limit = vfa__pool_limit(pool);
    out->peak = find_peak(pool);
    out->acquired = count_acquires(pool);
    pthread_mutex_unlock(&pool->lock);
    out->surfaces = sum(&places);
    out->free = places.free;
    out->leased = places.leased;
    out->lent = places.lent;
    out->pending = places.pending;
    out->retired = places.retired;
    return MFX_ERR_NONE;
}

static bool same_tag(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* The entry of a tag: an old one, a new one, or the last one, which becomes everybody's. */
static struct vfa_pool_holder *holder_of(const char *tag, struct vfa_pool_holder *holders, size_t capacity,
                                         size_t *count)
{
    for (size_t i = 0; i < *count; i++) {
        if (same_tag(holders[i].tag, tag))
            return &holders[i];
    }
    if (*count == capacity) {
        holders[capacity - 1].tag = VFA_POOL_OTHERS;
        return &holders[capacity - 1];
    }
    holders[*count] = (struct vfa_pool_holder){.tag = tag};
    return &holders[(*count)++];
}

size_t vfa_pool_holders(struct vfa_pool *pool, struct vfa_pool_holder *holders, size_t capacity)
{
    if (!pool || !holders || !capacity)
        return 0;
    size_t count = 0;
    uint64_t now = vfa__coarse_ns();
    for (uint32_t i = 0; i < pool->capacity; i++) {
        const struct vfa__pool_slot *slot = &pool->slots[i];
        if (!vfa__pool_leased(pool, i))
            continue;
        const char *tag = atomic_load_explicit(&slot->tag, memory_order_relaxed);
        uint64_t since = atomic_load_explicit(&slot->since, memory_order_relaxed);
        struct vfa_pool_holder *holder = holder_of(tag, holders, capacity, &count);
        holder->surfaces++;
        if (now > since && now - since > holder->longest_ns)
            holder->longest_ns = now - since;
    }
    return count;
}

static void describe_holders(struct vfa_pool *pool, struct vfa__text *text)
{
    struct vfa_pool_holder holders[TAGS_MAX];
    size_t count = vfa_pool_holders(pool, holders, TAGS_MAX);
    for (size_t i = 0; i < count; i++) {
        vfa__text_add(text, "%u leased ", holders[i].surfaces);
        if (holders[i].tag)
            vfa__text_add(text, "by '%s' ", holders[i].tag);
        vfa__text_add(text, "for %llu ms, ", (unsigned long long)(holders[i].longest_ns / VFA__NS_PER_MS));
    }
    if (!count)
        vfa__text_add(text, "0 leased, ");
}

void vfa__pool_describe(struct vfa_pool *pool, struct vfa__text *text)
{
    struct places places = count_places(pool);
    uint32_t surfaces = sum(&places);
    vfa__text_add(text, "pool '%s': %u surface%s: ", pool->name, surfaces, surfaces == 1 ? "" : "s");
    describe_holders(pool, text);
    vfa__text_add(text, "%u lent to the runtime, %u released but still Locked by the runtime, %u free",
                  places.lent, places.pending, places.free);
    if (places.retired)
        vfa__text_add(text, ", %u more retired", places.retired);
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
    const struct vfa__pool_slot *slot = &pool->slots[index];
    vfa__text_add(text, "; surface %u (mid %p): ", index, slot->mid);
    const char *tag = atomic_load_explicit(&slot->tag, memory_order_relaxed);
    if (leases && tag)
        vfa__text_add(text, "leased by '%s', ", tag);
    if (leases)
        vfa__text_add(text, "leases %u, ", leases);
    vfa__text_add(text, "Locked %u", __atomic_load_n(&slot->surface->Data.Locked, __ATOMIC_RELAXED));
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
    for (uint32_t i = 0; i < pool->capacity; i++) {
        unsigned int leases = vfa__pool_leases(pool, i);
        if (atomic_load_explicit(&pool->slots[i].flags, memory_order_relaxed) & VFA__SLOT_ABSENT)
            continue;
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
