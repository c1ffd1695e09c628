/* The planner: which components can share frames, what frames those are, and chains of pools. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "planning.h"

#define DECODE_VIDEO \
    (MFX_MEMTYPE_EXTERNAL_FRAME | MFX_MEMTYPE_FROM_DECODE | MFX_MEMTYPE_VIDEO_MEMORY_DECODER_TARGET)
#define DECODE_SYSTEM (MFX_MEMTYPE_EXTERNAL_FRAME | MFX_MEMTYPE_FROM_DECODE | MFX_MEMTYPE_SYSTEM_MEMORY)
#define ENCODE_SYSTEM (MFX_MEMTYPE_EXTERNAL_FRAME | MFX_MEMTYPE_FROM_ENCODE | MFX_MEMTYPE_SYSTEM_MEMORY)
#define ENCODE_EITHER (ENCODE_SYSTEM | MFX_MEMTYPE_VIDEO_MEMORY_DECODER_TARGET) /* as JPEG encoders ask */

/* ---- frames ---- */

static void the_pool_fits_the_largest_frames(void **state)
{
    (void)state;
    struct vfa_plan plan = new_plan();
    mfxFrameAllocRequest wide = request(1, 1), high = request(1, 1);
    wide.Info.Width = 4096;
    wide.Info.Height = 16;
    wide.AllocId = 0;
    high.Info.Width = 16;
    high.Info.Height = 2304;
    high.AllocId = 7;
    assert_int_equal(vfa_plan_add(&plan, "wide", &wide, 0), MFX_ERR_NONE);
    assert_int_equal(vfa_plan_add(&plan, "high", &high, 0), MFX_ERR_NONE);
    assert_int_equal(plan.info.Width, 4096);
    assert_int_equal(plan.info.Height, 2304);
    assert_int_equal(plan.alloc_id, 7);

    struct vfa_plan swapped = new_plan();
    assert_int_equal(vfa_plan_add(&swapped, "high", &high, 0), MFX_ERR_NONE);
    assert_int_equal(vfa_plan_add(&swapped, "wide", &wide, 0), MFX_ERR_NONE);
    assert_int_equal(swapped.info.Width, 4096);
    assert_int_equal(swapped.info.Height, 2304);
    assert_int_equal(swapped.alloc_id, 7);
}

static void linear_buffers_merge_by_their_size(void **state)
{
    (void)state;
    struct vfa_plan plan = new_plan();
    mfxFrameAllocRequest small = request(1, 1), large;
    memset(&small.Info, 0, sizeof small.Info);
    small.Info.FourCC = MFX_FOURCC_P8;
    small.Info.BufferSize = 0xffff; /* as Width it would be the larger one */
    large = small;
    large.Info.BufferSize = 0x10000;
    assert_int_equal(vfa_plan_add(&plan, "a", &small, 0), MFX_ERR_NONE);
    assert_int_equal(vfa_plan_add(&plan, "b", &large, 0), MFX_ERR_NONE);
    assert_int_equal(plan.info.BufferSize, 0x10000);
    assert_int_equal(result_of(&plan).bytes_per_surface, 0x10000);
}

static void bytes_are_those_of_the_layout(void **state)
{
    (void)state;
    struct vfa_plan plan = new_plan();
    add(&plan, "decode", 15, 4);
    assert_int_equal(result_of(&plan).bytes_per_surface, 3133440);
    assert_int_equal(result_of(&plan).bytes, 47001600);
}

static void bytes_saturate(void **state)
{
    (void)state;
    if (SIZE_MAX == UINT32_MAX)
        return; /* 65535 surfaces of at most 4 GB are no trouble */
    struct vfa_plan plan = new_plan();
    mfxFrameAllocRequest asked = request(1, 65535);
    memset(&asked.Info, 0, sizeof asked.Info);
    asked.Info.FourCC = MFX_FOURCC_P8;
    asked.Info.BufferSize = (mfxU64)1 << 47;
    assert_int_equal(vfa_plan_add(&plan, "coded", &asked, 0), MFX_ERR_NONE);
    assert_int_equal(result_of(&plan).bytes, ((uint64_t)1 << 47) * 65535);
    plan.info.BufferSize = (mfxU64)1 << 60;
    assert_int_equal(result_of(&plan).bytes_per_surface, (uint64_t)1 << 60);
    assert_int_equal(result_of(&plan).bytes, UINT64_MAX);
}

static void an_unknown_format_is_planned_without_bytes(void **state)
{
    (void)state;
    struct vfa_plan plan = new_plan();
    mfxFrameAllocRequest asked = request(3, 3);
    asked.Info.FourCC = MFX_MAKEFOURCC('?', '?', '?', '?');
    assert_int_equal(vfa_plan_add(&plan, "decode", &asked, 0), MFX_ERR_NONE);
    assert_int_equal(result_of(&plan).suggested, 3);
    assert_int_equal(result_of(&plan).bytes_per_surface, 0);
    assert_int_equal(result_of(&plan).bytes, 0);
}

static void refuses_to_share(mfxFrameAllocRequest first, mfxFrameAllocRequest second)
{
    struct vfa_plan plan = new_plan();
    assert_int_equal(vfa_plan_add(&plan, "first", &first, 0), MFX_ERR_NONE);
    struct vfa_plan before = plan;
    assert_int_equal(vfa_plan_add(&plan, "second", &second, 0), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_memory_equal(&plan, &before, sizeof plan);
}

static void frames_that_cannot_be_shared_are_refused(void **state)
{
    (void)state;
    mfxFrameAllocRequest nv12 = request(3, 3), other = request(3, 3);
    other.Info.FourCC = MFX_FOURCC_P010;
    refuses_to_share(nv12, other);
    other = nv12;
    other.Info.ChromaFormat = MFX_CHROMAFORMAT_YUV422;
    refuses_to_share(nv12, other);
    other = nv12;
    other.Type = DECODE_VIDEO;
    refuses_to_share(nv12, other);
    refuses_to_share(other, nv12);
}

static void a_chroma_format_of_0_goes_with_any(void **state)
{
    (void)state;
    struct vfa_plan plan = new_plan();
    mfxFrameAllocRequest unset = request(3, 3), set = request(3, 3), other = request(3, 3);
    unset.Info.ChromaFormat = 0;
    other.Info.ChromaFormat = MFX_CHROMAFORMAT_YUV422;
    assert_int_equal(vfa_plan_add(&plan, "unset", &unset, 0), MFX_ERR_NONE);
    assert_int_equal(vfa_plan_add(&plan, "set", &set, 0), MFX_ERR_NONE);
    assert_int_equal(plan.info.ChromaFormat, MFX_CHROMAFORMAT_YUV420);
    assert_int_equal(vfa_plan_add(&plan, "unset", &unset, 0), MFX_ERR_NONE);
    assert_int_equal(vfa_plan_add(&plan, "other", &other, 0), MFX_ERR_INVALID_VIDEO_PARAM);
}

static mfxU16 type_of(mfxU16 first, mfxU16 second)
{
    struct vfa_plan plan = new_plan();
    mfxFrameAllocRequest a = request(3, 3), b = request(3, 3);
    a.Type = first;
    b.Type = second;
    assert_int_equal(vfa_plan_add(&plan, "first", &a, 0), MFX_ERR_NONE);
    assert_int_equal(vfa_plan_add(&plan, "second", &b, 0), MFX_ERR_NONE);
    return plan.type;
}

static void types_merge_origins_and_keep_the_memory_all_take(void **state)
{
    (void)state;
    const mfxU16 from_both = MFX_MEMTYPE_FROM_DECODE | MFX_MEMTYPE_FROM_ENCODE | MFX_MEMTYPE_EXTERNAL_FRAME;
    const mfxU16 decoder = MFX_MEMTYPE_VIDEO_MEMORY_DECODER_TARGET, system = MFX_MEMTYPE_SYSTEM_MEMORY;
    const mfxU16 processor = MFX_MEMTYPE_VIDEO_MEMORY_PROCESSOR_TARGET;
    assert_int_equal(type_of(DECODE_SYSTEM, ENCODE_SYSTEM), from_both | system);
    assert_int_equal(type_of(DECODE_SYSTEM, ENCODE_EITHER), from_both | system);
    assert_int_equal(type_of(ENCODE_EITHER, DECODE_VIDEO), from_both | decoder);
    assert_int_equal(type_of(ENCODE_EITHER, ENCODE_EITHER), ENCODE_EITHER);
    assert_int_equal(type_of(decoder, processor), decoder | processor);
    assert_int_equal(type_of(0, DECODE_SYSTEM), DECODE_SYSTEM);
    assert_int_equal(type_of(DECODE_VIDEO, 0), DECODE_VIDEO);
    assert_int_equal(type_of(0, 0), 0);
}

static void the_request_asks_for_the_result(void **state)
{
    (void)state;
    struct vfa_plan plan = new_plan();
    mfxFrameAllocRequest asked = request(5, 9), out;
    asked.AllocId = 42;
    assert_int_equal(vfa_plan_add(&plan, "decode", &asked, 4), MFX_ERR_NONE);
    hold(&plan, "writer", 1);
    memset(&out, 0xaa, sizeof out);
    assert_int_equal(vfa_plan_request(&plan, &out), MFX_ERR_NONE);
    asked.NumFrameMin = 6;
    asked.NumFrameSuggested = 10;
    assert_memory_equal(&out, &asked, sizeof out);
}

/* ---- chains ---- */

static void a_chain_of_two_is_one_pool(void **state)
{
    (void)state;
    mfxFrameAllocRequest decoded = request(9, 9), encoder_in = request(7, 7);
    struct vfa_plan_stage stages[] = {{NULL, NULL, &decoded, 4}, {"encode", &encoder_in, NULL, 0}};
    struct vfa_plan plan;
    assert_int_equal(vfa_plan_chain(stages, 2, &plan), MFX_ERR_NONE);
    assert_string_equal(plan.name, "component->encode");
    assert_int_equal(result_of(&plan).suggested, 9 + 7 + 1);
}

static void a_chain_of_three_has_two_pools(void **state)
{
    (void)state;
    mfxFrameAllocRequest decoded = request(9, 9), vpp_in = request(5, 5), vpp_out = request(6, 6);
    mfxFrameAllocRequest encoder_in = request(7, 7);
    vpp_out.Info.Width = encoder_in.Info.Width = 1280;
    struct vfa_plan_stage stages[] = {
        {"decode", NULL, &decoded, 4}, {"vpp", &vpp_in, &vpp_out, 4}, {"encode", &encoder_in, NULL, 4}};
    struct vfa_plan plans[2];
    assert_int_equal(vfa_plan_chain(stages, 3, plans), MFX_ERR_NONE);
    assert_string_equal(plans[0].name, "decode->vpp");
    assert_string_equal(plans[1].name, "vpp->encode");
    assert_int_equal(result_of(&plans[0]).suggested, 9 + 5 - 4 + 1);
    assert_int_equal(result_of(&plans[1]).suggested, 6 + 7 - 4 + 1);
    assert_int_equal(plans[0].info.Width, 1920);
    assert_int_equal(plans[1].info.Width, 1280);
}

static void refuses_chain(const struct vfa_plan_stage *stages, mfxStatus status)
{
    struct vfa_plan plans[2], empty;
    assert_int_equal(vfa_plan_init(&empty, NULL), MFX_ERR_NONE);
    memset(plans, 0xaa, sizeof plans);
    assert_int_equal(vfa_plan_chain(stages, 3, plans), status);
    assert_memory_equal(&plans[0], &empty, sizeof empty);
    assert_memory_equal(&plans[1], &empty, sizeof empty);
}

static void a_chain_with_a_mistake_leaves_all_plans_empty(void **state)
{
    (void)state;
    mfxFrameAllocRequest nv12 = request(6, 6), p010 = request(6, 6);
    p010.Info.FourCC = MFX_FOURCC_P010;
    struct vfa_plan_stage hole[] = {{"a", NULL, &nv12, 4}, {"b", &nv12, &nv12, 4}, {"c", NULL, NULL, 4}};
    struct vfa_plan_stage mismatch[] = {{"a", NULL, &nv12, 4}, {"b", &nv12, &nv12, 4}, {"c", &p010, NULL, 4}};
    struct vfa_plan_stage deep[] = {{"a", NULL, &nv12, 4}, {"b", &nv12, &nv12, 7}, {"c", &nv12, NULL, 4}};
    refuses_chain(hole, MFX_ERR_NULL_PTR);
    refuses_chain(mismatch, MFX_ERR_INVALID_VIDEO_PARAM);
    refuses_chain(deep, MFX_ERR_MEMORY_ALLOC);
}

static void a_chain_needs_two_stages(void **state)
{
    (void)state;
    mfxFrameAllocRequest nv12 = request(6, 6);
    struct vfa_plan_stage stage = {"a", &nv12, &nv12, 4};
    struct vfa_plan plan;
    assert_int_equal(vfa_plan_chain(&stage, 1, &plan), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(vfa_plan_chain(&stage, 0, &plan), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(vfa_plan_chain(NULL, 2, &plan), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_plan_chain(&stage, 2, NULL), MFX_ERR_NULL_PTR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_pool_fits_the_largest_frames),
        cmocka_unit_test(linear_buffers_merge_by_their_size),
        cmocka_unit_test(bytes_are_those_of_the_layout),
        cmocka_unit_test(bytes_saturate),
        cmocka_unit_test(an_unknown_format_is_planned_without_bytes),
        cmocka_unit_test(frames_that_cannot_be_shared_are_refused),
        cmocka_unit_test(a_chroma_format_of_0_goes_with_any),
        cmocka_unit_test(types_merge_origins_and_keep_the_memory_all_take),
        cmocka_unit_test(the_request_asks_for_the_result),
        cmocka_unit_test(a_chain_of_two_is_one_pool),
        cmocka_unit_test(a_chain_of_three_has_two_pools),
        cmocka_unit_test(a_chain_with_a_mistake_leaves_all_plans_empty),
        cmocka_unit_test(a_chain_needs_two_stages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
