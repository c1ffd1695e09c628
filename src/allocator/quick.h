/* Lock and Unlock of a frame that is always mapped, while all is well: inline in the callbacks, one
 * compare-and-swap each, in one cache line. Whatever else there is to it (a frame to be mapped, or freed and
 * still locked; a handle that is no good) answers false with nothing changed, and takes the long way of
 * lock.c. */
#ifndef VFA_ALLOCATOR_QUICK_H
#define VFA_ALLOCATOR_QUICK_H

#include "allocator/slots.h"

/* What Lock tells of a frame. MFX_ERR_NONE. */
static inline mfxStatus vfa__slot_show(const struct vfa__slot *slot, mfxFrameData *data)
{
    data->PitchHigh = (mfxU16)(slot->pitch_bytes >> 16);
    data->PitchLow = (mfxU16)slot->pitch_bytes;
    data->Y = slot->channel[0];
    data->U = slot->channel[1];
    data->V = slot->channel[2];
    data->A = slot->channel[3];
    return MFX_ERR_NONE;
}

/* The state of a frame that is live in the mid's generation and always mapped, but for who holds it. */
static inline uint64_t vfa__quick_state(mfxMemId mid)
{
    return vfa__mid_generation(mid) << VFA__SLOT_GENERATION_SHIFT | VFA__SLOT_LIVE;
}

static inline bool vfa__quick_lock(const struct vfa__slots *slots, mfxMemId mid, mfxFrameData *data)
{
    struct vfa__slot *slot = vfa__slot_find(slots, mid);
    if (!slot)
        return false;
    uint64_t want = vfa__quick_state(mid), state = atomic_load_explicit(&slot->state, memory_order_relaxed);
    do {
        if ((state & ~VFA__SLOT_HELD_MASK) != want || (state & VFA__SLOT_COUNT_MASK) == VFA__SLOT_COUNT_MASK)
            return false;
    } while (!atomic_compare_exchange_weak_explicit(&slot->state, &state, state + 1, memory_order_acquire,
                                                    memory_order_relaxed));
    vfa__slot_count_lock(slot, !(state & VFA__SLOT_COUNT_MASK));
    (void)vfa__slot_show(slot, data);
    return true;
}

/* `data` NULL: nobody wants to see it cleared. */
static inline bool vfa__quick_unlock(const struct vfa__slots *slots, mfxMemId mid, mfxFrameData *data)
{
    struct vfa__slot *slot = vfa__slot_find(slots, mid);
    if (!slot)
        return false;
    uint64_t want = vfa__quick_state(mid), state = atomic_load_explicit(&slot->state, memory_order_relaxed);
    do {
        if ((state & ~VFA__SLOT_HELD_MASK) != want || !(state & VFA__SLOT_COUNT_MASK))
            return false;
    } while (!atomic_compare_exchange_weak_explicit(&slot->state, &state, state - 1, memory_order_release,
                                                    memory_order_relaxed));
    if (data) {
        data->PitchHigh = data->PitchLow = 0;
        data->Y = data->U = data->V = data->A = NULL;
    }
    return true;
}

#endif
