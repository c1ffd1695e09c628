/* Sequences of calls on a surface pool and its frame interface, with a runtime that holds surfaces as it
 * likes, with surfaces that are nobody's and with failures of memory, against a model that knows where each
 * surface is. */
#include "fuzz.h"

#include "../support/memory.h"

#include <vfa/vfa.h>

#define MOST_CALLS    96
#define MOST_RESETS   8 /* the pool has places for 64 surfaces at least */
#define MOST_ITEMS    (MOST_CALLS + 16)
#define MOST_LEASES   32
#define MOST_BATCHES  (MOST_CALLS + MOST_RESETS + 2)
#define MOST_SURFACES 4
#define MOST_LEASED   1023 /* without a token, of a surface */

/* --- the model */

enum place {
    FREE,
    PENDING,
    LENT,
    LEASED,
    RETIRED,
};

/* A surface that was seen. */
struct item {
    mfxFrameSurface1 *surface;
    enum place place;
    unsigned int batch;
    unsigned int plain, tokens, maps; /* leases without a token, those of maps included; with one; maps */
    bool marked;                      /* settled as work while others held it */
    bool writer;
    bool produced;  /* an operation was set up since it was leased */
    bool operating; /* one is under way that tells when it is done, and has a lease */
};

/* Surfaces that were made together. */
struct batch {
    bool current, growth;
    unsigned int unseen; /* free ones that no call has given out yet */
};

struct world {
    struct fuzz_input in;
    struct test_memory memory, frame_memory;
    struct vfa_allocator *frames;
    struct vfa_pool *pool;
    mfxFrameSurface1 brought[MOST_SURFACES];
    mfxU8 pixels[64];
    bool is_brought, has_interface, hinted, closed, faulty, fed;
    mfxExtAllocationHints hints;
    mfxFrameAllocRequest request; /* that the frames were made for */
    unsigned int count, limit, resets;
    struct item item[MOST_ITEMS];
    size_t item_count;
    struct batch batch[MOST_BATCHES];
    size_t batch_count;
    struct vfa_lease lease[MOST_LEASES];
    bool lease_live[MOST_LEASES];
    size_t lease_count;
    mfxSurfacePoolInterface *pool_interface;
    unsigned int pool_references, claimed; /* claimed: surfaces that components said they need */
};

/* How far the pool may grow. */
static unsigned int most(const struct world *w)
{
    return w->claimed > w->limit ? w->claimed : w->limit;
}

static unsigned int leases(const struct item *item)
{
    return item->plain + item->tokens;
}

static bool is_locked(const struct item *item)
{
    return item->surface->Data.Locked;
}

static struct item *find(struct world *w, const mfxFrameSurface1 *surface)
{
    for (size_t i = 0; i < w->item_count; i++)
        if (w->item[i].surface == surface)
            return &w->item[i];
    return NULL;
}

/* Back at home: where its batch and the runtime say. */
static void come_home(struct world *w, struct item *item)
{
    item->place = !w->batch[item->batch].current ? RETIRED : is_locked(item) ? PENDING : FREE;
}

/* Whether all of a retired batch are at home, so that its frames are freed, or soon will be. */
static bool is_complete(const struct world *w, unsigned int batch)
{
    for (size_t i = 0; i < w->item_count; i++)
        if (w->item[i].batch == batch && (w->item[i].place != RETIRED || is_locked(&w->item[i])))
            return false;
    return !w->batch[batch].current;
}

static void reclaim_lent(struct world *w)
{
    for (size_t i = 0; i < w->item_count; i++)
        if (w->item[i].place == LENT && !is_locked(&w->item[i]))
            come_home(w, &w->item[i]);
}

static bool is_available(const struct world *w, const struct item *item)
{
    return w->batch[item->batch].current && (item->place == FREE || item->place == PENDING) &&
           !is_locked(item);
}

static bool any_available(const struct world *w)
{
    for (size_t b = 0; b < w->batch_count; b++)
        if (w->batch[b].current && w->batch[b].unseen)
            return true;
    for (size_t i = 0; i < w->item_count; i++)
        if (is_available(w, &w->item[i]))
            return true;
    return false;
}

static unsigned int new_batch(struct world *w, bool growth, unsigned int unseen)
{
    w->batch[w->batch_count] = (struct batch){.current = true, .growth = growth, .unseen = unseen};
    return (unsigned int)w->batch_count++;
}

/* One lease of an item less, or the last. */
static void end_lease(struct world *w, struct item *item)
{
    if (leases(item))
        return;
    if (item->marked)
        item->place = LENT;
    else
        come_home(w, item);
    item->marked = false;
    item->produced = false;
}

static void lease_item(struct item *item)
{
    item->place = LEASED;
    item->plain = 1;
    item->produced = false;
}

/* --- acquire */

/* A pointer that was not seen before, or whose former frame is gone. */
static struct item *see(struct world *w, mfxFrameSurface1 *surface, bool grew)
{
    struct item *item = find(w, surface);
    unsigned int batch = 0;
    if (grew) {
        w->count++;
        batch = new_batch(w, true, 0);
    } else {
        while (batch < w->batch_count && !(w->batch[batch].current && w->batch[batch].unseen))
            batch++;
        FUZZ_CHECK(batch < w->batch_count); /* else this surface cannot be */
        w->batch[batch].unseen--;
    }
    if (item)
        FUZZ_CHECK(is_complete(w, item->batch));
    else
        item = &w->item[w->item_count++];
    FUZZ_CHECK(w->item_count <= MOST_ITEMS);
    *item = (struct item){.surface = surface, .batch = batch};
    FUZZ_SAME(surface->Data.Locked, 0);
    FUZZ_SAME(surface->FrameInterface != NULL, w->has_interface);
    return item;
}

static void call_acquire(struct world *w)
{
    static const char *const tags[] = {NULL, "decoder", "encoder"};
    struct vfa_pool_want want = vfa_pool_want_defaults();
    mfxFrameSurface1 *surface = (mfxFrameSurface1 *)(void *)w;
    if (!any_available(w) && w->fed && !w->closed)
        reclaim_lent(w);
    bool there = any_available(w), grows = !there && w->count < most(w);
    want.tag = FUZZ_PICK(&w->in, tags);
    mfxStatus status = vfa_pool_acquire_as(w->pool, &want, &surface);
    if (w->closed) {
        FUZZ_SAME(status, MFX_ERR_ABORTED);
    } else if (!there && (!grows || w->faulty)) {
        FUZZ_CHECK(status == MFX_WRN_ALLOC_TIMEOUT_EXPIRED || (grows && status == MFX_ERR_NONE));
    } else {
        FUZZ_SAME(status, MFX_ERR_NONE);
    }
    if (status != MFX_ERR_NONE) {
        FUZZ_CHECK(!surface);
        return;
    }
    struct item *item = find(w, surface);
    if (!item || !is_available(w, item))
        item = see(w, surface, !there);
    lease_item(item);
    FUZZ_CHECK(surface->Info.Width <= w->request.Info.Width || w->is_brought);
}

/* --- leases */

static struct item *read_item(struct world *w)
{
    return w->item_count ? &w->item[fuzz_u8(&w->in) % w->item_count] : NULL;
}

/* Whether the caller has a lease that is no map's and no operation's: to end those is a mistake that nobody
 * can tell from Unmap.
 */
static bool owns_one(const struct item *item)
{
    return item->plain > item->maps + item->operating;
}

static void call_release(struct world *w, bool by_interface)
{
    struct item *item = read_item(w);
    if (!item || (item->plain && !owns_one(item)))
        return;
    if (by_interface && (!w->has_interface || !item->plain))
        return;
    mfxFrameSurface1 *surface = item->surface;
    mfxStatus status =
        by_interface ? surface->FrameInterface->Release(surface) : vfa_pool_release(w->pool, surface);
    FUZZ_SAME(status, item->plain ? MFX_ERR_NONE : MFX_ERR_UNDEFINED_BEHAVIOR);
    if (status != MFX_ERR_NONE)
        return;
    item->plain--;
    end_lease(w, item);
}

static void call_ref(struct world *w, bool by_interface, bool to_the_limit)
{
    struct item *item = read_item(w);
    if (!item || (by_interface && (!w->has_interface || !leases(item))))
        return;
    mfxFrameSurface1 *surface = item->surface;
    do {
        mfxStatus predicted = !leases(item)                ? MFX_ERR_UNDEFINED_BEHAVIOR
                              : item->plain == MOST_LEASED ? MFX_ERR_NOT_ENOUGH_BUFFER
                                                           : MFX_ERR_NONE;
        mfxStatus status =
            by_interface ? surface->FrameInterface->AddRef(surface) : vfa_pool_ref(w->pool, surface);
        FUZZ_SAME(status, predicted);
        to_the_limit = to_the_limit && status == MFX_ERR_NONE;
        item->plain += status == MFX_ERR_NONE;
    } while (to_the_limit);
}

static void call_claim(struct world *w)
{
    struct item *item = read_item(w);
    if (!item || (item->plain && !owns_one(item)) || w->lease_count == MOST_LEASES)
        return;
    struct vfa_lease *lease = &w->lease[w->lease_count];
    mfxStatus predicted = !item->plain                          ? MFX_ERR_UNDEFINED_BEHAVIOR
                          : item->tokens == VFA_POOL_TOKENS_MAX ? MFX_ERR_NOT_ENOUGH_BUFFER
                                                                : MFX_ERR_NONE;
    FUZZ_SAME(vfa_pool_claim(w->pool, item->surface, lease), predicted);
    FUZZ_SAME(lease->surface != NULL, predicted == MFX_ERR_NONE);
    if (predicted != MFX_ERR_NONE)
        return;
    item->plain--;
    item->tokens++;
    w->lease_live[w->lease_count++] = true;
}

/* A lease that stands, one that has ended, or one that was made up. */
static void call_end(struct world *w)
{
    struct vfa_lease lease;
    if (!w->lease_count)
        return;
    size_t which = fuzz_u8(&w->in) % w->lease_count;
    mfxU8 forged = fuzz_u8(&w->in);
    lease = w->lease[which];
    if (forged >= 192)
        lease.token ^= UINT64_C(1) << forged % 64;
    for (size_t i = 0; i < w->lease_count && forged >= 192; i++) /* perhaps it is another's */
        if (w->lease[i].surface == lease.surface && w->lease[i].token == lease.token)
            return;
    bool stands = w->lease_live[which] && forged < 192;
    FUZZ_SAME(vfa_pool_end(w->pool, &lease), stands ? MFX_ERR_NONE : MFX_ERR_UNDEFINED_BEHAVIOR);
    FUZZ_SAME(lease.surface == NULL, stands);
    if (!stands)
        return;
    struct item *item = find(w, w->lease[which].surface);
    w->lease_live[which] = false;
    item->tokens--;
    end_lease(w, item);
}

/* --- settle, and the runtime */

static mfxStatus predict_exchange(const struct world *w, const struct item *work, const struct item *out)
{
    if (!work->plain || work->marked || (leases(work) > 1 && !w->has_interface))
        return MFX_ERR_UNDEFINED_BEHAVIOR;
    if (out && out->marked)
        return out->plain == MOST_LEASED ? MFX_ERR_UNDEFINED_BEHAVIOR : MFX_ERR_NONE;
    if (!out)
        return MFX_ERR_NONE;
    return out->place == LENT || out->place == PENDING || out->place == RETIRED ? MFX_ERR_NONE
                                                                                : MFX_ERR_UNDEFINED_BEHAVIOR;
}

static void exchange(struct item *work, struct item *out)
{
    work->plain--;
    if (leases(work))
        work->marked = true;
    else
        work->place = LENT;
    if (!out)
        return;
    if (out->marked) {
        out->marked = false;
        out->plain++;
    } else {
        lease_item(out);
    }
}

static void call_settle(struct world *w)
{
    struct item *work = read_item(w), *out = fuzz_u8(&w->in) & 1 ? read_item(w) : NULL;
    if (fuzz_u8(&w->in) >= 240) /* feeding moves here */
        work = out = NULL;
    if (work && fuzz_u8(&w->in) & 1 && (work->plain || work->tokens))
        work->surface->Data.Locked++; /* the runtime keeps it */
    if ((work && work->plain && !owns_one(work)) ||
        (out && out->place == RETIRED && is_complete(w, out->batch)))
        return;
    bool lends = work && work != out;
    mfxStatus predicted = lends                 ? predict_exchange(w, work, out)
                          : out && !leases(out) ? MFX_ERR_UNDEFINED_BEHAVIOR
                                                : MFX_ERR_NONE;
    FUZZ_SAME(vfa_pool_settle(w->pool, work ? work->surface : NULL, out ? out->surface : NULL), predicted);
    if (predicted != MFX_ERR_NONE)
        return;
    w->fed = true;
    if (lends)
        exchange(work, out);
    reclaim_lent(w);
}

/* The runtime locks what it has, and lets go when it likes. */
static void call_runtime(struct world *w)
{
    struct item *item = read_item(w);
    if (!item)
        return;
    mfxU16 *locked = &item->surface->Data.Locked;
    bool has_it = item->place == LEASED || item->place == LENT;
    if (has_it && fuzz_u8(&w->in) & 1)
        ++*locked;
    else if (*locked)
        --*locked;
}

/* --- other frames */

static mfxFrameAllocRequest read_request(struct fuzz_input *in)
{
    mfxU8 what = fuzz_u8(in);
    mfxFrameAllocRequest request;
    memset(&request, 0, sizeof request);
    request.Info.FourCC = what & 64 ? MFX_FOURCC_YUY2 : MFX_FOURCC_NV12;
    request.Info.ChromaFormat = what & 64 ? MFX_CHROMAFORMAT_YUV422 : MFX_CHROMAFORMAT_YUV420;
    request.Info.Width = what & 1 ? 32 : 64;
    request.Info.Height = what & 2 ? 32 : 64;
    request.Type = MFX_MEMTYPE_SYSTEM_MEMORY | MFX_MEMTYPE_EXTERNAL_FRAME | MFX_MEMTYPE_FROM_VPPIN;
    request.NumFrameMin = request.NumFrameSuggested = (mfxU16)((what >> 2 & 3) + (what < 240));
    return request;
}

static void read_hints(struct world *w)
{
    w->hints = (mfxExtAllocationHints){.Header = {MFX_EXTBUFF_ALLOCATION_HINTS, sizeof w->hints}};
    w->hints.AllocationPolicy = (mfxPoolAllocationPolicy)fuzz_below(&w->in, 4); /* 3 is none */
    w->hints.NumberToPreAllocate = fuzz_below(&w->in, 4);
    w->hints.DeltaToAllocateOnTheFly = fuzz_below(&w->in, 3);
}

/* How many surfaces there will be; false when the request or the hints are no good. */
static bool size_for(const struct world *w, const mfxFrameAllocRequest *request, unsigned int *initial,
                     unsigned int *limit)
{
    *initial = *limit = request->NumFrameSuggested;
    if (w->hinted) {
        *initial = w->hints.NumberToPreAllocate;
        if (w->hints.AllocationPolicy == MFX_ALLOCATION_UNLIMITED)
            *limit = 1024;
        else if (w->hints.AllocationPolicy == MFX_ALLOCATION_LIMITED)
            *limit = *initial + w->hints.DeltaToAllocateOnTheFly;
        else if (w->hints.AllocationPolicy != MFX_ALLOCATION_OPTIMAL)
            return false;
        *limit = *limit < *initial ? *initial : *limit;
    }
    return *limit;
}

static bool fits(const struct world *w, const mfxFrameAllocRequest *request, unsigned int limit)
{
    const mfxFrameInfo *have = &w->request.Info, *want = &request->Info;
    return have->FourCC == want->FourCC && want->Width <= have->Width && want->Height <= have->Height &&
           limit <= w->limit;
}

static void call_reset(struct world *w)
{
    mfxFrameAllocRequest request = read_request(&w->in);
    unsigned int initial, limit;
    bool replaced = true, good = size_for(w, &request, &initial, &limit);
    if (w->resets++ == MOST_RESETS)
        return;
    mfxStatus predicted = w->is_brought ? MFX_ERR_UNSUPPORTED
                          : !good       ? MFX_ERR_INVALID_VIDEO_PARAM
                          : w->closed   ? MFX_ERR_ABORTED
                                        : MFX_ERR_NONE;
    mfxStatus status = vfa_pool_reset(w->pool, &request, &replaced);
    if (w->faulty && predicted == MFX_ERR_NONE)
        FUZZ_CHECK(status <= MFX_ERR_NONE);
    else
        FUZZ_SAME(status, predicted);
    FUZZ_SAME(replaced, status == MFX_ERR_NONE && !fits(w, &request, limit));
    if (!replaced)
        return;
    for (size_t b = 0; b < w->batch_count; b++)
        w->batch[b].current = false;
    for (size_t i = 0; i < w->item_count; i++)
        if (w->item[i].place == FREE || w->item[i].place == PENDING)
            w->item[i].place = RETIRED;
    (void)new_batch(w, false, initial);
    w->request = request;
    w->count = initial;
    w->limit = limit;
}

static void call_trim(struct world *w)
{
    unsigned int predicted = 0;
    for (size_t i = 0; i < w->item_count && !w->is_brought; i++) {
        struct item *item = &w->item[i];
        struct batch *batch = &w->batch[item->batch];
        if (!batch->growth || !is_available(w, item))
            continue;
        batch->current = false; /* each of these has one surface */
        item->place = RETIRED;
        predicted++;
    }
    FUZZ_SAME(vfa_pool_trim(w->pool, 0), predicted);
    w->count -= predicted;
}

/* --- the frame interface */

static mfxStatus end_operation(void *user, mfxFrameSurface1 *surface, mfxU32 wait_ms)
{
    (void)surface, (void)wait_ms;
    return user ? MFX_ERR_ABORTED : MFX_ERR_NONE;
}

static void call_produce(struct world *w)
{
    struct item *item = read_item(w);
    if (!item || !w->has_interface || !leases(item))
        return;
    void *fails = fuzz_u8(&w->in) & 1 ? w : NULL;
    FUZZ_SAME(vfa_surface_produce(item->surface, end_operation, fails),
              item->operating ? MFX_ERR_UNDEFINED_BEHAVIOR : MFX_ERR_NONE);
    if (item->operating)
        return;
    item->produced = true;
    if (fuzz_u8(&w->in) & 1)
        FUZZ_SAME(item->surface->FrameInterface->Synchronize(item->surface, 0),
                  fails ? MFX_ERR_ABORTED : MFX_ERR_NONE);
}

static void call_operation(struct world *w)
{
    struct item *item = read_item(w);
    mfxU8 how = fuzz_u8(&w->in);
    if (!item || !w->has_interface || !leases(item))
        return;
    if (how & 1) {
        mfxStatus predicted = item->plain == MOST_LEASED ? MFX_ERR_NOT_ENOUGH_BUFFER
                              : item->operating          ? MFX_ERR_UNDEFINED_BEHAVIOR
                                                         : MFX_ERR_NONE;
        FUZZ_SAME(vfa_surface_begin(item->surface), predicted);
        if (predicted != MFX_ERR_NONE)
            return;
        item->plain++;
        item->operating = item->produced = true;
        FUZZ_SAME(item->surface->FrameInterface->Synchronize(item->surface, 0), MFX_WRN_IN_EXECUTION);
        return;
    }
    FUZZ_SAME(vfa_surface_complete(item->surface, how & 2 ? MFX_ERR_ABORTED : MFX_ERR_NONE),
              item->operating ? MFX_ERR_NONE : MFX_ERR_UNDEFINED_BEHAVIOR);
    if (!item->operating)
        return;
    item->operating = false;
    item->plain--;
    end_lease(w, item);
}

static void call_map(struct world *w)
{
    static const mfxU32 choices[] = {
        MFX_MAP_READ, MFX_MAP_READ | MFX_MAP_NOWAIT, MFX_MAP_WRITE, MFX_MAP_READ_WRITE, 0, 8};
    struct item *item = read_item(w);
    mfxU32 flags = FUZZ_PICK(&w->in, choices);
    if (!item || !w->has_interface || !leases(item) ||
        ((item->writer || item->operating) && flags == MFX_MAP_READ))
        return; /* the last would wait for itself */
    mfxStatus predicted = MFX_ERR_NONE;
    if (!flags || flags == 8)
        predicted = MFX_ERR_UNSUPPORTED;
    else if (item->plain == MOST_LEASED)
        predicted = MFX_ERR_NOT_ENOUGH_BUFFER;
    else if (flags & MFX_MAP_WRITE)
        predicted = item->maps || item->operating || is_locked(item) ? MFX_ERR_LOCK_MEMORY : MFX_ERR_NONE;
    else if (item->writer || item->operating)
        predicted = MFX_ERR_RESOURCE_MAPPED;
    mfxStatus status = item->surface->FrameInterface->Map(item->surface, flags);
    if (!(item->produced && status == MFX_ERR_ABORTED && flags == MFX_MAP_READ))
        FUZZ_SAME(status, predicted);
    if (status != MFX_ERR_NONE)
        return;
    FUZZ_CHECK(item->surface->Data.Y);
    item->surface->Data.Y[0] = 1;
    item->plain++;
    item->maps++;
    item->writer = flags & MFX_MAP_WRITE;
}

static void call_unmap(struct world *w)
{
    struct item *item = read_item(w);
    if (!item || !w->has_interface || !leases(item))
        return;
    FUZZ_SAME(item->surface->FrameInterface->Unmap(item->surface),
              item->maps ? MFX_ERR_NONE : MFX_ERR_UNSUPPORTED);
    if (!item->maps)
        return;
    item->writer = false;
    item->maps--;
    item->plain--;
    end_lease(w, item);
}

static void call_ask(struct world *w)
{
    struct item *item = read_item(w);
    mfxU32 counter;
    mfxHDL handle;
    mfxResourceType resource;
    mfxHandleType type;
    static const mfxGUID nobody;
    if (!item || !w->has_interface || !leases(item))
        return;
    mfxFrameSurface1 *surface = item->surface;
    mfxFrameSurfaceInterface *interface = surface->FrameInterface;
    FUZZ_SAME(interface->GetRefCounter(surface, &counter), MFX_ERR_NONE);
    FUZZ_SAME(counter, leases(item) - item->maps);
    FUZZ_SAME(interface->GetNativeHandle(surface, &handle, &resource), MFX_ERR_UNSUPPORTED);
    FUZZ_SAME(interface->GetDeviceHandle(surface, &handle, &type), MFX_ERR_UNSUPPORTED);
    FUZZ_SAME(interface->QueryInterface(surface, nobody, &handle), MFX_ERR_UNSUPPORTED);
    interface->OnComplete(MFX_ERR_NONE);
    FUZZ_SAME(interface->QueryInterface(surface, MFX_GUID_SURFACE_POOL, &handle), MFX_ERR_NONE);
    FUZZ_CHECK(!w->pool_interface || w->pool_interface == handle);
    w->pool_interface = handle;
    w->pool_references++;
}

static bool is_optimal(const struct world *w)
{
    return w->hinted && w->hints.AllocationPolicy == MFX_ALLOCATION_OPTIMAL;
}

/* A component says what it needs; few, so that the pool has places for them after every reset. */
static void call_claim_surfaces(struct world *w)
{
    mfxU32 number = fuzz_below(&w->in, 5);
    if (w->claimed + number > 8)
        return;
    mfxStatus status = w->pool_interface->SetNumSurfaces(w->pool_interface, number);
    if (!is_optimal(w))
        FUZZ_SAME(status, MFX_WRN_INCOMPATIBLE_VIDEO_PARAM);
    else if (!w->faulty)
        FUZZ_SAME(status, MFX_ERR_NONE);
    w->claimed += status == MFX_ERR_NONE ? number : 0;
}

static void call_pool_interface(struct world *w)
{
    mfxSurfacePoolInterface *pool = w->pool_interface;
    mfxU32 number;
    if (!w->pool_references)
        return;
    switch (fuzz_below(&w->in, 4)) {
    case 0:
        FUZZ_SAME(pool->AddRef(pool), MFX_ERR_NONE);
        w->pool_references++;
        break;
    case 1:
        if (w->pool_references > 1)
            FUZZ_SAME(pool->Release(pool), MFX_ERR_NONE);
        w->pool_references -= w->pool_references > 1;
        break;
    case 2:
        call_claim_surfaces(w);
        break;
    default: /* more than anybody claimed */
        FUZZ_SAME(pool->RevokeSurfaces(pool, 1000),
                  is_optimal(w) ? MFX_WRN_OUT_OF_RANGE : MFX_WRN_INCOMPATIBLE_VIDEO_PARAM);
    }
    FUZZ_SAME(pool->GetRefCounter(pool, &number), MFX_ERR_NONE);
    FUZZ_SAME(number, w->pool_references);
    FUZZ_SAME(pool->GetMaximumPoolSize(pool, &number), MFX_ERR_NONE);
    FUZZ_SAME(pool->GetCurrentPoolSize(pool, &number), MFX_ERR_NONE);
}

/* Whether an acquire by the thread that settled would find a lent surface let go. */
static bool any_let_go(const struct world *w)
{
    for (size_t i = 0; i < w->item_count; i++)
        if (w->fed && w->item[i].place == LENT && !is_locked(&w->item[i]))
            return true;
    return false;
}

/* There is nobody who waits; who is cancelled and finds nothing free neither waits nor makes a surface. */
static void call_cancel(struct world *w)
{
    struct vfa_pool_cancel cancel = {0};
    struct vfa_pool_want want = vfa_pool_want_defaults();
    mfxFrameSurface1 *surface;
    const mfxFrameAllocResponse *response = vfa_pool_response(w->pool);
    FUZZ_SAME(response != NULL, !w->is_brought);
    FUZZ_SAME(vfa_pool_cancel_waits(w->pool, &cancel), MFX_ERR_NONE);
    if (!w->closed && (any_available(w) || any_let_go(w)))
        return;
    want.timeout_ms = -1;
    want.cancel = &cancel;
    FUZZ_SAME(vfa_pool_acquire_as(w->pool, &want, &surface), w->closed ? MFX_ERR_ABORTED : MFX_ERR_NOT_FOUND);
    FUZZ_CHECK(!surface);
}

/* --- surfaces that are nobody's, and nothing at all */

static void call_strange(struct world *w)
{
    mfxFrameSurface1 own;
    struct item *item = read_item(w);
    mfxU8 how = fuzz_u8(&w->in);
    mfxFrameSurface1 *strange = &own;
    struct vfa_lease lease = {&own, fuzz_u64(&w->in)};
    memset(&own, 0, sizeof own);
    if (how & 1 && item) /* into the midst of one */
        lease.surface = strange = (mfxFrameSurface1 *)(void *)((mfxU8 *)item->surface + 8 + how % 100);
    FUZZ_SAME(vfa_pool_release(w->pool, strange), MFX_ERR_INVALID_HANDLE);
    FUZZ_SAME(vfa_pool_ref(w->pool, strange), MFX_ERR_INVALID_HANDLE);
    FUZZ_SAME(vfa_pool_settle(w->pool, strange, NULL), MFX_ERR_INVALID_HANDLE);
    FUZZ_SAME(vfa_pool_tag(w->pool, strange, NULL), MFX_ERR_INVALID_HANDLE);
    FUZZ_SAME(vfa_pool_end(w->pool, &lease), MFX_ERR_INVALID_HANDLE);
    FUZZ_SAME(vfa_pool_claim(w->pool, strange, &lease), MFX_ERR_INVALID_HANDLE);
    FUZZ_SAME(vfa_pool_release(w->pool, NULL), MFX_ERR_NULL_PTR);
    FUZZ_SAME(vfa_pool_settle(w->pool, NULL, strange), MFX_ERR_NULL_PTR);
    if (!item || !w->has_interface || !leases(item))
        return;
    mfxFrameSurfaceInterface *interface = item->surface->FrameInterface, copy = *interface;
    FUZZ_SAME(interface->AddRef(NULL), MFX_ERR_NULL_PTR);
    FUZZ_SAME(interface->AddRef(&own), MFX_ERR_INVALID_HANDLE);
    own.FrameInterface = &copy; /* a table that is elsewhere */
    FUZZ_SAME(interface->AddRef(&own), MFX_ERR_INVALID_HANDLE);
    FUZZ_SAME(interface->Map(&own, MFX_MAP_READ), MFX_ERR_INVALID_HANDLE);
    FUZZ_SAME(interface->Unmap(&own), MFX_ERR_INVALID_HANDLE);
    FUZZ_SAME(interface->Release(&own), MFX_ERR_INVALID_HANDLE);
}

/* --- figures */

static void check_stats(struct world *w)
{
    struct vfa_pool_stats stats;
    unsigned int places[RETIRED + 1] = {0};
    for (size_t b = 0; b < w->batch_count; b++)
        places[FREE] += w->batch[b].current ? w->batch[b].unseen : 0;
    for (size_t i = 0; i < w->item_count; i++) {
        const struct item *item = &w->item[i];
        places[item->place == PENDING && !is_locked(item) ? FREE : item->place]++;
    }
    FUZZ_SAME(vfa_pool_stats(w->pool, &stats), MFX_ERR_NONE);
    FUZZ_SAME(stats.free, places[FREE]);
    FUZZ_SAME(stats.pending, places[PENDING]);
    FUZZ_SAME(stats.lent, places[LENT]);
    FUZZ_SAME(stats.leased, places[LEASED]);
    FUZZ_SAME(stats.surfaces, stats.free + stats.pending + stats.lent + stats.leased);
    FUZZ_SAME(stats.limit, most(w));
}

static void call_report(struct world *w)
{
    char text[512];
    struct vfa_pool_holder holders[3];
    size_t room = fuzz_u16(&w->in) % sizeof text;
    memset(text, 0x7f, sizeof text);
    size_t length = vfa_pool_explain(w->pool, text, room);
    if (room)
        FUZZ_CHECK(strnlen(text, room) == (length < room ? length : room - 1));
    FUZZ_SAME(text[room], 0x7f);
    (void)vfa_pool_holders(w->pool, holders, fuzz_below(&w->in, 4));
    vfa_pool_poke(w->pool);
}

static void call(struct world *w)
{
    mfxU8 what = fuzz_u8(&w->in), fault = fuzz_u8(&w->in);
    w->faulty = fault >= 232;
    if (w->faulty) {
        w->memory.fail_at = atomic_load(&w->memory.requests) + 1 + fault % 4;
        w->frame_memory.fail_at = atomic_load(&w->frame_memory.requests) + 1 + fault / 4 % 4;
    }
    switch (what % 20) {
    case 0:
    case 1:
    case 2:
    case 3:
        call_acquire(w);
        break;
    case 4:
    case 5:
    case 6:
        call_release(w, what & 1);
        break;
    case 7:
        call_ref(w, what & 32, what >= 240);
        break;
    case 8:
        call_claim(w);
        break;
    case 9:
        call_end(w);
        break;
    case 10:
    case 11:
        call_settle(w);
        break;
    case 12:
    case 13:
        call_runtime(w);
        break;
    case 14:
        call_reset(w);
        break;
    case 15:
        call_trim(w);
        break;
    case 16:
        call_map(w);
        break;
    case 17:
        call_unmap(w);
        break;
    case 18:
        if (what & 64)
            call_ask(w);
        else if (what & 32)
            call_pool_interface(w);
        else if (what & 128)
            call_operation(w);
        else
            call_produce(w);
        break;
    default:
        if (what >= 250) {
            vfa_pool_close(w->pool);
            w->closed = true;
        } else if (what & 64) {
            call_strange(w);
        } else if (what & 128) {
            call_cancel(w);
        } else {
            call_report(w);
        }
    }
    w->memory.fail_at = w->frame_memory.fail_at = 0;
    check_stats(w);
}

/* --- beginning and end */

static void bring(struct world *w, struct vfa_pool_config *config)
{
    config->surfaces = w->brought;
    config->surface_count = 1 + fuzz_below(&w->in, MOST_SURFACES);
    unsigned int batch = new_batch(w, false, 0);
    w->count = w->limit = (unsigned int)config->surface_count;
    for (size_t i = 0; i < config->surface_count; i++) {
        w->brought[i].Data.MemId = w->pixels;
        w->brought[i].Data.Locked = fuzz_u8(&w->in) >= 192;
        w->item[i] = (struct item){.surface = &w->brought[i], .batch = batch};
        come_home(w, &w->item[i]);
    }
    w->item_count = config->surface_count;
}

/* False when there is no pool, as predicted. */
static bool open_world(struct world *w)
{
    mfxU8 how = fuzz_u8(&w->in);
    struct vfa_memory memory = test_memory_manager(&w->memory),
                      of_frames = test_memory_manager(&w->frame_memory);
    struct vfa_allocator_config frames = vfa_allocator_config_defaults();
    struct vfa_pool_config config = vfa_pool_config_defaults();
    struct vfa_interface_config interface = vfa_interface_config_defaults();
    unsigned int initial = 0;
    bool good = true;
    frames.memory = &of_frames;
    FUZZ_SAME(vfa_allocator_create(&w->frames, &frames), MFX_ERR_NONE);
    config.memory = &memory;
    w->is_brought = how >= 224;
    if (w->is_brought) {
        bring(w, &config);
    } else {
        w->request = config.request = read_request(&w->in);
        w->hinted = how & 1;
        if (w->hinted)
            read_hints(w);
        w->has_interface = how & 2;
        config.allocator = vfa_allocator_mfx(w->frames);
        config.hints = w->hinted ? &w->hints : NULL;
        config.mode = how & 2 || how & 4 ? VFA_SURFACE_MEMID : VFA_SURFACE_POINTERS;
        config.frame_interface = w->has_interface ? &interface : NULL;
        good = size_for(w, &config.request, &initial, &w->limit);
        w->count = initial;
        (void)new_batch(w, false, initial);
    }
    w->memory.fail_at = how & 8 ? 1 + fuzz_below(&w->in, 16) : 0;
    mfxStatus status = vfa_pool_create(&w->pool, &config);
    if (w->memory.fail_at && status == MFX_ERR_MEMORY_ALLOC)
        good = false;
    else
        FUZZ_SAME(status, good ? MFX_ERR_NONE : MFX_ERR_INVALID_VIDEO_PARAM);
    w->memory.fail_at = 0;
    FUZZ_SAME(w->pool != NULL, good);
    return good;
}

/* Ends all leases, in the application's order; the pool may be destroyed by then, and is gone with the last.
 */
static void end_leases(struct world *w, struct vfa_pool *pool)
{
    for (size_t i = 0; i < w->lease_count; i++)
        if (w->lease_live[i])
            FUZZ_SAME(vfa_pool_end(pool, &w->lease[i]), MFX_ERR_NONE);
    for (size_t i = 0; i < w->item_count; i++) {
        struct item *item = &w->item[i];
        if (item->operating)
            FUZZ_SAME(vfa_surface_complete(item->surface, MFX_ERR_NONE), MFX_ERR_NONE);
        item->plain -= item->operating;
        for (; item->maps; item->maps--, item->plain--)
            FUZZ_SAME(item->surface->FrameInterface->Unmap(item->surface), MFX_ERR_NONE);
        for (; item->plain; item->plain--)
            FUZZ_SAME(vfa_pool_release(pool, item->surface), MFX_ERR_NONE);
    }
}

static void close_world(struct world *w)
{
    struct vfa_pool *pool = w->pool;
    struct vfa_stats stats;
    if (fuzz_u8(&w->in) & 1) {
        vfa_pool_destroy(&w->pool);
        end_leases(w, pool);
    } else {
        end_leases(w, pool);
        vfa_pool_destroy(&w->pool);
    }
    for (mfxU32 size; w->pool_references; w->pool_references--) { /* which may outlive the pool */
        FUZZ_SAME(w->pool_interface->GetCurrentPoolSize(w->pool_interface, &size), MFX_ERR_NONE);
        FUZZ_SAME(size, 0);
        FUZZ_SAME(w->pool_interface->Release(w->pool_interface), MFX_ERR_NONE);
    }
    FUZZ_SAME(vfa_allocator_stats(w->frames, &stats), MFX_ERR_NONE);
    FUZZ_SAME(stats.responses_live, 0);
    FUZZ_SAME(stats.frames_locked, 0);
    FUZZ_SAME(stats.frames_retired, 0);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world *w = calloc(1, sizeof *w);
    FUZZ_CHECK(w);
    w->in = (struct fuzz_input){data, size};
    if (open_world(w)) {
        for (int i = 0; i < MOST_CALLS && w->in.left; i++)
            call(w);
        close_world(w);
    }
    FUZZ_SAME(w->memory.live_blocks, 0);
    FUZZ_SAME(w->memory.mismatches, 0);
    vfa_allocator_destroy(&w->frames);
    FUZZ_SAME(w->frame_memory.live_blocks, 0);
    free(w);
    return 0;
}
