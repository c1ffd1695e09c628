/* Requests and plans for the planner's tests. Include after cmocka.h. */
#ifndef TESTS_UNIT_PLANNING_H
#define TESTS_UNIT_PLANNING_H

#include <string.h>
#include <vfa/plan.h>

/* For frames that a decoder writes to system memory. */
static inline mfxFrameAllocRequest request(mfxU16 min, mfxU16 suggested)
{
    mfxFrameAllocRequest made;
    memset(&made, 0, sizeof made);
    made.Info.FourCC = MFX_FOURCC_NV12;
    made.Info.ChromaFormat = MFX_CHROMAFORMAT_YUV420;
    made.Info.Width = 1920;
    made.Info.Height = 1088;
    made.Type = MFX_MEMTYPE_EXTERNAL_FRAME | MFX_MEMTYPE_FROM_DECODE | MFX_MEMTYPE_SYSTEM_MEMORY;
    made.NumFrameMin = min;
    made.NumFrameSuggested = suggested;
    return made;
}

static inline struct vfa_plan new_plan(void)
{
    struct vfa_plan plan;
    assert_int_equal(vfa_plan_init(&plan, "test"), MFX_ERR_NONE);
    return plan;
}

/* Adds a component that gives Min and Suggested alike, as most do. */
static inline void add(struct vfa_plan *plan, const char *name, mfxU16 frames, mfxU16 async_depth)
{
    mfxFrameAllocRequest asked = request(frames, frames);
    assert_int_equal(vfa_plan_add(plan, name, &asked, async_depth), MFX_ERR_NONE);
}

static inline void hold(struct vfa_plan *plan, const char *name, mfxU16 count)
{
    assert_int_equal(vfa_plan_hold(plan, name, count), MFX_ERR_NONE);
}

static inline struct vfa_plan_result result_of(const struct vfa_plan *plan)
{
    struct vfa_plan_result result;
    assert_int_equal(vfa_plan_result(plan, &result), MFX_ERR_NONE);
    return result;
}

#endif
