/* How many surfaces a pipeline needs, and why: Na + Nb - AsyncDepth, generalised.
 *
 * A plan is for one pool: the components that share its surfaces, and what the application holds of them. A
 * chain of n components has n - 1 pools, and so n - 1 plans. Arithmetic only: no memory, no runtime, no
 * locks; a plan is plain data that its owner may copy. Counts saturate at 65535, the most an
 * mfxFrameAllocRequest can say. */
#ifndef VFA_PLAN_H
#define VFA_PLAN_H

#include <vfa/defs.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VFA_PLAN_NAME_MAX  32
#define VFA_PLAN_MAX_TERMS 32

enum vfa_plan_term_kind {
    VFA_PLAN_COMPONENT = 1, /* a component's NumFrameSuggested */
    VFA_PLAN_HOLD = 2,      /* surfaces the application keeps for itself */
    VFA_PLAN_BRANCH = 3,    /* a component that takes the same frames as the other branches, in step */
};

/* What a plan's numbers do not say by themselves; bits. */
enum vfa_plan_warning {
    VFA_PLAN_WARN_DEPTH_IGNORED = 1 << 0,  /* the request is the same whatever the AsyncDepth */
    VFA_PLAN_WARN_DEPTH_REPEATED = 1 << 1, /* the request contains AsyncDepth two times or more */
    VFA_PLAN_WARN_BELOW_DEPTH = 1 << 2,    /* NumFrameSuggested is less than AsyncDepth: it is not reached */
    VFA_PLAN_WARN_BELOW_MIN = 1 << 3,      /* NumFrameSuggested is less than NumFrameMin, which was taken */
    VFA_PLAN_WARN_SATURATED = 1 << 4,      /* more than the 65535 surfaces a request can ask for */
    VFA_PLAN_WARN_DEPTH_HELD = 1 << 5, /* as many are held as AsyncDepth counts already: twice the same? */
};

/* One line of a plan as it was added. */
struct vfa_plan_term {
    enum vfa_plan_term_kind kind;
    char name[VFA_PLAN_NAME_MAX]; /* "decode", "encode", "writer"; longer names are cut */
    mfxU16 min;                   /* NumFrameMin; of a hold, the count */
    mfxU16 suggested;             /* NumFrameSuggested, at least min; of a hold, the count */
    mfxU16 async_depth;           /* contained in `suggested`; 0 when the component does not count it */
    mfxU16 depth_times;           /* how often `suggested` contains it, where that was measured; else 0 */
    mfxU32 warnings;              /* enum vfa_plan_warning */
};

/* A plan for one pool. Initialise with vfa_plan_init; read it freely, change it through the functions. */
struct vfa_plan {
    char name[VFA_PLAN_NAME_MAX];
    mfxFrameInfo info; /* the largest Width and Height asked for (P8: BufferSize); the rest from the first
                          component, and ChromaFormat from the first that sets it */
    mfxU16 type;       /* origin bits of all components; of the memory bits those that all of them take */
    mfxU32 alloc_id;   /* of the first component that has one */
    mfxU16 limit;      /* surfaces that a budget leaves (vfa_plan_fit); 0: no budget was set */
    size_t term_count;
    struct vfa_plan_term term[VFA_PLAN_MAX_TERMS];
};

/* What a plan comes to: two columns, what is suggested and what is the least. */
struct vfa_plan_result {
    mfxU16 suggested; /* components - async_overlap - same_frames + between + holds */
    mfxU16 min;       /* fewer are of no use: components_min - async_overlap_min - same_frames_min + holds */
    mfxU16 surfaces;  /* to allocate: suggested, or what the budget leaves of it */

    mfxU32 components;    /* sum of the components' NumFrameSuggested */
    mfxU32 async_overlap; /* AsyncDepth that more than one component counted: the sum less the largest */
    mfxU32 same_frames;   /* what branches hold in common: the sum of their needs less the largest */
    mfxU32 between; /* 1 surface on its way from one component to the next, when there are two or more */
    mfxU32 holds;   /* what the application holds */

    mfxU32 components_min;    /* sum of the components' NumFrameMin */
    mfxU32 async_overlap_min; /* the same overlap, of the AsyncDepth that NumFrameMin contains */
    mfxU32 same_frames_min;

    mfxU32 warnings;          /* of the plan, and of all its terms: enum vfa_plan_warning */
    int saturated;            /* suggested or min is really beyond 65535 */
    size_t bytes_per_surface; /* with the default layout rules; 0 when there is no layout for `info` */
    uint64_t bytes;           /* of `surfaces`; UINT64_MAX when beyond */
    uint64_t bytes_min;       /* of `min` surfaces, likewise */
};

/* An empty plan. `name` NULL: "pool". MFX_ERR_NULL_PTR. */
VFA_API mfxStatus vfa_plan_init(struct vfa_plan *plan, const char *name);

/* Adds a component that uses the pool: its request as QueryIOSurf gave it, and the AsyncDepth that request
 * contains. Pass 0 for a runtime whose QueryIOSurf ignores AsyncDepth (never subtract what was never added),
 * and the depth the runtime really uses when mfxVideoParam.AsyncDepth is 0 (QueryIOSurf does not tell it:
 * always set one). `name` NULL: "component". A NumFrameSuggested below NumFrameMin counts as NumFrameMin, a
 * NumFrameMin of 0 as 1. A ChromaFormat of 0 goes with any.
 * MFX_ERR_NULL_PTR; MFX_ERR_INVALID_VIDEO_PARAM: no frames asked for, or frames that the components before
 * cannot share: other FourCC or ChromaFormat, video memory against system memory; MFX_ERR_MEMORY_ALLOC:
 * NumFrameSuggested below AsyncDepth, so that the depth cannot be reached (as Intel's samples answer);
 * MFX_ERR_NOT_ENOUGH_BUFFER: more than VFA_PLAN_MAX_TERMS. On error the plan is as it was. */
VFA_API VFA_MUST_USE mfxStatus vfa_plan_add(struct vfa_plan *plan, const char *name,
                                            const mfxFrameAllocRequest *request, mfxU16 async_depth);

/* The same for a component whose request was asked for twice, with two values of mfxVideoParam.AsyncDepth:
 * what the request contains is then measured, not assumed. A request that does not change ignores AsyncDepth,
 * so none is subtracted; one that grows by a surface for each contains it; one that grows faster contains it
 * several times, of which one is shared with other components. What is unusual is noted in the term's
 * warnings. `other_depth` had better be well above `async_depth` (8 more): some requests grow by single
 * surfaces when AsyncDepth leaves 1 or 2. A NumFrameSuggested below AsyncDepth is a warning here, no error.
 * Errors otherwise as vfa_plan_add; MFX_ERR_INVALID_VIDEO_PARAM also when a depth is 0, or both are the same.
 */
VFA_API VFA_MUST_USE mfxStatus vfa_plan_add_measured(struct vfa_plan *plan, const char *name,
                                                     const mfxFrameAllocRequest *request, mfxU16 async_depth,
                                                     const mfxFrameAllocRequest *other, mfxU16 other_depth);

/* Turns the component added last into a branch: one of several that are each given every frame, before the
 * next frame is made. They hold the same surfaces, so that of all branches only the largest need counts.
 * Where they may drift apart, they are ordinary components. MFX_ERR_NULL_PTR; MFX_ERR_NOT_INITIALIZED: the
 * plan does not end with a component. */
VFA_API VFA_MUST_USE mfxStatus vfa_plan_branch(struct vfa_plan *plan);

/* Adds `count` surfaces that the application keeps away from the components (a renderer, a queue, a writer).
 * Those of operations not yet waited for are none: AsyncDepth has them. `name` NULL: "application".
 * MFX_ERR_NULL_PTR, MFX_ERR_NOT_ENOUGH_BUFFER. 0 is allowed and shows in the printed plan. */
VFA_API VFA_MUST_USE mfxStatus vfa_plan_hold(struct vfa_plan *plan, const char *name, mfxU16 count);

/* The numbers.
 *
 * Suggested: the sum of NumFrameSuggested, less the AsyncDepth that several components counted for the same
 * operations in flight (the sum of the depths less the largest; for k components of one depth A that is
 * (k - 1) * A), less what branches hold in common, plus 1 on its way between components, plus holds. One
 * component alone has no overlap and nothing between. For two it is Na + Nb - AsyncDepth + 1: the published
 * formula and the surface that Intel's samples add to it.
 *
 * Min: the same of NumFrameMin, without the surface between, which saves waiting: with fewer surfaces than
 * suggested the application syncs its oldest operation when none is free, and with as many it need not. What
 * is subtracted is the depth that NumFrameMin really contains: its excess over NumFrameSuggested -
 * AsyncDepth, which is the need without any depth. So min is the published formula where runtimes give both
 * numbers alike, and does not sink below the need where NumFrameMin leaves the depth out.
 *
 * Both hold: min <= suggested, and each is at least what any one component asks for.
 * MFX_ERR_NULL_PTR; MFX_ERR_NOT_INITIALIZED: no component. On error `out` is zeroed. Source: "Surface Pool
 * Allocation" in the VPL specification. */
VFA_API VFA_MUST_USE mfxStatus vfa_plan_result(const struct vfa_plan *plan, struct vfa_plan_result *out);

/* The request to allocate the pool with: Info, Type, AllocId, and min and surfaces of the result. Errors as
 * vfa_plan_result; on error `out` is zeroed. */
VFA_API VFA_MUST_USE mfxStatus vfa_plan_request(const struct vfa_plan *plan, mfxFrameAllocRequest *out);

/* ---- several pools ---- */

/* One stage of a pipeline: its request for the frames it takes (NULL for a source) and for those it gives
 * (NULL for a sink), each as QueryIOSurf gave it, and the AsyncDepth they contain. */
struct vfa_plan_stage {
    const char *name;
    const mfxFrameAllocRequest *in;
    const mfxFrameAllocRequest *out;
    mfxU16 async_depth;
};

/* Plans a chain of `count` stages: plans[i], for i < count - 1, is the pool between stage i and stage i + 1,
 * named "decode->encode". MFX_ERR_NULL_PTR: also a request that is missing in the middle;
 * MFX_ERR_INVALID_VIDEO_PARAM: fewer than two stages, or neighbours that cannot share frames; else as
 * vfa_plan_add. On error all count - 1 plans are empty. */
VFA_API VFA_MUST_USE mfxStatus vfa_plan_chain(const struct vfa_plan_stage *stages, size_t count,
                                              struct vfa_plan *plans);

/* Plans the one pool of a stage whose frames go to `count` others at once, named after the first of them:
 * "decode->encode, ...". `in_step` not 0: each frame is given to all of them before the next one is made, and
 * they are branches (see vfa_plan_branch); 0: they may drift apart, and all their needs add up. Errors as
 * vfa_plan_chain; `count` 0 is MFX_ERR_INVALID_VIDEO_PARAM. On error the plan is empty. */
VFA_API VFA_MUST_USE mfxStatus vfa_plan_fan_out(const struct vfa_plan_stage *from,
                                                const struct vfa_plan_stage *to, size_t count, int in_step,
                                                struct vfa_plan *plan);

/* Plans the `count` pools of stages that all feed one, which composes their frames: plans[i] is of source i
 * and the composer. It begins only when every stream has given a frame, so that operations in flight at a
 * source are not those in flight at the composer: no AsyncDepth is subtracted. The request of a composer is
 * of all its streams together, and says nothing of how it is spread: each pool has room for all of it, in
 * frames as large as its source makes them. Errors as vfa_plan_chain; `count` 0 is
 * MFX_ERR_INVALID_VIDEO_PARAM. On error all plans are empty. */
VFA_API VFA_MUST_USE mfxStatus vfa_plan_compose(const struct vfa_plan_stage *sources, size_t count,
                                                const struct vfa_plan_stage *composer,
                                                struct vfa_plan *plans);

/* Sums over several pools. */
struct vfa_plan_total {
    uint64_t suggested;
    uint64_t min;
    uint64_t surfaces;  /* to allocate */
    uint64_t bytes;     /* of them; UINT64_MAX when beyond */
    uint64_t bytes_min; /* of `min` */
    size_t unsized;     /* pools whose bytes are not known, and not in the sums */
    mfxU32 warnings;    /* of all */
};

/* MFX_ERR_NULL_PTR, or as vfa_plan_result of the first plan that has none; on error `out` is zeroed. */
VFA_API VFA_MUST_USE mfxStatus vfa_plan_total(const struct vfa_plan *plans, size_t count,
                                              struct vfa_plan_total *out);

/* As many surfaces as fit into `budget_bytes`: sets the limit of each plan between its min and its suggested
 * count, so that every pool gets about the same share of what it would like beyond its minimum, and the rest
 * goes to the first that have use for it. A budget for everything limits nothing. vfa_plan_add and
 * vfa_plan_hold lift a plan's limit. `out` (may be NULL) is what it came to, or without a limit would.
 * MFX_ERR_NULL_PTR; MFX_ERR_MEMORY_ALLOC: even the minimum, out->bytes_min, does not fit;
 * MFX_ERR_UNSUPPORTED: a pool whose bytes are not known; else as vfa_plan_result. On error the plans have no
 * limit. */
VFA_API VFA_MUST_USE mfxStatus vfa_plan_fit(struct vfa_plan *plans, size_t count, uint64_t budget_bytes,
                                            struct vfa_plan_total *out);

/* ---- for people and for programs ---- */

/* What a warning means, in half a sentence; of several bits the lowest. "" for none or one not known. */
VFA_API const char *vfa_plan_warning_text(mfxU32 warnings);

/* Writes the plans as text: for each pool a table of all terms of both columns, the surfaces and their bytes,
 * its warnings, and after several pools the total. Like snprintf, returns the length the whole text has and
 * terminates what fits; `text` may be NULL when `bytes` is 0. `plans` NULL: no text, 0. */
VFA_API size_t vfa_plan_print(const struct vfa_plan *plans, size_t count, char *text, size_t bytes);

/* The same as one JSON object: {"pools": [...], "suggested", "min", "surfaces", "bytes", "bytes_min"}, each
 * pool with its terms as they were added and every sum of vfa_plan_result under its name; bytes that are not
 * known are null. Names that are no UTF-8 lose the bytes that are not. A plan without a component has "terms"
 * and no sums, and counts for nothing in the total. `plans` NULL: an object without pools. */
VFA_API size_t vfa_plan_json(const struct vfa_plan *plans, size_t count, char *text, size_t bytes);

#ifdef __cplusplus
}
#endif

#endif
