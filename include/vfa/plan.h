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
};

/* One line of a plan as it was added. */
struct vfa_plan_term {
    enum vfa_plan_term_kind kind;
    char name[VFA_PLAN_NAME_MAX]; /* "decode", "encode", "writer"; longer names are cut */
    mfxU16 min;                   /* NumFrameMin; of a hold, the count */
    mfxU16 suggested;             /* NumFrameSuggested, at least min; of a hold, the count */
    mfxU16 async_depth;           /* contained in `suggested`; 0 when the component does not count it */
};

/* A plan for one pool. Initialise with vfa_plan_init; read it freely, change it through the functions. */
struct vfa_plan {
    char name[VFA_PLAN_NAME_MAX];
    mfxFrameInfo info; /* the largest Width and Height asked for (P8: BufferSize); the rest from the first
                          component, and ChromaFormat from the first that sets it */
    mfxU16 type;       /* origin bits of all components; of the memory bits those that all of them take */
    mfxU32 alloc_id;   /* of the first component that has one */
    size_t term_count;
    struct vfa_plan_term term[VFA_PLAN_MAX_TERMS];
};

/* What a plan comes to: two columns, what is suggested and what is the least. */
struct vfa_plan_result {
    mfxU16 suggested; /* surfaces to allocate: components - async_overlap + between + holds */
    mfxU16 min;       /* fewer are of no use: components_min - async_overlap_min + holds */

    mfxU32 components;    /* sum of the components' NumFrameSuggested */
    mfxU32 async_overlap; /* AsyncDepth that more than one component counted: the sum less the largest */
    mfxU32 between; /* 1 surface on its way from one component to the next, when there are two or more */
    mfxU32 holds;   /* what the application holds */

    mfxU32 components_min;    /* sum of the components' NumFrameMin */
    mfxU32 async_overlap_min; /* the same overlap, of the AsyncDepth that NumFrameMin contains */

    int saturated;            /* suggested or min is really beyond 65535 */
    size_t bytes_per_surface; /* with the default layout rules; 0 when there is no layout for `info` */
    uint64_t bytes;           /* of `suggested` surfaces; UINT64_MAX when beyond */
};

/* An empty plan. `name` NULL: "pool". MFX_ERR_NULL_PTR. */
VFA_API mfxStatus vfa_plan_init(struct vfa_plan *plan, const char *name);

/* Adds a component that uses the pool: its request as QueryIOSurf gave it, and the AsyncDepth that request
 * contains. Pass 0 for a runtime whose QueryIOSurf ignores AsyncDepth (never subtract what was never added),
 * and the depth the runtime really uses when mfxVideoParam.AsyncDepth is 0 (QueryIOSurf does not tell it:
 * always set one). `name` NULL: "component". A NumFrameSuggested below NumFrameMin counts as NumFrameMin. A
 * ChromaFormat of 0 goes with any.
 * MFX_ERR_NULL_PTR; MFX_ERR_INVALID_VIDEO_PARAM: no frames asked for, or frames that the components before
 * cannot share: other FourCC or ChromaFormat, video memory against system memory; MFX_ERR_MEMORY_ALLOC:
 * NumFrameSuggested below AsyncDepth, so that the depth cannot be reached (as Intel's samples answer);
 * MFX_ERR_NOT_ENOUGH_BUFFER: more than VFA_PLAN_MAX_TERMS. On error the plan is as it was. */
VFA_API VFA_MUST_USE mfxStatus vfa_plan_add(struct vfa_plan *plan, const char *name,
                                            const mfxFrameAllocRequest *request, mfxU16 async_depth);

/* Adds `count` surfaces that the application keeps away from the components (a renderer, a queue, a writer).
 * `name` NULL: "application". MFX_ERR_NULL_PTR, MFX_ERR_NOT_ENOUGH_BUFFER. 0 is allowed and shows in the
 * printed plan. */
VFA_API VFA_MUST_USE mfxStatus vfa_plan_hold(struct vfa_plan *plan, const char *name, mfxU16 count);

/* The numbers.
 *
 * Suggested: the sum of NumFrameSuggested, less the AsyncDepth that several components counted for the same
 * operations in flight (the sum of the depths less the largest; for k components of one depth A that is
 * (k - 1) * A), plus 1 on its way between components, plus holds. One component alone has no overlap and
 * nothing between. For two it is Na + Nb - AsyncDepth + 1: the published formula and the surface that Intel's
 * samples add to it.
 *
 * Min: the same of NumFrameMin, without the surface between, which only saves waiting. What is subtracted is
 * the depth that NumFrameMin really contains: its excess over NumFrameSuggested - AsyncDepth, which is the
 * need without any depth. So min is the published formula where runtimes give both numbers alike, and does
 * not sink below the need where NumFrameMin leaves the depth out.
 *
 * Both hold: min <= suggested, and each is at least what any one component asks for.
 * MFX_ERR_NULL_PTR; MFX_ERR_NOT_INITIALIZED: no component. On error `out` is zeroed. Source: "Surface Pool
 * Allocation" in the VPL specification. */
VFA_API VFA_MUST_USE mfxStatus vfa_plan_result(const struct vfa_plan *plan, struct vfa_plan_result *out);

/* The request to allocate the pool with: Info, Type, AllocId, and min and suggested of the result. Errors as
 * vfa_plan_result; on error `out` is zeroed. */
VFA_API VFA_MUST_USE mfxStatus vfa_plan_request(const struct vfa_plan *plan, mfxFrameAllocRequest *out);

/* One stage of a linear chain: its request for the frames it takes (NULL for the first) and for those it
 * gives (NULL for the last), each as QueryIOSurf gave it, and the AsyncDepth they contain. */
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

/* Writes the plans as text: for each pool a table of all terms of both columns, the surfaces and their bytes,
 * and after several pools the total. Like snprintf, returns the length the whole text has and terminates what
 * fits; `text` may be NULL when `bytes` is 0. `plans` NULL: no text, 0. */
VFA_API size_t vfa_plan_print(const struct vfa_plan *plans, size_t count, char *text, size_t bytes);

#ifdef __cplusplus
}
#endif

#endif
