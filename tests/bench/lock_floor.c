/* The least that Lock and Unlock can take: the two compare-and-swaps, and the pitch and pointers written. */
#include "lock_floor.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <vfa/defs.h>

/* As far apart as frames of the library are. */
struct counter {
    _Alignas(128) _Atomic uint64_t count;
    mfxU8 *channel[4];
    uint32_t pitch;
};

static struct counter counters[256];

static inline int add(struct counter *counter, uint64_t what)
{
    uint64_t now = atomic_load_explicit(&counter->count, memory_order_relaxed);
    return !atomic_compare_exchange_strong(&counter->count, &now, now + what);
}

static int take(struct counter *counter, mfxFrameData *data)
{
    int failed = add(counter, 1);
    data->PitchHigh = (mfxU16)(counter->pitch >> 16);
    data->PitchLow = (mfxU16)counter->pitch;
    data->Y = counter->channel[0];
    data->U = counter->channel[1];
    data->V = counter->channel[2];
    data->A = counter->channel[3];
    return failed;
}

static int give(struct counter *counter, mfxFrameData *data)
{
    int failed = add(counter, UINT64_MAX);
    data->PitchHigh = data->PitchLow = 0;
    data->Y = data->U = data->V = data->A = NULL;
    return failed;
}

int run_lock_floor(int calls, int frames, int writes)
{
    int (*volatile first)(struct counter *, mfxFrameData *) = take; /* not known to whoever calls it */
    int (*volatile second)(struct counter *, mfxFrameData *) = give;
    int (*lock)(struct counter *, mfxFrameData *) = first,
                                               (*unlock)(struct counter *, mfxFrameData *) = second;
    int failed = 0;
    for (int i = 0; i < calls; i++) {
        struct counter *counter = &counters[i % frames];
        mfxFrameData data;
        if (writes)
            failed += lock(counter, &data) + unlock(counter, &data);
        else
            failed += add(counter, 1) + add(counter, UINT64_MAX);
    }
    return failed;
}
