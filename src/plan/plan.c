/* The arithmetic of surface counts: what components and the application need of one pool. */
#include "plan/plan.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <vfa/format.h>
#include <vfa/plan.h>

/* ExtMemFrameType in mfxstructures.h. The three targets are one memory: on VA-API they are interchangeable.
 */
#define TYPE_VIDEO                                                                         \
    (MFX_MEMTYPE_VIDEO_MEMORY_DECODER_TARGET | MFX_MEMTYPE_VIDEO_MEMORY_PROCESSOR_TARGET | \
     MFX_MEMTYPE_VIDEO_MEMORY_ENCODER_TARGET)
#define TYPE_SYSTEM MFX_MEMTYPE_SYSTEM_MEMORY
#define TYPE_MEMORY (TYPE_VIDEO | TYPE_SYSTEM)

/* The most a request can say. */
#define COUNT_MAX UINT16_MAX

/* Sums of terms are kept in mfxU32 without checks. */
_Static_assert((uint64_t)VFA_PLAN_MAX_TERMS *COUNT_MAX * 2 < UINT32_MAX, "sums of terms could overflow");

static bool is_valid(const struct vfa_plan *plan)
{
    return plan->term_count <= VFA_PLAN_MAX_TERMS;
}

/* A name that is too long is cut, between characters of UTF-8. */
static void set_name(char name[VFA_PLAN_NAME_MAX], const char *given, const char *fallback)
{
    const char *from = given ? given : fallback;
    size_t length = strlen(from);
    if (length >= VFA_PLAN_NAME_MAX)
        for (length = VFA_PLAN_NAME_MAX - 1; length && ((unsigned char)from[length] & 0xc0) == 0x80;)
            length--;
    memcpy(name, from, length);
    name[length] = '\0';
}

mfxStatus vfa_plan_init(struct vfa_plan *plan, const char *name)
{
    if (!plan)
        return MFX_ERR_NULL_PTR;
    memset(plan, 0, sizeof *plan);
    set_name(plan->name, name, "pool");
    return MFX_ERR_NONE;
}

static size_t component_count(const struct vfa_plan *plan)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->term_count; i++)
        count += plan->term[i].kind != VFA_PLAN_HOLD;
    return count;
}

/* The memory that both take, in the bits of both; 0 when there is none. A component that names no memory
 * takes any. Video and system bits together mean either (JPEG encoders ask so): not kept when the other is
 * particular, or the allocator would choose for it. */
static unsigned int shared_memory(unsigned int a, unsigned int b)
{
    if (!a || !b)
        return a | b;
    unsigned int shared = 0;
    if (a & b & TYPE_SYSTEM)
        shared |= TYPE_SYSTEM;
    if ((a & TYPE_VIDEO) && (b & TYPE_VIDEO))
        shared |= (a | b) & TYPE_VIDEO;
    return shared;
}

/* Merges what the frames are to be into the plan; false, and nothing changed, when they cannot be shared. */
static bool merge_frames(struct vfa_plan *plan, const mfxFrameAllocRequest *request)
{
    const mfxFrameInfo *info = &request->Info;
    if (!component_count(plan)) {
        plan->info = *info;
        plan->type = request->Type;
        plan->alloc_id = request->AllocId;
        return true;
    }
    unsigned int ours = plan->type & TYPE_MEMORY, theirs = request->Type & TYPE_MEMORY;
    unsigned int memory = shared_memory(ours, theirs);
    bool same_chroma =
        !info->ChromaFormat || !plan->info.ChromaFormat || info->ChromaFormat == plan->info.ChromaFormat;
    if (info->FourCC != plan->info.FourCC || !same_chroma || ((ours | theirs) && !memory))
        return false;

    const struct vfa_format *format = vfa_format_find(info->FourCC);
    if (format && format->linear) {
        if (info->BufferSize > plan->info.BufferSize)
            plan->info.BufferSize = info->BufferSize;
    } else {
        if (info->Width > plan->info.Width)
            plan->info.Width = info->Width;
        if (info->Height > plan->info.Height)
            plan->info.Height = info->Height;
    }
    if (!plan->info.ChromaFormat)
        plan->info.ChromaFormat = info->ChromaFormat;
    plan->type = (mfxU16)(((plan->type | request->Type) & ~(unsigned int)TYPE_MEMORY) | memory);
    if (!plan->alloc_id)
        plan->alloc_id = request->AllocId;
    return true;
}

/* `term` has its numbers. A NumFrameSuggested below NumFrameMin is taken for that, a NumFrameMin of 0 for 1.
 */
static mfxStatus add_component(struct vfa_plan *plan, const char *name, const mfxFrameAllocRequest *request,
                               struct vfa_plan_term term)
{
    if (!is_valid(plan) || plan->term_count == VFA_PLAN_MAX_TERMS)
        return MFX_ERR_NOT_ENOUGH_BUFFER;
    if (term.suggested < term.min) {
        term.suggested = term.min;
        term.warnings |= VFA_PLAN_WARN_BELOW_MIN;
    }
    if (!term.suggested)
        return MFX_ERR_INVALID_VIDEO_PARAM;
    if (!term.min)
        term.min = 1;
    if (term.suggested < term.async_depth)
        return MFX_ERR_MEMORY_ALLOC;
    if (!merge_frames(plan, request))
        return MFX_ERR_INVALID_VIDEO_PARAM;
    set_name(term.name, name, "component");
    plan->term[plan->term_count++] = term;
    plan->limit = 0;
    return MFX_ERR_NONE;
}

static struct vfa_plan_term component(const mfxFrameAllocRequest *request, mfxU16 async_depth)
{
    return (struct vfa_plan_term){.kind = VFA_PLAN_COMPONENT,
                                  .min = request->NumFrameMin,
                                  .suggested = request->NumFrameSuggested,
                                  .async_depth = async_depth};
}

mfxStatus vfa_plan_add(struct vfa_plan *plan, const char *name, const mfxFrameAllocRequest *request,
                       mfxU16 async_depth)
{
    if (!plan || !request)
        return MFX_ERR_NULL_PTR;
    return add_component(plan, name, request, component(request, async_depth));
}

static int wanted(const mfxFrameAllocRequest *request)
{
    return request->NumFrameSuggested > request->NumFrameMin ? request->NumFrameSuggested
                                                             : request->NumFrameMin;
}

/* What the two requests tell of the depth that the first contains. One that grows by less than a surface for
 * each contains at least what it has grown by. */
static void measure(struct vfa_plan_term *term, int depth, int grown, int deeper)
{
    if (deeper < 0) {
        grown = -grown;
        deeper = -deeper;
    }
    term->depth_times = (mfxU16)(grown > 0 ? grown / deeper : 0);
    if (grown <= 0)
        term->async_depth = 0;
    else if (grown < deeper && grown < depth)
        term->async_depth = (mfxU16)grown;
    if (term->async_depth > term->suggested)
        term->async_depth = term->suggested;
    if (grown <= 0)
        term->warnings |= VFA_PLAN_WARN_DEPTH_IGNORED;
    if (term->depth_times > 1)
        term->warnings |= VFA_PLAN_WARN_DEPTH_REPEATED;
    if (term->suggested < depth)
        term->warnings |= VFA_PLAN_WARN_BELOW_DEPTH;
}

mfxStatus vfa_plan_add_measured(struct vfa_plan *plan, const char *name, const mfxFrameAllocRequest *request,
                                mfxU16 async_depth, const mfxFrameAllocRequest *other, mfxU16 other_depth)
{
    if (!plan || !request || !other)
        return MFX_ERR_NULL_PTR;
    if (!async_depth || !other_depth || async_depth == other_depth)
        return MFX_ERR_INVALID_VIDEO_PARAM;
    struct vfa_plan_term term = component(request, async_depth);
    measure(&term, async_depth, wanted(other) - wanted(request), (int)other_depth - async_depth);
    return add_component(plan, name, request, term);
}

mfxStatus vfa_plan_branch(struct vfa_plan *plan)
{
    if (!plan)
        return MFX_ERR_NULL_PTR;
    if (!is_valid(plan) || !plan->term_count || plan->term[plan->term_count - 1].kind == VFA_PLAN_HOLD)
        return MFX_ERR_NOT_INITIALIZED;
    plan->term[plan->term_count - 1].kind = VFA_PLAN_BRANCH;
    plan->limit = 0;
    return MFX_ERR_NONE;
}

mfxStatus vfa_plan_hold(struct vfa_plan *plan, const char *name, mfxU16 count)
{
    if (!plan)
        return MFX_ERR_NULL_PTR;
    if (!is_valid(plan) || plan->term_count == VFA_PLAN_MAX_TERMS)
        return MFX_ERR_NOT_ENOUGH_BUFFER;
    struct vfa_plan_term term = {.kind = VFA_PLAN_HOLD, .min = count, .suggested = count};
    set_name(term.name, name, "application");
    plan->term[plan->term_count++] = term;
    plan->limit = 0;
    return MFX_ERR_NONE;
}

/* How much of a component's AsyncDepth its NumFrameMin contains: what exceeds its need without any depth. */
static mfxU32 depth_in_min(const struct vfa_plan_term *term)
{
    mfxU32 without_depth = (mfxU32)term->suggested - term->async_depth;
    return term->min > without_depth ? term->min - without_depth : 0;
}

/* Of what is counted several times only the largest stays: of all depths, since one operation in flight is at
 * one component at a time; of the branches' needs without it, since they hold the same frames. */
struct shared {
    mfxU32 sum;
    mfxU32 largest;
};

static void add_shared(struct shared *shared, mfxU32 count)
{
    shared->sum += count;
    if (count > shared->largest)
        shared->largest = count;
}

static mfxU32 overlap(const struct shared *shared)
{
    return shared->sum - shared->largest;
}

mfxU32 vfa__plan_warnings(const struct vfa_plan *plan, const struct vfa_plan_term *term)
{
    mfxU16 depth = 0;
    for (size_t i = 0; i < plan->term_count; i++)
        if (plan->term[i].async_depth > depth)
            depth = plan->term[i].async_depth;
    bool twice = term->kind == VFA_PLAN_HOLD && depth > 1 && term->suggested == depth;
    return term->warnings | (twice ? (mfxU32)VFA_PLAN_WARN_DEPTH_HELD : 0);
}

static void add_terms(const struct vfa_plan *plan, struct vfa_plan_result *out)
{
    struct shared depths = {0, 0}, depths_min = {0, 0}, branches = {0, 0}, branches_min = {0, 0};
    for (size_t i = 0; i < plan->term_count; i++) {
        const struct vfa_plan_term *term = &plan->term[i];
        out->warnings |= vfa__plan_warnings(plan, term);
        if (term->kind == VFA_PLAN_HOLD) {
            out->holds += term->suggested;
            continue;
        }
        mfxU32 in_min = depth_in_min(term);
        out->components += term->suggested;
        out->components_min += term->min;
        add_shared(&depths, term->async_depth);
        add_shared(&depths_min, in_min);
        if (term->kind == VFA_PLAN_BRANCH) {
            add_shared(&branches, (mfxU32)term->suggested - term->async_depth);
            add_shared(&branches_min, term->min - in_min);
        }
    }
    out->async_overlap = overlap(&depths);
    out->async_overlap_min = overlap(&depths_min);
    out->same_frames = overlap(&branches);
    out->same_frames_min = overlap(&branches_min);
}

static mfxU16 saturate(mfxU32 count, int *saturated)
{
    if (count <= COUNT_MAX)
        return (mfxU16)count;
    *saturated = 1;
    return COUNT_MAX;
}

static void add_bytes(const struct vfa_plan *plan, struct vfa_plan_result *out)
{
    struct vfa_layout layout;
    if (vfa_layout_compute(&plan->info, NULL, &layout) != MFX_ERR_NONE)
        return;
    out->bytes_per_surface = layout.size_bytes;
    out->bytes = vfa__plan_bytes(out->surfaces, layout.size_bytes);
    out->bytes_min = vfa__plan_bytes(out->min, layout.size_bytes);
}

uint64_t vfa__plan_bytes(uint64_t surfaces, size_t each)
{
    return each && surfaces > UINT64_MAX / each ? UINT64_MAX : surfaces * each;
}

mfxStatus vfa_plan_result(const struct vfa_plan *plan, struct vfa_plan_result *out)
{
    if (!out)
        return MFX_ERR_NULL_PTR;
    memset(out, 0, sizeof *out);
    if (!plan)
        return MFX_ERR_NULL_PTR;
    if (!is_valid(plan) || !component_count(plan))
        return MFX_ERR_NOT_INITIALIZED;

    add_terms(plan, out);
    out->between = component_count(plan) > 1;
    mfxU32 suggested = out->components - out->async_overlap - out->same_frames + out->between + out->holds;
    out->suggested = saturate(suggested, &out->saturated);
    out->min = saturate(out->components_min - out->async_overlap_min - out->same_frames_min + out->holds,
                        &out->saturated);
    out->surfaces = plan->limit && plan->limit < out->suggested ? plan->limit : out->suggested;
    if (out->saturated)
        out->warnings |= VFA_PLAN_WARN_SATURATED;
    add_bytes(plan, out);
    return MFX_ERR_NONE;
}

mfxStatus vfa_plan_request(const struct vfa_plan *plan, mfxFrameAllocRequest *out)
{
    if (!out)
        return MFX_ERR_NULL_PTR;
    memset(out, 0, sizeof *out);
    struct vfa_plan_result result;
    mfxStatus status = vfa_plan_result(plan, &result);
    if (status != MFX_ERR_NONE)
        return status;
    out->AllocId = plan->alloc_id;
    out->Info = plan->info;
    out->Type = plan->type;
    out->NumFrameMin = result.min;
    out->NumFrameSuggested = result.surfaces;
    return MFX_ERR_NONE;
}
