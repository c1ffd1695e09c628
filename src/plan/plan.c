/* The arithmetic of surface counts: what components and the application need of one pool. */
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

static void set_name(char name[VFA_PLAN_NAME_MAX], const char *given, const char *fallback)
{
    (void)snprintf(name, VFA_PLAN_NAME_MAX, "%s", given ? given : fallback);
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
        count += plan->term[i].kind == VFA_PLAN_COMPONENT;
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

mfxStatus vfa_plan_add(struct vfa_plan *plan, const char *name, const mfxFrameAllocRequest *request,
                       mfxU16 async_depth)
{
    if (!plan || !request)
        return MFX_ERR_NULL_PTR;
    if (!is_valid(plan) || plan->term_count == VFA_PLAN_MAX_TERMS)
        return MFX_ERR_NOT_ENOUGH_BUFFER;

    struct vfa_plan_term term = {.kind = VFA_PLAN_COMPONENT,
                                 .min = request->NumFrameMin,
                                 .suggested = request->NumFrameSuggested,
                                 .async_depth = async_depth};
    if (term.suggested < term.min)
        term.suggested = term.min;
    if (!term.suggested)
        return MFX_ERR_INVALID_VIDEO_PARAM;
    if (term.suggested < async_depth)
        return MFX_ERR_MEMORY_ALLOC;
    if (!merge_frames(plan, request))
        return MFX_ERR_INVALID_VIDEO_PARAM;
    set_name(term.name, name, "component");
    plan->term[plan->term_count++] = term;
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
    return MFX_ERR_NONE;
}

/* How much of a component's AsyncDepth its NumFrameMin contains: what exceeds its need without any depth. */
static mfxU32 depth_in_min(const struct vfa_plan_term *term)
{
    mfxU32 without_depth = (mfxU32)term->suggested - term->async_depth;
    return term->min > without_depth ? term->min - without_depth : 0;
}

/* One operation in flight is at one component at a time, so of all depths only the largest counts. */
struct depths {
    mfxU32 sum;
    mfxU32 largest;
};

static void add_depth(struct depths *depths, mfxU32 depth)
{
    depths->sum += depth;
    if (depth > depths->largest)
        depths->largest = depth;
}

static void add_terms(const struct vfa_plan *plan, struct vfa_plan_result *out)
{
    struct depths depths = {0, 0}, depths_min = {0, 0};
    for (size_t i = 0; i < plan->term_count; i++) {
        const struct vfa_plan_term *term = &plan->term[i];
        if (term->kind == VFA_PLAN_HOLD) {
            out->holds += term->suggested;
            continue;
        }
        out->components += term->suggested;
        out->components_min += term->min;
        add_depth(&depths, term->async_depth);
        add_depth(&depths_min, depth_in_min(term));
    }
    out->async_overlap = depths.sum - depths.largest;
    out->async_overlap_min = depths_min.sum - depths_min.largest;
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
    bool fits = out->suggested <= UINT64_MAX / layout.size_bytes; /* a linear buffer may have any size */
    out->bytes = fits ? (uint64_t)layout.size_bytes * out->suggested : UINT64_MAX;
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
    out->suggested =
        saturate(out->components - out->async_overlap + out->between + out->holds, &out->saturated);
    out->min = saturate(out->components_min - out->async_overlap_min + out->holds, &out->saturated);
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
    out->NumFrameSuggested = result.suggested;
    return MFX_ERR_NONE;
}

static mfxStatus plan_link(const struct vfa_plan_stage *from, const struct vfa_plan_stage *to,
                           struct vfa_plan *plan)
{
    char name[VFA_PLAN_NAME_MAX];
    (void)snprintf(name, sizeof name, "%s->%s", from->name ? from->name : "component",
                   to->name ? to->name : "component");
    (void)vfa_plan_init(plan, name); /* cannot fail: it is there */
    mfxStatus status = vfa_plan_add(plan, from->name, from->out, from->async_depth);
    if (status == MFX_ERR_NONE)
        status = vfa_plan_add(plan, to->name, to->in, to->async_depth);
    return status;
}

mfxStatus vfa_plan_chain(const struct vfa_plan_stage *stages, size_t count, struct vfa_plan *plans)
{
    if (!stages || !plans)
        return MFX_ERR_NULL_PTR;
    if (count < 2)
        return MFX_ERR_INVALID_VIDEO_PARAM;
    mfxStatus status = MFX_ERR_NONE;
    for (size_t i = 0; i + 1 < count && status == MFX_ERR_NONE; i++)
        status = plan_link(&stages[i], &stages[i + 1], &plans[i]);
    for (size_t i = 0; i + 1 < count && status != MFX_ERR_NONE; i++)
        (void)vfa_plan_init(&plans[i], NULL);
    return status;
}
