/* Raw frames through MFXVideoVPP. */
#include "vpp_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void set_frame(mfxFrameInfo *info, mfxU32 fourcc, mfxU16 width, mfxU16 height)
{
    info->FourCC = fourcc;
    complete_info(info);
    info->Width = info->CropW = width;
    info->Height = info->CropH = height;
    info->FrameRateExtN = 30;
    info->FrameRateExtD = 1;
    info->PicStruct = MFX_PICSTRUCT_PROGRESSIVE;
}

void vpp_defaults(mfxVideoParam *par, mfxU32 from, mfxU16 from_width, mfxU16 from_height, mfxU32 to,
                  mfxU16 to_width, mfxU16 to_height)
{
    memset(par, 0, sizeof(*par));
    par->IOPattern = MFX_IOPATTERN_IN_SYSTEM_MEMORY | MFX_IOPATTERN_OUT_SYSTEM_MEMORY;
    set_frame(&par->vpp.In, from, from_width, from_height);
    set_frame(&par->vpp.Out, to, to_width, to_height);
}

/* Calls whose output was not yet waited for: the oldest is waited for when a surface is needed. */
struct pending {
    mfxFrameSurface1 *surface;
    mfxSyncPoint sync;
};

struct run {
    mfxSession session;
    const struct vpp_setup *setup;
    struct vpp_result *result;
    struct frames in, out;
    struct pending pending[64];
    size_t num_pending;
};

static void collect_oldest(struct run *run)
{
    struct vpp_result *result = run->result;
    mfxFrameSurface1 *surface = run->pending[0].surface;
    mfxFrameInfo crop = surface->Info;
    size_t most = picture_size(surface->Info.FourCC, surface->Info.Width, surface->Info.Height);

    sync_ok(run->session, run->pending[0].sync);
    assert_int_equal(surface->Data.Locked, 0);
    result->data = realloc(result->data, result->size + most);
    assert_non_null(result->data);
    if (run->setup->whole_output)
        surface->Info.CropX = surface->Info.CropY = surface->Info.CropW = surface->Info.CropH = 0;
    result->size += picture_get(&run->out, surface, result->data + result->size);
    surface->Info.CropX = crop.CropX;
    surface->Info.CropY = crop.CropY;
    surface->Info.CropW = crop.CropW;
    surface->Info.CropH = crop.CropH;
    result->pic_struct = surface->Info.PicStruct;
    if (result->count < MOST_STAMPS)
        result->stamps[result->count] = surface->Data.TimeStamp;
    result->count++;
    frames_find(&run->out, surface)->taken = false;
    memmove(run->pending, run->pending + 1, --run->num_pending * sizeof(run->pending[0]));
}

static mfxFrameSurface1 *output_surface(struct run *run)
{
    for (;;) {
        for (size_t i = 0; i < run->out.count; i++)
            if (!run->out.frame[i].taken)
                return &run->out.frame[i].surface;
        collect_oldest(run);
    }
}

/* One call until it is taken. */
static mfxStatus call(struct run *run, mfxFrameSurface1 *in)
{
    for (unsigned waited = 0; waited < 60000; waited++) {
        mfxFrameSurface1 *out = output_surface(run);
        mfxSyncPoint sync = NULL;
        mfxStatus status;

        if (run->setup->dress)
            run->setup->dress(run->result->count + run->num_pending, out);
        status = MFXVideoVPP_RunFrameVPPAsync(run->session, in, out, NULL, &sync);

        if (status == MFX_WRN_DEVICE_BUSY) {
            if (run->num_pending)
                collect_oldest(run);
            else
                sleep_ms(1);
            continue;
        }
        if (status == MFX_ERR_MORE_DATA) {
            assert_null(sync);
            run->result->num_more_data += in != NULL;
            return status;
        }
        assert_true(status == MFX_ERR_NONE || status == MFX_ERR_MORE_SURFACE);
        assert_non_null(sync);
        run->result->num_more_surface += status == MFX_ERR_MORE_SURFACE;
        frames_find(&run->out, out)->taken = true;
        run->pending[run->num_pending++] = (struct pending){out, sync};
        return status;
    }
    fail_msg("VPP stayed busy for a minute");
    return MFX_ERR_UNKNOWN;
}

static void process(struct run *run)
{
    const struct vpp_setup *setup = run->setup;
    const mfxFrameInfo *info = &setup->par.vpp.In;
    size_t picture = picture_size(info->FourCC, info->CropW, info->CropH);

    for (size_t i = 0; i < setup->num_frames; i++) {
        mfxFrameSurface1 *in = frames_free_one(&run->in);

        picture_put(&run->in, in, setup->source + i * picture);
        in->Data.TimeStamp = setup->stamp ? setup->stamp(i) : i * 3000;
        in->Data.FrameOrder = (mfxU32)i;
        if (setup->pic_struct)
            in->Info.PicStruct = setup->pic_struct;
        while (call(run, in) == MFX_ERR_MORE_SURFACE) {
        }
    }
    while (call(run, NULL) != MFX_ERR_MORE_DATA) {
    }
    while (run->num_pending)
        collect_oldest(run);
}

static void create_side(struct frames *frames, const mfxFrameAllocRequest *request, bool by_mid, size_t pad)
{
    if (request->Type & MFX_MEMTYPE_VIDEO_MEMORY_PROCESSOR_TARGET)
        frames_create_video(frames, &request->Info, request->NumFrameSuggested);
    else
        frames_create(frames, &request->Info, request->NumFrameSuggested, by_mid, pad);
}

/* One session has one allocator, for the frames of both sides. */
static void create_frames(struct run *run)
{
    mfxVideoParam par = run->setup->par;
    mfxFrameAllocRequest request[2];

    assert_true(MFXVideoVPP_QueryIOSurf(run->session, &par, request) >= MFX_ERR_NONE);
    assert_true(request[1].NumFrameSuggested <= 64);
    create_side(&run->in, &request[0], false, run->setup->pad);
    create_side(&run->out, &request[1], run->setup->by_mid, run->setup->pad);
    run->in.read_only = true;
    run->out.next = &run->in;
    if (run->in.by_mid || run->out.by_mid)
        assert_int_equal(MFXVideoCORE_SetFrameAllocator(run->session, &run->out.allocator), MFX_ERR_NONE);
}

static void assert_given_back(struct frames *frames)
{
    assert_int_equal(frames_locked(frames), 0);
    assert_int_equal(atomic_load(&frames->num_errors), 0);
    assert_int_equal(atomic_load(&frames->num_locks), atomic_load(&frames->num_unlocks));
    assert_true(!frames->by_mid || atomic_load(&frames->num_locks) > 0);
    assert_int_equal(atomic_load(&frames->num_allocs), 0);
}

void vpp_run(const struct vpp_setup *setup, struct vpp_result *result)
{
    struct run *run = calloc(1, sizeof(*run));
    mfxVideoParam par = setup->par;
    struct runtime runtime;

    assert_non_null(run);
    memset(result, 0, sizeof(*result));
    runtime_open(&runtime);
    run->session = runtime.session;
    run->setup = setup;
    run->result = result;
    create_frames(run);
    assert_true(MFXVideoVPP_Init(run->session, &par) >= MFX_ERR_NONE);
    process(run);
    assert_int_equal(MFXVideoVPP_GetVPPStat(run->session, &result->stat), MFX_ERR_NONE);
    assert_int_equal(MFXVideoVPP_Close(run->session), MFX_ERR_NONE);
    assert_given_back(&run->in);
    assert_given_back(&run->out);
    runtime_close(&runtime);
    frames_destroy(&run->in);
    frames_destroy(&run->out);
    free(run);
}

void vpp_result_free(struct vpp_result *result)
{
    free(result->data);
    memset(result, 0, sizeof(*result));
}

uint8_t *vpp_source(mfxU32 fourcc, unsigned width, unsigned height, size_t count)
{
    char name[64];
    char args[256];
    char *path;
    uint8_t *data;
    size_t size;

    (void)snprintf(name, sizeof(name), "vpp_%ux%u_%zu_%s.nut", width, height, count, pix_fmt_name(fourcc));
    (void)snprintf(args, sizeof(args),
                   "-f lavfi -i testsrc2=size=%ux%u:rate=30 -frames:v %zu -pix_fmt %s -c:v rawvideo", width,
                   height, count, pix_fmt_name(fourcc));
    path = clip(name, args);
    data = clip_raw(path, pix_fmt_name(fourcc), &size);
    assert_int_equal(size, count * picture_size(fourcc, width, height));
    free(path);
    return data;
}

/* The files are of this process alone: several tests may run at once. */
uint8_t *vpp_expected(const uint8_t *source, size_t count, mfxU32 from, unsigned width, unsigned height,
                      const char *filter, mfxU32 to, size_t *size)
{
    char name[64];
    char *raw;
    char *path;
    char *args = NULL;
    uint8_t *data;

    (void)snprintf(name, sizeof(name), "vpp_in_%ld.raw", (long)getpid());
    raw = clip_path(name);
    file_write(raw, source, count * picture_size(from, width, height));
    if (asprintf(
            &args,
            "-f rawvideo -pix_fmt %s -s %ux%u -r 30 -i %s -vf %s,format=%s -vsync passthrough -f rawvideo",
            pix_fmt_name(from), width, height, raw, filter, pix_fmt_name(to)) < 0)
        fail_msg("out of memory");
    (void)snprintf(name, sizeof(name), "vpp_out_%ld.raw", (long)getpid());
    path = clip(name, args);
    data = file_read(path, size);
    (void)unlink(path);
    (void)unlink(raw);
    free(args);
    free(raw);
    free(path);
    return data;
}
