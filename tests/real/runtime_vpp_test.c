/* What video processing of Intel's runtimes asks of a frame allocator, from and to both kinds of memory.
 *   real_runtime_vpp IMPLEMENTATION-NAME MAJOR-VERSION-OF-API */
#include "runtime.h"

#define PICTURES 3

struct side {
    mfxU16 io_pattern, type;
    bool video;
};

static const struct side in_system = {MFX_IOPATTERN_IN_SYSTEM_MEMORY, TYPE_VPP_IN_SYSTEM, false};
static const struct side in_video = {MFX_IOPATTERN_IN_VIDEO_MEMORY, TYPE_VPP_IN_VIDEO, true};
static const struct side out_system = {MFX_IOPATTERN_OUT_SYSTEM_MEMORY, TYPE_VPP_OUT_SYSTEM, false};
static const struct side out_video = {MFX_IOPATTERN_OUT_VIDEO_MEMORY, TYPE_VPP_OUT_VIDEO, true};

static mfxVideoParam halving(const struct side *in, const struct side *out)
{
    mfxVideoParam par = {.IOPattern = in->io_pattern | out->io_pattern, .AsyncDepth = 1};
    par.vpp.In = nv12_info(640, 480);
    par.vpp.Out = nv12_info(320, 240);
    return par;
}

static void process(mfxSession session, mfxFrameSurface1 *in, mfxFrameSurface1 *out)
{
    mfxSyncPoint sync = NULL;
    mfxStatus status;
    while ((status = MFXVideoVPP_RunFrameVPPAsync(session, in, out, NULL, &sync)) == MFX_WRN_DEVICE_BUSY)
        runtime_pause();
    assert_int_equal(status, MFX_ERR_NONE);
    assert_int_equal(runtime_sync(session, sync), MFX_ERR_NONE);
}

/* The runtime's calls of a kind for frames of one side. */
static size_t calls_for(struct runtime *r, const struct frames *frames, enum recorder_kind kind)
{
    size_t count = recorder_count(&r->recorder, kind), found = 0;
    for (size_t i = 0; i < count; i++)
        found += frames_has(frames, recorder_get(&r->recorder, kind, i).mid);
    return found;
}

/* Video memory is reached by its handle, system memory by one Lock for each picture. */
static void check_calls(struct runtime *r, const struct frames *frames, const struct side *side)
{
    assert_int_equal(calls_for(r, frames, RECORDER_GET_HDL), side->video ? PICTURES : 0);
    assert_int_equal(calls_for(r, frames, RECORDER_LOCK), side->video ? 0 : PICTURES);
    assert_int_equal(calls_for(r, frames, RECORDER_UNLOCK), side->video ? 0 : PICTURES);
}

static void check(struct runtime *r, const struct side *in, const struct side *out)
{
    static struct frames from, to;
    mfxFrameAllocRequest request[2];
    mfxVideoParam par = halving(in, out);
    memset(request, 0, sizeof request);
    assert_int_equal(MFXVideoVPP_QueryIOSurf(r->session, &par, request), MFX_ERR_NONE);
    assert_int_equal(request[0].Type, in->type);
    assert_int_equal(request[1].Type, out->type);
    frames_alloc(&from, r, &request[0]);
    frames_alloc(&to, r, &request[1]);
    assert_int_equal(MFXVideoVPP_Init(r->session, &par), MFX_ERR_NONE);
    for (int i = 0; i < PICTURES; i++)
        process(r->session, frames_next(&from), frames_next(&to));
    check_calls(r, &from, in);
    check_calls(r, &to, out);
    assert_int_equal(recorder_count(&r->recorder, RECORDER_ALLOC), 0);
    assert_int_equal(MFXVideoVPP_Close(r->session), MFX_ERR_NONE);
    assert_int_equal(recorder_count(&r->recorder, RECORDER_FREE), 0);
    frames_free(&from);
    frames_free(&to);
}

static void from_system_to_system_memory(void **state)
{
    check(*state, &in_system, &out_system);
}

static void from_system_to_video_memory(void **state)
{
    check(*state, &in_system, &out_video);
}

static void from_video_to_system_memory(void **state)
{
    check(*state, &in_video, &out_system);
}

static void from_video_to_video_memory(void **state)
{
    check(*state, &in_video, &out_video);
}

static void both_memories_on_one_side_are_no_pattern(void **state)
{
    struct runtime *r = *state;
    mfxVideoParam par = halving(&in_video, &out_video);
    par.IOPattern |= MFX_IOPATTERN_OUT_SYSTEM_MEMORY;
    assert_int_equal(MFXVideoVPP_Init(r->session, &par), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(recorder_count(&r->recorder, RECORDER_ALLOC), 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        runtime_test(from_system_to_system_memory),
        runtime_test(from_system_to_video_memory),
        runtime_test(from_video_to_system_memory),
        runtime_test(from_video_to_video_memory),
        runtime_test(both_memories_on_one_side_are_no_pattern),
    };
    return runtime_arguments(argc, argv)
               ? cmocka_run_group_tests(tests, runtime_group_open, runtime_group_close)
               : 2;
}
