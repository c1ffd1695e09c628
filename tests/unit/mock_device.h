/* Video memory that exists only in tests, behind the backend vtable: it checks what the allocator guarantees
 * a backend, and fails where it is told to. The plain fields of a frame are unguarded on purpose: the
 * allocator sees to it that no two calls for one frame meet, and the race detector watches. */
#ifndef VFA_TEST_MOCK_DEVICE_H
#define VFA_TEST_MOCK_DEVICE_H

#include "fixture.h"

#include <pthread.h>
#include <stdbool.h>

#define DEVICE_FRAMES 32
#define DEVICE_SIZE   64
#define TYPE_VIDEO \
    (MFX_MEMTYPE_FROM_DECODE | MFX_MEMTYPE_EXTERNAL_FRAME | MFX_MEMTYPE_VIDEO_MEMORY_DECODER_TARGET)
#define TYPE_EITHER                                                                                   \
    (MFX_MEMTYPE_FROM_ENCODE | MFX_MEMTYPE_EXTERNAL_FRAME | MFX_MEMTYPE_VIDEO_MEMORY_DECODER_TARGET | \
     MFX_MEMTYPE_SYSTEM_MEMORY)

struct device_frame {
    mfxU8 pixels[DEVICE_SIZE * DEVICE_SIZE * 3 / 2];
    atomic_int used; /* by a set */
    atomic_int busy; /* a call for this frame is in progress */
    mfxU32 rights;   /* of its map; 0: not mapped */
    int visits;
};

struct device {
    struct device_frame frame[DEVICE_FRAMES];
    atomic_int creates, maps, unmaps, remaps, sets, finished, broken_promises;
    mfxStatus create_status, map_status, unmap_status, remap_status;
    const char *reason; /* what a failing create explains; NULL: nothing */
    atomic_uint last_flags, last_held, last_wanted;
    const void *last_detail;
};

struct device_set {
    size_t count;
    struct device_frame *frame[DEVICE_FRAMES];
};

static inline void device_enter(struct device *d, struct device_frame *frame)
{
    pthread_testcancel(); /* as a driver does that waits */
    /* Relaxed, so that the counting itself orders nothing. */
    if (atomic_exchange_explicit(&frame->busy, 1, memory_order_relaxed) ||
        !atomic_load_explicit(&frame->used, memory_order_relaxed))
        atomic_fetch_add(&d->broken_promises, 1);
}

static inline void device_leave(struct device_frame *frame)
{
    atomic_store_explicit(&frame->busy, 0, memory_order_relaxed);
}

static inline void device_destroy(void *self, const struct vfa_backend_host *host,
                                  const struct vfa_backend_set *made)
{
    struct device *d = self;
    struct device_set *set = made->set;
    for (size_t i = 0; i < set->count; i++) {
        device_enter(d, set->frame[i]);
        if (set->frame[i]->rights)
            atomic_fetch_add(&d->broken_promises, 1);
        set->frame[i]->rights = 0;
        device_leave(set->frame[i]);
        atomic_store(&set->frame[i]->used, 0);
    }
    host->release(host, set, sizeof *set, VFA_MEMORY_BOOK);
    atomic_fetch_sub(&d->sets, 1);
}

static inline mfxStatus device_create(void *self, const struct vfa_backend_host *host,
                                      const struct vfa_backend_order *order, struct vfa_backend_frame *frames,
                                      struct vfa_backend_set *made)
{
    struct device *d = self;
    pthread_testcancel();
    atomic_fetch_add(&d->creates, 1);
    d->last_detail = order->detail;
    if (d->create_status != MFX_ERR_NONE) {
        made->width_px = made->rows = 1 << 16; /* of no meaning now */
        if (d->reason)
            host->explain(host, "%s", d->reason);
        return d->create_status;
    }
    struct device_set *set = host->allocate(host, sizeof *set, _Alignof(struct device_set), VFA_MEMORY_BOOK);
    if (!set)
        return MFX_ERR_MEMORY_ALLOC;
    for (size_t i = 0; i < DEVICE_FRAMES && set->count < order->count; i++) {
        if (atomic_exchange(&d->frame[i].used, 1))
            continue;
        frames[set->count].frame = set->frame[set->count] = &d->frame[i];
        set->count++;
    }
    made->set = set;
    made->count = (mfxU16)set->count;
    made->bytes = set->count * sizeof d->frame[0].pixels;
    atomic_fetch_add(&d->sets, 1);
    if (set->count >= order->min)
        return MFX_ERR_NONE;
    device_destroy(d, host, made);
    return MFX_ERR_MEMORY_ALLOC;
}

static inline mfxStatus device_map(void *self, const struct vfa_backend_host *host, void *frame, mfxU32 flags,
                                   mfxFrameData *view)
{
    struct device *d = self;
    struct device_frame *f = frame;
    atomic_store(&d->last_flags, flags);
    if (d->map_status != MFX_ERR_NONE) {
        host->explain(host, "cannot map");
        return d->map_status;
    }
    device_enter(d, f);
    if (f->rights)
        atomic_fetch_add(&d->broken_promises, 1);
    f->rights = flags & MFX_MAP_READ_WRITE;
    atomic_fetch_add(&d->maps, 1);
    view->PitchLow = DEVICE_SIZE;
    view->Y = f->pixels;
    view->UV = view->Y + DEVICE_SIZE * DEVICE_SIZE;
    view->V = view->UV + 1;
    device_leave(f);
    return MFX_ERR_NONE;
}

static inline mfxStatus device_unmap(void *self, const struct vfa_backend_host *host, void *frame,
                                     mfxFrameData *view)
{
    struct device *d = self;
    struct device_frame *f = frame;
    device_enter(d, f);
    if (!f->rights || view->Y != f->pixels)
        atomic_fetch_add(&d->broken_promises, 1);
    f->rights = 0;
    atomic_fetch_add(&d->unmaps, 1);
    device_leave(f);
    if (d->unmap_status != MFX_ERR_NONE)
        host->explain(host, "cannot unmap");
    return d->unmap_status;
}

static inline mfxStatus device_remap(void *self, const struct vfa_backend_host *host, void *frame,
                                     mfxU32 held, mfxU32 wanted)
{
    struct device *d = self;
    struct device_frame *f = frame;
    (void)host;
    atomic_store(&d->last_held, held);
    atomic_store(&d->last_wanted, wanted);
    if (d->remap_status != MFX_ERR_NONE)
        return d->remap_status;
    device_enter(d, f);
    if (f->rights != held || !(wanted & ~held) || (wanted & ~(mfxU32)MFX_MAP_READ_WRITE))
        atomic_fetch_add(&d->broken_promises, 1);
    f->rights |= wanted;
    atomic_fetch_add(&d->remaps, 1);
    device_leave(f);
    return MFX_ERR_NONE;
}

static inline mfxStatus device_handle(void *self, const struct vfa_backend_host *host, void *frame,
                                      mfxHDL *handle)
{
    (void)host;
    device_enter(self, frame);
    *handle = frame;
    device_leave(frame);
    return MFX_ERR_NONE;
}

static inline void device_finish(void *self)
{
    struct device *d = self;
    atomic_fetch_add(&d->finished, 1);
}

static inline struct vfa_backend device_backend(struct device *d, const char *name)
{
    memset(d, 0, sizeof *d);
    return (struct vfa_backend){
        .size = sizeof(struct vfa_backend),
        .name = name,
        .self = d,
        .kinds = VFA_MEMTYPE_VIDEO,
        .create = device_create,
        .destroy = device_destroy,
        .map = device_map,
        .unmap = device_unmap,
        .remap = device_remap,
        .get_handle = device_handle,
        .finish = device_finish,
    };
}

/* An allocator of system memory and of one device. */
static inline void open_with_device(struct fixture *f, struct device *d)
{
    struct vfa_backend backends[2] = {{0}, device_backend(d, "test device")};
    assert_int_equal(vfa_backend_system(NULL, &backends[0]), MFX_ERR_NONE);
    fixture_open(f, backends, 2);
}

static inline void check_device(const struct device *d)
{
    assert_int_equal(atomic_load(&d->sets), 0);
    assert_int_equal(atomic_load(&d->maps), atomic_load(&d->unmaps));
    assert_int_equal(atomic_load(&d->broken_promises), 0);
    assert_int_equal(atomic_load(&d->finished), 1);
}

static inline void close_with_device(struct fixture *f, struct device *d)
{
    fixture_close(f);
    check_device(d);
}

static inline mfxFrameAllocRequest video_request(mfxU16 count)
{
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, DEVICE_SIZE, DEVICE_SIZE, count, count);
    request.Type = TYPE_VIDEO;
    return request;
}

/* Whose memory a frame is in: the device frame behind its native handle, or NULL. */
static inline struct device_frame *device_frame_of(struct fixture *f, mfxMemId mid)
{
    mfxHDL handle = NULL;
    return f->mfx->GetHDL(f->mfx->pthis, mid, &handle) == MFX_ERR_NONE ? handle : NULL;
}

static inline bool is_on_device(struct fixture *f, mfxMemId mid, const struct device *d)
{
    const struct device_frame *frame = device_frame_of(f, mid);
    return frame && frame >= d->frame && frame < d->frame + DEVICE_FRAMES;
}

#endif
