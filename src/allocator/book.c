/* The response book: sets, references, and their comings and goings. */
#include "allocator/book.h"

#include "allocator/match.h"
#include "base/checked.h"

#include <string.h>

mfxStatus vfa__book_init(struct vfa__book *book, struct vfa__gate *gate, struct vfa__slots *slots)
{
    memset(book, 0, sizeof *book);
    book->gate = gate;
    book->slots = slots;
    book->ended_last = &book->ended;
    return pthread_mutex_init(&book->lock, NULL) ? MFX_ERR_MEMORY_ALLOC : MFX_ERR_NONE;
}

static void delete_references(struct vfa__gate *gate, struct vfa__reference *list)
{
    while (list) {
        struct vfa__reference *next = list->next;
        vfa__reference_delete(gate, list);
        list = next;
    }
}

void vfa__book_finish(struct vfa__book *book)
{
    delete_references(book->gate, book->references);
    delete_references(book->gate, book->ended);
    pthread_mutex_destroy(&book->lock);
}

static void *new_record(struct vfa__gate *gate, size_t head, size_t count, size_t *bytes)
{
    if (!vfa__multiply(count, sizeof(void *), bytes) || !vfa__add(*bytes, head, bytes))
        return NULL;
    return vfa__gate_allocate(gate, *bytes, _Alignof(max_align_t), VFA_MEMORY_BOOK);
}

struct vfa__set *vfa__set_new(struct vfa__gate *gate, size_t max_count)
{
    size_t bytes;
    struct vfa__set *set = new_record(gate, sizeof *set, max_count, &bytes);
    if (set)
        set->record_bytes = bytes;
    return set;
}

void vfa__set_delete(struct vfa__gate *gate, struct vfa__set *set)
{
    if (set)
        vfa__gate_release(gate, set, set->record_bytes, VFA_MEMORY_BOOK);
}

struct vfa__reference *vfa__reference_new(struct vfa__gate *gate, size_t max_count)
{
    size_t bytes;
    struct vfa__reference *reference = new_record(gate, sizeof *reference, max_count, &bytes);
    if (reference)
        reference->record_bytes = bytes;
    return reference;
}

void vfa__reference_delete(struct vfa__gate *gate, struct vfa__reference *reference)
{
    if (reference)
        vfa__gate_release(gate, reference, reference->record_bytes, VFA_MEMORY_BOOK);
}

static void add_reference(struct vfa__book *book, struct vfa__set *set, struct vfa__reference *reference)
{
    for (size_t i = 0; i < set->count; i++)
        reference->mids[i] = vfa__slot_mid(book->slots, set->slot[i]);
    reference->set = set;
    reference->next = book->references;
    book->references = reference;
    set->references++;
    book->stats.responses_live++;
    book->stats.alloc_calls++;
}

static void raise_peak(uint64_t *peak, uint64_t now)
{
    if (now > *peak)
        *peak = now;
}

void vfa__book_enter(struct vfa__book *book, struct vfa__set *set, struct vfa__reference *reference)
{
    bool needs_map = set->backend && !(set->backend->traits & VFA_BACKEND_ALWAYS_MAPPED);
    pthread_mutex_lock(&book->lock);
    set->stage = VFA__SET_LISTED;
    set->previous = NULL;
    set->next = book->sets;
    if (set->next)
        set->next->previous = set;
    book->sets = set;
    for (size_t i = 0; i < set->count; i++)
        vfa__slot_publish(set->slot[i], needs_map);
    if (reference) {
        reference->maker = set->maker_refers = true;
        add_reference(book, set, reference);
        book->stats.alloc_short += set->count < set->request.NumFrameSuggested;
    }
    book->stats.frames_live += set->count;
    raise_peak(&book->stats.frames_peak, book->stats.frames_live);
    book->stats.frame_bytes += set->made.bytes;
    raise_peak(&book->stats.frame_bytes_peak, book->stats.frame_bytes);
    pthread_mutex_unlock(&book->lock);
}

enum vfa__claim vfa__book_claim(struct vfa__book *book, const mfxFrameAllocRequest *request,
                                struct vfa__reference *reference, size_t room, size_t *needed)
{
    enum vfa__claim claim = VFA__CLAIM_NONE;
    *needed = 0;
    pthread_mutex_lock(&book->lock);
    for (struct vfa__set *set = book->sets; set && claim != VFA__CLAIM_MADE; set = set->next) {
        if (!vfa__set_is_open(set) || !vfa__set_is_claimed_by(set, request))
            continue;
        if (!vfa__set_holds(set, &request->Info) || request->NumFrameMin > set->count) {
            claim = VFA__CLAIM_SMALL;
        } else if (set->count > room) {
            *needed = set->count;
            break;
        } else {
            claim = VFA__CLAIM_MADE;
            reference->maker = false;
            add_reference(book, set, reference);
            book->stats.alloc_shared++;
        }
    }
    pthread_mutex_unlock(&book->lock);
    return claim;
}

static void unlink_set(struct vfa__book *book, struct vfa__set *set)
{
    if (set->previous)
        set->previous->next = set->next;
    else
        book->sets = set->next;
    if (set->next)
        set->next->previous = set->previous;
}

static void retire(struct vfa__book *book, struct vfa__set *set)
{
    set->stage = VFA__SET_RETIRED;
    atomic_store_explicit(&set->alive, set->count + 1, memory_order_relaxed);
    book->stats.frames_live -= set->count;
    book->stats.frames_retired += set->count;
}

/* The link to a live reference, or to the end of their list. Under the lock. */
static struct vfa__reference **find_link(struct vfa__book *book, const mfxMemId *mids)
{
    struct vfa__reference **link = &book->references;
    while (*link && (*link)->mids != mids)
        link = &(*link)->next;
    return link;
}

bool vfa__book_direct(struct vfa__book *book, const mfxMemId *mids, mfxU32 direction)
{
    pthread_mutex_lock(&book->lock);
    const struct vfa__reference *reference = *find_link(book, mids);
    if (reference)
        atomic_store_explicit(&reference->set->direction, direction, memory_order_relaxed);
    pthread_mutex_unlock(&book->lock);
    return reference;
}

bool vfa__book_compare(struct vfa__book *book, const mfxMemId *mids, const mfxFrameAllocRequest *want,
                       unsigned int flags, bool *serves, mfxU32 *direction)
{
    pthread_mutex_lock(&book->lock);
    const struct vfa__reference *reference = *find_link(book, mids);
    if (reference) {
        *serves = vfa__set_serves(reference->set, want, flags);
        *direction = atomic_load_explicit(&reference->set->direction, memory_order_relaxed);
    }
    pthread_mutex_unlock(&book->lock);
    return reference;
}

static bool has_ended(const struct vfa__book *book, const mfxMemId *mids)
{
    for (const struct vfa__reference *r = book->ended; r; r = r->next)
        if (r->mids == mids)
            return true;
    return false;
}

bool vfa__book_has_ended(struct vfa__book *book, const mfxMemId *mids)
{
    pthread_mutex_lock(&book->lock);
    bool ended = has_ended(book, mids);
    pthread_mutex_unlock(&book->lock);
    return ended;
}

/* Moves a reference to the ended ones and returns the one that is forgotten for it, or NULL. */
static struct vfa__reference *remember(struct vfa__book *book, struct vfa__reference *reference)
{
    reference->set = NULL;
    reference->next = NULL;
    *book->ended_last = reference;
    book->ended_last = &reference->next;
    if (book->ended_count < VFA__ENDED_MAX) {
        book->ended_count++;
        return NULL;
    }
    struct vfa__reference *oldest = book->ended;
    book->ended = oldest->next;
    return oldest;
}

enum vfa__ending vfa__book_end(struct vfa__book *book, const mfxMemId *mids, struct vfa__set **out)
{
    enum vfa__ending ending;
    struct vfa__reference *forgotten = NULL;
    pthread_mutex_lock(&book->lock);
    struct vfa__reference **link = find_link(book, mids), *reference = *link;
    if (reference) {
        struct vfa__set *set = reference->set;
        *link = reference->next;
        if (reference->maker)
            set->maker_refers = false;
        forgotten = remember(book, reference);
        book->stats.responses_live--;
        book->stats.free_calls++;
        ending = --set->references ? VFA__ENDING_SHARED : VFA__ENDING_LAST;
        if (ending == VFA__ENDING_LAST) {
            retire(book, set);
            *out = set;
        }
    } else {
        ending = has_ended(book, mids) ? VFA__ENDING_TWICE : VFA__ENDING_UNKNOWN;
    }
    pthread_mutex_unlock(&book->lock);
    vfa__reference_delete(book->gate, forgotten);
    return ending;
}

bool vfa__book_end_wrapped(struct vfa__book *book, struct vfa__slot *slot, mfxMemId mid,
                           struct vfa__set **set)
{
    pthread_mutex_lock(&book->lock);
    /* Sets leave the book's list of listed ones only under this lock, so a live slot's set is there. */
    bool found = vfa__slot_is_live(slot, mid) && !slot->set->backend && slot->set->stage == VFA__SET_LISTED;
    if (found) {
        *set = slot->set;
        retire(book, *set);
    }
    pthread_mutex_unlock(&book->lock);
    return found;
}

void vfa__book_remove(struct vfa__book *book, struct vfa__set *set)
{
    pthread_mutex_lock(&book->lock);
    unlink_set(book, set);
    book->stats.frames_retired -= set->count;
    book->stats.frame_bytes -= set->made.bytes;
    for (size_t i = 0; i < set->count; i++) {
        struct vfa__slot *slot = set->slot[i];
        book->stats.lock_calls += vfa__slot_lock_total(slot);
        atomic_store_explicit(&slot->first_locks, 0, memory_order_relaxed);
        atomic_store_explicit(&slot->nested_locks, 0, memory_order_relaxed);
    }
    pthread_mutex_unlock(&book->lock);
}
