/* A set of small numbers that threads put in and take out without a lock.
 *
 * One bit a number, 63 to an atomic word; bit 63 is the word's gate. While the gate is shut, give, take and
 * remove refuse with VFA__BITS_GATED and change nothing; whoever holds the lock that the user of the set
 * keeps for this purpose goes past the gate. Gate and numbers share a word, so that one atomic operation both
 * moves a number and learns whether somebody has to be told: a number given before the gate was shut is seen
 * by whoever shut it, one given afterwards is refused. No order between two variables is needed for that, and
 * a thread whose give succeeded never touches the set again.
 *
 * A number belongs to whoever took its bit out. give releases and take acquires what was written meanwhile.
 *
 * Above 63 numbers a second level says which words to look at when the first one, which has the warmest
 * numbers, is empty. It is a hint: a bit may be set for an empty word, and, when a give and a search of the
 * same word cross, be missing for a filled one. So a search that found nothing by the hints looks at every
 * word before it says so. */
#ifndef VFA_POOL_BITS_H
#define VFA_POOL_BITS_H

#include "memory/gate.h"

#include <stdatomic.h>
#include <stdbool.h>

#define VFA__BITS_PER_WORD  63u
#define VFA__BITS_PER_HINT  64u
#define VFA__BITS_WORD_GATE (UINT64_C(1) << 63)

#define VFA__BITS_NONE  UINT32_MAX       /* no such number in the set */
#define VFA__BITS_GATED (UINT32_MAX - 1) /* refused: the gate is shut */

struct vfa__bits {
    _Atomic uint64_t *words;
    _Atomic uint64_t *hints; /* behind the words; not used when there is only one */
    uint32_t word_count;
    uint32_t hint_count;
    size_t bytes;
};

/* An empty set for the numbers below `count` (> 0). MFX_ERR_MEMORY_ALLOC. */
mfxStatus vfa__bits_init(struct vfa__bits *set, struct vfa__gate *memory, uint32_t count);

/* Accepts a zeroed set. */
void vfa__bits_finish(struct vfa__bits *set, struct vfa__gate *memory);

/* Shuts or opens the gate of every word. Only under the user's lock. */
void vfa__bits_gate(struct vfa__bits *set, bool shut);

/* Whether the gate is shut. */
static inline bool vfa__bits_gated(const struct vfa__bits *set)
{
    return atomic_load_explicit(&set->words[0], memory_order_relaxed) & VFA__BITS_WORD_GATE;
}

/* Whether the number is in the set. */
static inline bool vfa__bits_has(const struct vfa__bits *set, uint32_t number)
{
    uint64_t bit = UINT64_C(1) << number % VFA__BITS_PER_WORD;
    return atomic_load_explicit(&set->words[number / VFA__BITS_PER_WORD], memory_order_acquire) & bit;
}

/* How many numbers are in the set, at a moment when nobody changes it. */
uint32_t vfa__bits_count(const struct vfa__bits *set);

/* The lowest number in the set from `from` on, or VFA__BITS_NONE. */
uint32_t vfa__bits_next(const struct vfa__bits *set, uint32_t from);

/* Takes this number out: the number, VFA__BITS_NONE or VFA__BITS_GATED. */
uint32_t vfa__bits_remove(struct vfa__bits *set, uint32_t number, bool past_gate);

/* vfa__bits_take when the first word is empty and there are others. */
uint32_t vfa__bits_take_hinted(struct vfa__bits *set, bool past_gate);

static inline uint32_t vfa__bits_take_from(_Atomic uint64_t *word, bool past_gate)
{
    uint64_t seen = atomic_load_explicit(word, memory_order_relaxed);
    for (;;) {
        if ((seen & VFA__BITS_WORD_GATE) && !past_gate)
            return VFA__BITS_GATED;
        uint64_t numbers = seen & ~VFA__BITS_WORD_GATE;
        if (!numbers)
            return VFA__BITS_NONE;
        /* The lowest set bit is a number: the gate is the highest. */
        if (atomic_compare_exchange_weak_explicit(word, &seen, seen & (seen - 1), memory_order_acquire,
                                                  memory_order_relaxed))
            return (uint32_t)__builtin_ctzll(numbers);
    }
}

/* Takes out the lowest number found (the memory used last is the warmest): the number, VFA__BITS_NONE or
 * VFA__BITS_GATED. */
static inline uint32_t vfa__bits_take(struct vfa__bits *set, bool past_gate)
{
    uint32_t found = vfa__bits_take_from(set->words, past_gate);
    return found != VFA__BITS_NONE || set->word_count == 1 ? found : vfa__bits_take_hinted(set, past_gate);
}

static inline void vfa__bits_hint(struct vfa__bits *set, uint32_t word)
{
    _Atomic uint64_t *hint = &set->hints[word / VFA__BITS_PER_HINT];
    uint64_t bit = UINT64_C(1) << word % VFA__BITS_PER_HINT;
    if (!(atomic_load_explicit(hint, memory_order_relaxed) & bit))
        atomic_fetch_or_explicit(hint, bit, memory_order_relaxed);
}

/* Puts a number in that its owner took out; false: the gate is shut, it still is the owner's. */
static inline bool vfa__bits_give(struct vfa__bits *set, uint32_t number, bool past_gate)
{
    _Atomic uint64_t *word = set->words;
    /* The hint comes first: after the number is in, the set may be gone. */
    if (number >= VFA__BITS_PER_WORD) {
        vfa__bits_hint(set, number / VFA__BITS_PER_WORD);
        word += number / VFA__BITS_PER_WORD;
        number %= VFA__BITS_PER_WORD;
    }
    uint64_t bit = UINT64_C(1) << number, seen = atomic_load_explicit(word, memory_order_relaxed);
    do {
        if ((seen & VFA__BITS_WORD_GATE) && !past_gate)
            return false;
    } while (!atomic_compare_exchange_weak_explicit(word, &seen, seen | bit, memory_order_release,
                                                    memory_order_relaxed));
    return true;
}

#endif
