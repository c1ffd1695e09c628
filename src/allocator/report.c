/* What is alive: figures, and the report that names each response and each locked frame. */
#include "allocator/internal.h"

#include <string.h>

/* The most frames that one report names singly. */
#define NAMED_FRAMES_MAX 64

mfxStatus vfa_allocator_stats(struct vfa_allocator *a, struct vfa_stats *out)
{
    if (!out)
        return MFX_ERR_NULL_PTR;
    memset(out, 0, sizeof *out);
    if (!a)
        return MFX_ERR_NULL_PTR;
    pthread_mutex_lock(&a->book.lock);
    *out = a->book.stats;
    for (const struct vfa__set *set = a->book.sets; set; set = set->next) {
        for (size_t i = 0; i < set->count; i++) {
            out->lock_calls += vfa__slot_lock_total(set->slot[i]);
            out->frames_locked += vfa__slot_locks(set->slot[i]) > 0;
        }
    }
    pthread_mutex_unlock(&a->book.lock);
    pthread_mutex_lock(&a->error_lock);
    out->failed_calls = a->last_error.sequence;
    pthread_mutex_unlock(&a->error_lock);
    const struct vfa__gate *gate = &a->gate;
    out->book_bytes = atomic_load_explicit(&gate->bytes[VFA_MEMORY_BOOK], memory_order_relaxed);
    out->book_bytes_peak = atomic_load_explicit(&gate->peak_bytes[VFA_MEMORY_BOOK], memory_order_relaxed);
    if (a->has_store)
        vfa__store_stats(&a->store, &out->memory);
    return MFX_ERR_NONE;
}

static void add_locked(struct vfa__text *text, const struct vfa_allocator *a, const struct vfa__set *set)
{
    size_t named = 0, locked = 0;
    for (size_t i = 0; i < set->count; i++) {
        uint32_t locks = vfa__slot_locks(set->slot[i]);
        locked += locks > 0;
        if (!locks || named == NAMED_FRAMES_MAX)
            continue;
        named++;
        vfa__text_add(text, "frame %zu (%p) is still locked, %u times\n", i,
                      vfa__slot_mid(&a->slots, set->slot[i]), locks);
    }
    if (locked > named)
        vfa__text_add(text, "and %zu more frames are still locked\n", locked - named);
}

static void add_set(struct vfa__text *text, const struct vfa_allocator *a, const struct vfa__set *set)
{
    if (set->stage == VFA__SET_RETIRED)
        vfa__text_add(text, "freed, but locked: ");
    else if (!set->backend)
        vfa__text_add(text, "wrapped frame not unwrapped: ");
    else
        vfa__text_add(text, "response not freed (%u of them): ", set->references);
    vfa__text_add_request(text, &set->request);
    vfa__text_add(text, ": %zu frames, %zu bytes\n", set->count, set->made.bytes);
    add_locked(text, a, set);
}

size_t vfa_allocator_report(struct vfa_allocator *a, char *buffer, size_t bytes)
{
    struct vfa__text text;
    vfa__text_init(&text, buffer, bytes);
    if (!a)
        return 0;
    pthread_mutex_lock(&a->book.lock);
    for (const struct vfa__set *set = a->book.sets; set; set = set->next)
        add_set(&text, a, set);
    pthread_mutex_unlock(&a->book.lock);
    return text.length;
}

/* Only from destroy: nobody else uses the allocator, so no lock is needed, and the log may be called. */
void vfa__report_leaks(struct vfa_allocator *a)
{
    for (const struct vfa__set *set = a->book.sets; set; set = set->next) {
        /* One set's part of the report: its line, and a line for each locked frame. */
        char part[(NAMED_FRAMES_MAX + 3) * 96];
        struct vfa__text text;
        vfa__text_init(&text, part, sizeof part);
        add_set(&text, a, set);
        char *rest = NULL;
        for (char *line = strtok_r(part, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
            vfa__log(&a->log, VFA_LOG_ERROR, "%s: leak: %s", a->name, line);
    }
}
