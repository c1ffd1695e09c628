/* Surfaces to acquire and release, over the frames of any mfxFrameAllocator or over surfaces that the
 * application brings.
 *
 * A surface is free, leased (the application holds it) or lent (given to a decoder as its work surface; the
 * runtime says with Data.Locked when it is done with it, and may return another surface as the output). It is
 * handed out again only when nobody leases it and the runtime's Data.Locked is 0.
 *
 * A pool serves at most one decoder; any number of threads and other components may share its surfaces.
 * The application reads Data.Locked only through the pool and never writes it. */
#ifndef VFA_POOL_H
#define VFA_POOL_H

#include <vfa/interface.h>
#include <vfa/memory.h>
#include <vfa/observe.h>
#include <vfa/surface.h>

#include <stdbool.h>
#include <string.h>
#include <vpl/mfxsurfacepool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vfa_pool;

/* How a pool is made. Start from vfa_pool_config_defaults(). */
struct vfa_pool_config {
    size_t size;                  /* sizeof(struct vfa_pool_config) */
    const char *name;             /* for log and errors, 31 bytes of it are copied; NULL: "pool" */
    mfxFrameAllocator *allocator; /* any; copied; its pthis must outlive the pool and its last surface */
    mfxFrameAllocRequest request; /* what to Alloc: Info, Type, AllocId, counts (vfa_plan_request fills it) */
    enum vfa_surface_mode mode;   /* default VFA_SURFACE_MEMID */
    /* Instead of the three above: the application's own surfaces, each with a MemId or with pointers. They
     * stay its own, and where they are, until the pool is destroyed and its last lease has ended; meanwhile
     * the pool hands out these very structs and writes nothing into them. One that is Locked is not handed
     * out before it is let go. NULL: none. */
    mfxFrameSurface1 *surfaces;
    size_t surface_count;
    /* How many surfaces, as the header of mfxExtAllocationHints describes it: NumberToPreAllocate to begin
     * with and at least, and one more whenever an acquire finds nothing free, up to NumFrameSuggested
     * (MFX_ALLOCATION_OPTIMAL; with a frame interface up to what SetNumSurfaces adds up to, where that is
     * more), NumberToPreAllocate + DeltaToAllocateOnTheFly (_LIMITED) or `max_surfaces` (_UNLIMITED). Its
     * other fields are not used. A decoder or encoder that takes its frames at Init works with those of the
     * beginning only. Copied. NULL: as many as the request asks for, for good. */
    const mfxExtAllocationHints *hints;
    uint32_t max_surfaces;           /* 0: 1024 for MFX_ALLOCATION_UNLIMITED and for SetNumSurfaces, else what
                                        the policy says */
    const struct vfa_memory *memory; /* for the pool's records, copied; NULL: vfa_memory_default() */
    struct vfa_log log;
    const struct vfa_interface_config *frame_interface; /* copied; NULL: surfaces have no FrameInterface */
    /* Called when the pool was destroyed and its last surface is back, as the last thing done, on that
     * thread: now the allocator may go. NULL: nothing is. */
    void (*ended)(void *user);
    void *ended_user;
};

/* The defaults, to be changed field by field. */
static inline struct vfa_pool_config vfa_pool_config_defaults(void)
{
    struct vfa_pool_config config;
    memset(&config, 0, sizeof config);
    config.size = sizeof config;
    return config;
}

/* Allocates the frames, as many as Alloc gives, and their surfaces, or takes those of the application.
 * MFX_ERR_NULL_PTR: also when the allocator lacks a callback that the pool needs, or there are neither an
 * allocator nor surfaces; MFX_ERR_INVALID_VIDEO_PARAM: an unknown size or mode, no frames, more than 65535
 * surfaces or max_surfaces, hints that are none, surfaces and an allocator or hints, or
 * a frame interface on other surfaces than those of VFA_SURFACE_MEMID that the pool makes;
 * MFX_ERR_INVALID_HANDLE: one with neither MemId nor pointers; MFX_ERR_MEMORY_ALLOC: also when Alloc gave
 * fewer frames than NumFrameMin; MFX_ERR_INVALID_HANDLE: Alloc gave a NULL mid; what Alloc or Lock returned.
 * On error *out is NULL and nothing is left allocated. The caller owns the pool and ends it with
 * vfa_pool_destroy. */
VFA_API VFA_MUST_USE mfxStatus vfa_pool_create(struct vfa_pool **out, const struct vfa_pool_config *config);

/* Closes a pool: everyone who waits for a surface, and every acquire from now on, gets MFX_ERR_ABORTED.
 * Surfaces can still be settled and released. Accepts NULL, and a closed pool. Any thread. */
VFA_API void vfa_pool_close(struct vfa_pool *pool);

/* Closes a pool and gives its frames back to the allocator, at once or, on the thread that releases it, when
 * the last leased surface comes back: until then the struct stays valid for those who hold a lease. Surfaces
 * that are leased, or Locked by the runtime, are named in the log. Lent and Locked surfaces count as
 * returned: close the components that use them first. Threads may be waiting in acquire; for threads that
 * might begin one, call vfa_pool_close and join them first. Accepts NULL; clears *pool. Any thread. */
VFA_API void vfa_pool_destroy(struct vfa_pool **pool);

/* Ends waits: of every acquire that was given it. Zeroed before its first use. Used with one pool only, and
 * kept until no acquire that was given it is under way; zeroed again, it can be used again. */
struct vfa_pool_cancel {
    uint32_t cancelled; /* the pool's */
};

/* How a surface is wanted. Start from vfa_pool_want_defaults(). */
struct vfa_pool_want {
    size_t size; /* sizeof(struct vfa_pool_want) */
    /* Who will hold the surface, for reports: a text that lives as long as the pool, such as "encoder". NULL:
     * nobody is named. */
    const char *tag;
    int32_t timeout_ms;             /* as of vfa_pool_acquire; default 0 */
    struct vfa_pool_cancel *cancel; /* NULL: nothing but time and the pool's end ends the wait */
};

static inline struct vfa_pool_want vfa_pool_want_defaults(void)
{
    struct vfa_pool_want want;
    memset(&want, 0, sizeof want);
    want.size = sizeof want;
    return want;
}

/* Takes a free surface. `timeout_ms`: negative waits forever, 0 not at all, else that long on the monotonic
 * clock; those who wait are served in their order. MFX_ERR_NULL_PTR; MFX_WRN_ALLOC_TIMEOUT_EXPIRED: none
 * became free in time (vfa_pool_explain says where they are; so does the log, unless timeout_ms is 0);
 * MFX_ERR_ABORTED: the pool was closed; MFX_ERR_MEMORY_ALLOC: the system has no means to wait. On any of
 * these *out is NULL. Any thread; no mutex and no system call when a surface is free and nobody waits;
 * pthread_cancel does not end the wait (vfa_pool_cancel_waits does), and takes effect after it. The
 * surface is leased to the caller until vfa_pool_release or vfa_pool_settle. Its Data and Info are as the
 * last user left them, but for the Info of a vfa_pool_reset since. */
VFA_API VFA_MUST_USE mfxStatus vfa_pool_acquire(struct vfa_pool *pool, int32_t timeout_ms,
                                                mfxFrameSurface1 **out);

/* The same, for a holder with a name, and to be cancelled. Also MFX_ERR_NULL_PTR: no `want`;
 * MFX_ERR_INVALID_VIDEO_PARAM: its size is not known; MFX_ERR_NOT_FOUND: nothing was free, and the wait was
 * cancelled. */
VFA_API VFA_MUST_USE mfxStatus vfa_pool_acquire_as(struct vfa_pool *pool, const struct vfa_pool_want *want,
                                                   mfxFrameSurface1 **out);

/* Ends the wait of each acquire that was given `cancel`, and of those to come: they take a free surface, but
 * return MFX_ERR_NOT_FOUND instead of waiting for one. A surface that was handed to a waiter before is not
 * taken away from it. MFX_ERR_NULL_PTR. Any thread. */
VFA_API mfxStatus vfa_pool_cancel_waits(struct vfa_pool *pool, struct vfa_pool_cancel *cancel);

/* A leased surface goes on to another holder, whose time begins now. `tag` as in struct vfa_pool_want. A
 * surface that the decoder returns has the tag of the work surface it was settled with. MFX_ERR_NULL_PTR,
 * MFX_ERR_INVALID_HANDLE, MFX_ERR_UNDEFINED_BEHAVIOR: not leased. Any thread that holds a lease. */
VFA_API mfxStatus vfa_pool_tag(struct vfa_pool *pool, const mfxFrameSurface1 *surface, const char *tag);

/* After MFXVideoDECODE_DecodeFrameAsync(session, bs, work, &out, &sync), whatever it returned, unless the
 * same call is to be repeated with the same `work` (MFX_WRN_DEVICE_BUSY): `work` is lent to the runtime (or
 * free again when it did not keep it), and `out`, when not NULL, is leased to the caller: it may be `work`
 * itself, one lent earlier, or one released earlier that the runtime still held. Also takes back every lent
 * surface that the runtime is done with. Call it before any other use of `out`, on the thread that feeds the
 * decoder: only there is it known that no output is on its way, and lent surfaces are taken back only on, or
 * while there waits in acquire, the thread that settled last. `work` NULL: nothing was lent (`out` must be
 * NULL too); feeding that moves to another thread begins there with such a call. MFX_ERR_NULL_PTR;
 * MFX_ERR_INVALID_HANDLE: not a surface of this pool; MFX_ERR_UNDEFINED_BEHAVIOR: `work` does not have
 * exactly one lease, without a token (`out` the same as `work`: none), or another `out` is leased already or
 * free. Nothing changes on error. With a frame interface `work` may have more leases, the runtime's
 * references: it counts as leased until they end, and is lent then. */
VFA_API VFA_MUST_USE mfxStatus vfa_pool_settle(struct vfa_pool *pool, mfxFrameSurface1 *work,
                                               mfxFrameSurface1 *out);

/* One more lease of a leased surface: for 1:N, each to be released once. MFX_ERR_NULL_PTR,
 * MFX_ERR_INVALID_HANDLE; MFX_ERR_UNDEFINED_BEHAVIOR: not leased; MFX_ERR_NOT_ENOUGH_BUFFER: 1023 leases of
 * it, and those with a token, are all there are. Any thread that holds a lease. */
VFA_API VFA_MUST_USE mfxStatus vfa_pool_ref(struct vfa_pool *pool, mfxFrameSurface1 *surface);

/* Ends a lease. With the last one the surface is free, at once or when the runtime drops Data.Locked:
 * releasing a surface right after submitting it is right. MFX_ERR_NULL_PTR; MFX_ERR_INVALID_HANDLE: not a
 * surface of this pool; MFX_ERR_UNDEFINED_BEHAVIOR: not leased (released twice). A surface alone does not
 * tell whose lease is meant: once it is leased to somebody else, a second release by the last holder ends the
 * new lease. Where that may happen, claim a token. Any thread. */
VFA_API mfxStatus vfa_pool_release(struct vfa_pool *pool, mfxFrameSurface1 *surface);

/* A lease that nothing but its token ends. The token is not used again for that surface. */
struct vfa_lease {
    mfxFrameSurface1 *surface;
    uint64_t token;
};

/* The most leases with a token that a surface has at once. */
#define VFA_POOL_TOKENS_MAX 18

/* Gives a lease that the caller holds, from acquire, settle or ref, a token: from then on vfa_pool_end ends
 * it and vfa_pool_release does not. MFX_ERR_NULL_PTR; MFX_ERR_INVALID_HANDLE: not a surface of this pool;
 * MFX_ERR_UNDEFINED_BEHAVIOR: no lease without a token; MFX_ERR_NOT_ENOUGH_BUFFER: VFA_POOL_TOKENS_MAX leases
 * have one. On error *out is zeroed and the lease is as it was. Any thread that holds the lease. */
VFA_API VFA_MUST_USE mfxStatus vfa_pool_claim(struct vfa_pool *pool, mfxFrameSurface1 *surface,
                                              struct vfa_lease *out);

/* Ends a lease that has a token, as vfa_pool_release does one that has none, and zeroes *lease.
 * MFX_ERR_NULL_PTR: also when *lease is zeroed; MFX_ERR_INVALID_HANDLE: not a surface of this pool;
 * MFX_ERR_UNDEFINED_BEHAVIOR: the lease has ended, even if the surface went out again, or never was. On error
 * nothing changes. Any thread. */
VFA_API mfxStatus vfa_pool_end(struct vfa_pool *pool, struct vfa_lease *lease);

/* Gives the frames back that the pool grew by (config.hints), when they are free and were not acquired in the
 * last `idle_ms`; those it began with stay. The number of surfaces given back; 0 for NULL and for surfaces
 * that the application brought. Any thread. */
VFA_API uint32_t vfa_pool_trim(struct vfa_pool *pool, uint32_t idle_ms);

/* Makes the pool one for `request`, as when the stream changes its size. Where the frames fit (the same Type,
 * AllocId and format, Width and Height no larger than those allocated, no more surfaces), they are kept, and
 * every surface has the new Info from its next acquire on. Else new frames take their place: acquire gives
 * new ones only, while old ones that are leased or lent stay valid until they come back and are then freed,
 * those that the runtime still has Locked at the next call that finds them let go. `replaced`, unless NULL,
 * says which it was. Waiters go on waiting, and get surfaces of the new kind. MFX_ERR_NULL_PTR;
 * MFX_ERR_UNSUPPORTED: surfaces that the application brought; MFX_ERR_INVALID_VIDEO_PARAM: as of create;
 * MFX_ERR_ABORTED: the pool is closed; MFX_ERR_RESOURCE_MAPPED: another reset is under way;
 * MFX_ERR_NOT_ENOUGH_BUFFER: the pool keeps track of twice as many surfaces as create made it for, or of 63,
 * and too many old ones are still out; what Alloc or Lock returned. On error the pool is as it was. Any
 * thread. */
VFA_API VFA_MUST_USE mfxStatus vfa_pool_reset(struct vfa_pool *pool, const mfxFrameAllocRequest *request,
                                              bool *replaced);

/* Tells waiters to look at Data.Locked now: call it after SyncOperation. Cheap when nobody waits. Accepts
 * NULL. */
VFA_API void vfa_pool_poke(struct vfa_pool *pool);

/* Waits by their length: [0] counts those below a microsecond, [n] those from 2^(n-1) to 2^n microseconds,
 * the last one all that were longer. */
#define VFA_POOL_WAIT_BUCKETS 26

/* Figures of a pool. */
struct vfa_pool_stats {
    uint32_t surfaces; /* old ones that are still out included */
    uint32_t free;
    uint32_t leased;
    uint32_t lent;
    uint32_t pending; /* released by the application, still Locked by the runtime */
    uint32_t
        retired; /* not counted above: old ones, back and about to be freed with the rest of their frames */
    uint32_t limit; /* how many the pool may grow to */
    uint32_t peak;  /* most surfaces out at once, those included that the runtime had let go unnoticed */
    uint64_t made;  /* surfaces, all in all */
    uint64_t trimmed;
    uint64_t acquired;
    uint64_t waits; /* acquires that found nothing free */
    uint64_t timeouts;
    uint64_t cancelled;
    uint64_t waited_ns;
    uint64_t longest_wait_ns;
    uint64_t waits_by_time[VFA_POOL_WAIT_BUCKETS]; /* those that are over */
};

/* A snapshot; exact when no other thread uses the pool meanwhile. MFX_ERR_NULL_PTR. Any thread. */
VFA_API mfxStatus vfa_pool_stats(struct vfa_pool *pool, struct vfa_pool_stats *out);

/* What one holder has. */
struct vfa_pool_holder {
    const char *tag; /* NULL: leased without one */
    uint32_t surfaces;
    uint64_t longest_ns; /* how long it has held the one it holds longest; exact to some milliseconds */
};

/* The tag of vfa_pool_holders for all holders that have no entry of their own. */
#define VFA_POOL_OTHERS "others"

/* Who holds the leased surfaces, one entry for each tag; the number of entries. What does not fit into
 * `capacity` is added to the last entry, which then is that of VFA_POOL_OTHERS. 0 for NULL. A snapshot, as
 * vfa_pool_stats. Any thread. */
VFA_API size_t vfa_pool_holders(struct vfa_pool *pool, struct vfa_pool_holder *holders, size_t capacity);

/* Says in one line where the surfaces are: "pool 'decode': 8 surfaces: 5 leased by 'encoder' for 40 ms, 0
 * lent to the runtime, 3 released but still Locked by the runtime, 0 free"; the time is that of the surface
 * held longest. `text` may be NULL when `bytes` is 0. Like snprintf, returns the whole length. Any thread. */
VFA_API size_t vfa_pool_explain(struct vfa_pool *pool, char *text, size_t bytes);

/* The response that the pool began with, since its creation or the last reset that replaced it; it lives
 * until the next such reset, or as long as the pool. NULL for NULL, and over the application's own surfaces.
 * Any thread. */
VFA_API const mfxFrameAllocResponse *vfa_pool_response(const struct vfa_pool *pool);

/* What QueryInterface of the pool's surfaces gives for MFX_GUID_SURFACE_POOL, with one more reference: for
 * the component that owns the pool. MFX_ERR_NULL_PTR; MFX_ERR_UNSUPPORTED: the pool has no frame interface.
 * On error *out is NULL. Any thread. */
VFA_API VFA_MUST_USE mfxStatus vfa_pool_interface(struct vfa_pool *pool, mfxSurfacePoolInterface **out);

#ifdef __cplusplus
}
#endif

#endif
