/* Sums over several pools, and as many surfaces as a number of bytes has room for. */
#include "plan/plan.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

static uint64_t add_saturating(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

void vfa__plan_total_add(struct vfa_plan_total *total, const struct vfa_plan_result *result)
{
    total->suggested += result->suggested;
    total->min += result->min;
    total->surfaces += result->surfaces;
    total->bytes = add_saturating(total->bytes, result->bytes);
    total->bytes_min = add_saturating(total->bytes_min, result->bytes_min);
    total->unsized += !result->bytes_per_surface;
    total->warnings |= result->warnings;
}

mfxStatus vfa_plan_total(const struct vfa_plan *plans, size_t count, struct vfa_plan_total *out)
{
    if (!out)
        return MFX_ERR_NULL_PTR;
    memset(out, 0, sizeof *out);
    if (!plans)
        return MFX_ERR_NULL_PTR;
    for (size_t i = 0; i < count; i++) {
        struct vfa_plan_result result;
        mfxStatus status = vfa_plan_result(&plans[i], &result);
        if (status != MFX_ERR_NONE) {
            memset(out, 0, sizeof *out);
            return status;
        }
        vfa__plan_total_add(out, &result);
    }
    return MFX_ERR_NONE;
}

/* How far pools are filled from their minimum (0) to what is suggested. */
#define LEVEL_FULL UINT16_MAX

static mfxU16 count_at(const struct vfa_plan_result *result, mfxU32 level)
{
    mfxU32 wish = (mfxU32)result->suggested - result->min;
    return (mfxU16)(result->min + (mfxU32)((uint64_t)wish * level / LEVEL_FULL));
}

/* What a plan comes to that vfa_plan_total has accepted. */
static struct vfa_plan_result result_of(const struct vfa_plan *plan)
{
    struct vfa_plan_result result;
    mfxStatus status = vfa_plan_result(plan, &result);
    assert(status == MFX_ERR_NONE);
    (void)status;
    return result;
}

/* Bytes of all pools at that level; with `set`, which also becomes their limit. */
static uint64_t fill(struct vfa_plan *plans, size_t count, mfxU32 level, bool set)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        struct vfa_plan_result result = result_of(&plans[i]);
        mfxU16 surfaces = count_at(&result, level);
        bytes = add_saturating(bytes, vfa__plan_bytes(surfaces, result.bytes_per_surface));
        if (set)
            plans[i].limit = surfaces;
    }
    return bytes;
}

/* What rounding down has left goes to the first pools that have use for it. */
static void spend_rest(struct vfa_plan *plans, size_t count, uint64_t rest)
{
    for (size_t i = 0; i < count; i++) {
        struct vfa_plan_result result = result_of(&plans[i]);
        uint64_t more = rest / result.bytes_per_surface;
        if (more > (uint64_t)result.suggested - result.surfaces)
            more = (uint64_t)result.suggested - result.surfaces;
        plans[i].limit = (mfxU16)(plans[i].limit + more);
        rest -= more * result.bytes_per_surface;
    }
}

static void limit_to(struct vfa_plan *plans, size_t count, uint64_t budget)
{
    mfxU32 fits = 0, too_much = LEVEL_FULL;
    while (too_much - fits > 1) {
        mfxU32 middle = fits + (too_much - fits) / 2;
        if (fill(plans, count, middle, false) <= budget)
            fits = middle;
        else
            too_much = middle;
    }
    spend_rest(plans, count, budget - fill(plans, count, fits, true));
}

mfxStatus vfa_plan_fit(struct vfa_plan *plans, size_t count, uint64_t budget_bytes,
                       struct vfa_plan_total *out)
{
    struct vfa_plan_total unused = {0};
    struct vfa_plan_total *total = out ? out : &unused;
    memset(total, 0, sizeof *total);
    if (!plans)
        return MFX_ERR_NULL_PTR;
    for (size_t i = 0; i < count; i++)
        plans[i].limit = 0;
    mfxStatus status = vfa_plan_total(plans, count, total);
    if (status != MFX_ERR_NONE)
        return status;
    if (total->unsized)
        return MFX_ERR_UNSUPPORTED;
    if (total->bytes_min > budget_bytes)
        return MFX_ERR_MEMORY_ALLOC;
    if (total->bytes <= budget_bytes)
        return MFX_ERR_NONE;
    limit_to(plans, count, budget_bytes);
    return vfa_plan_total(plans, count, total);
}
