/* A set of small numbers that threads put in and take out without a lock: its less frequent operations. */
#include "pool/bits.h"

#include "base/checked.h"

#define CACHE_LINE_BYTES 64

mfxStatus vfa__bits_init(struct vfa__bits *set, struct vfa__gate *memory, uint32_t count)
{
    uint32_t words = (count - 1) / VFA__BITS_PER_WORD + 1;
    uint32_t hints = (words - 1) / VFA__BITS_PER_HINT + 1;
    size_t bytes;
    /* Whole cache lines: threads that use one set do not slow down those that use its neighbour. */
    if (!vfa__add(words, hints, &bytes) || !vfa__multiply(bytes, sizeof *set->words, &bytes) ||
        !vfa__align(bytes, CACHE_LINE_BYTES, &bytes))
        return MFX_ERR_MEMORY_ALLOC;
    _Atomic uint64_t *block = vfa__gate_allocate(memory, bytes, CACHE_LINE_BYTES, VFA_MEMORY_BOOK);
    if (!block)
        return MFX_ERR_MEMORY_ALLOC;
    for (uint32_t i = 0; i < words + hints; i++)
        atomic_init(&block[i], 0);
    set->words = block;
    set->hints = block + words;
    set->word_count = words;
    set->hint_count = hints;
    set->bytes = bytes;
    return MFX_ERR_NONE;
}

void vfa__bits_finish(struct vfa__bits *set, struct vfa__gate *memory)
{
    vfa__gate_release(memory, set->words, set->bytes, VFA_MEMORY_BOOK);
    *set = (struct vfa__bits){0};
}

void vfa__bits_gate(struct vfa__bits *set, bool shut)
{
    for (uint32_t i = 0; i < set->word_count; i++) {
        if (shut)
            atomic_fetch_or_explicit(&set->words[i], VFA__BITS_WORD_GATE, memory_order_acq_rel);
        else
            atomic_fetch_and_explicit(&set->words[i], ~VFA__BITS_WORD_GATE, memory_order_acq_rel);
    }
}

static uint64_t numbers_of(const struct vfa__bits *set, uint32_t word)
{
    return atomic_load_explicit(&set->words[word], memory_order_acquire) & ~VFA__BITS_WORD_GATE;
}

uint32_t vfa__bits_count(const struct vfa__bits *set)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < set->word_count; i++)
        count += (uint32_t)__builtin_popcountll(numbers_of(set, i));
    return count;
}

uint32_t vfa__bits_next(const struct vfa__bits *set, uint32_t from)
{
    uint64_t mask = ~UINT64_C(0) << from % VFA__BITS_PER_WORD;
    for (uint32_t i = from / VFA__BITS_PER_WORD; i < set->word_count; i++) {
        uint64_t numbers = numbers_of(set, i) & mask;
        if (numbers)
            return i * VFA__BITS_PER_WORD + (uint32_t)__builtin_ctzll(numbers);
        mask = ~UINT64_C(0);
    }
    return VFA__BITS_NONE;
}

uint32_t vfa__bits_remove(struct vfa__bits *set, uint32_t number, bool past_gate)
{
    _Atomic uint64_t *word = &set->words[number / VFA__BITS_PER_WORD];
    uint64_t bit = UINT64_C(1) << number % VFA__BITS_PER_WORD;
    uint64_t seen = atomic_load_explicit(word, memory_order_relaxed);
    do {
        if ((seen & VFA__BITS_WORD_GATE) && !past_gate)
            return VFA__BITS_GATED;
        if (!(seen & bit))
            return VFA__BITS_NONE;
    } while (!atomic_compare_exchange_weak_explicit(word, &seen, seen & ~bit, memory_order_acquire,
                                                    memory_order_relaxed));
    return number;
}

/* Whether a word's answer ends the search, and with which number of the set. */
static bool answers(uint32_t *result, uint32_t word, uint32_t found)
{
    *result = found == VFA__BITS_GATED ? found : word * VFA__BITS_PER_WORD + found;
    return found != VFA__BITS_NONE;
}

/* Drops the hint of a word that was found empty. */
static void drop_hint(struct vfa__bits *set, uint32_t word)
{
    uint64_t bit = UINT64_C(1) << word % VFA__BITS_PER_HINT;
    atomic_fetch_and_explicit(&set->hints[word / VFA__BITS_PER_HINT], ~bit, memory_order_relaxed);
    if (numbers_of(set, word))
        vfa__bits_hint(set, word); /* filled meanwhile */
}

uint32_t vfa__bits_take_hinted(struct vfa__bits *set, bool past_gate)
{
    uint32_t result;
    for (uint32_t h = 0; h < set->hint_count; h++) {
        uint64_t hints = atomic_load_explicit(&set->hints[h], memory_order_relaxed);
        for (; hints; hints &= hints - 1) {
            uint32_t word = h * VFA__BITS_PER_HINT + (uint32_t)__builtin_ctzll(hints);
            if (answers(&result, word, vfa__bits_take_from(&set->words[word], past_gate)))
                return result;
            drop_hint(set, word);
        }
    }
    for (uint32_t word = 0; word < set->word_count; word++) {
        if (!answers(&result, word, vfa__bits_take_from(&set->words[word], past_gate)))
            continue;
        if (numbers_of(set, word))
            vfa__bits_hint(set, word); /* it was missing */
        return result;
    }
    return VFA__BITS_NONE;
}
