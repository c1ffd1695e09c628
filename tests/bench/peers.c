/* The pools that take part in pool_bench, opened and used. */
#include "peers.h"

#include <string.h>

#define FRAME_PX 64

const char *const maker_name[MAKERS] = {"AVBufferPool", "GstVideoBufferPool", "vfa_pool"};
const char *const maker_word[MAKERS] = {"av", "gst", "ours"};

void *take(struct bench_pool *pool)
{
    GstBuffer *buffer = NULL;
    mfxFrameSurface1 *surface = NULL;
    switch (pool->maker) {
    case LIBAV:
        return av_buffer_pool_get(pool->libav);
    case GSTREAMER:
        return gst_buffer_pool_acquire_buffer(pool->gstreamer, &buffer, NULL) == GST_FLOW_OK ? buffer : NULL;
    default:
        return vfa_pool_acquire_as(pool->ours, &pool->want, &surface) == MFX_ERR_NONE ? surface : NULL;
    }
}

void give_back(struct bench_pool *pool, void *taken)
{
    AVBufferRef *ref = taken;
    switch (pool->maker) {
    case LIBAV:
        av_buffer_unref(&ref);
        break;
    case GSTREAMER:
        gst_buffer_unref(taken);
        break;
    default:
        (void)vfa_pool_release(pool->ours, taken);
        break;
    }
}

/* The makers' loops are
 * apart: what is measured is their calls, not the choice between them. */
int turn(struct bench_pool *pool, int calls)
{
    int failed = 0;
    switch (pool->maker) {
    case LIBAV:
        for (int i = 0; i < calls; i++) {
            AVBufferRef *buffer = av_buffer_pool_get(pool->libav);
            failed += !buffer;
            av_buffer_unref(&buffer);
        }
        break;
    case GSTREAMER:
        for (int i = 0; i < calls; i++) {
            GstBuffer *buffer = NULL;
            failed += gst_buffer_pool_acquire_buffer(pool->gstreamer, &buffer, NULL) != GST_FLOW_OK;
            gst_buffer_unref(buffer);
        }
        break;
    default:
        for (int i = 0; i < calls; i++) {
            mfxFrameSurface1 *surface;
            failed += vfa_pool_acquire_as(pool->ours, &pool->want, &surface) != MFX_ERR_NONE;
            failed += vfa_pool_release(pool->ours, surface) != MFX_ERR_NONE;
        }
        break;
    }
    return failed;
}

static bool open_gstreamer(struct bench_pool *pool, unsigned int count)
{
    GstCaps *caps = gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING, "NV12", "width", G_TYPE_INT,
                                        FRAME_PX, "height", G_TYPE_INT, FRAME_PX, NULL);
    pool->gstreamer = gst_video_buffer_pool_new();
    GstStructure *config = gst_buffer_pool_get_config(pool->gstreamer);
    gst_buffer_pool_config_set_params(config, caps, FRAME_PX * FRAME_PX * 3 / 2, count, count);
    bool ready = gst_buffer_pool_set_config(pool->gstreamer, config) &&
                 gst_buffer_pool_set_active(pool->gstreamer, TRUE);
    gst_caps_unref(caps);
    return ready;
}

static bool open_ours(struct bench_pool *pool, struct vfa_allocator *allocator, unsigned int count)
{
    struct vfa_pool_config config = vfa_pool_config_defaults();
    config.allocator = vfa_allocator_mfx(allocator);
    config.request.Info.FourCC = MFX_FOURCC_NV12;
    config.request.Info.Width = config.request.Info.Height = FRAME_PX;
    config.request.Type = MFX_MEMTYPE_SYSTEM_MEMORY | MFX_MEMTYPE_FROM_ENCODE | MFX_MEMTYPE_EXTERNAL_FRAME;
    config.request.NumFrameMin = config.request.NumFrameSuggested = (mfxU16)count;
    pool->want = vfa_pool_want_defaults();
    pool->want.tag = "encoder";
    return vfa_pool_create(&pool->ours, &config) == MFX_ERR_NONE;
}

bool open_pool(struct bench_pool *pool, enum maker maker, struct vfa_allocator *allocator, unsigned int count)
{
    memset(pool, 0, sizeof *pool);
    pool->maker = maker;
    switch (maker) {
    case LIBAV:
        pool->libav = av_buffer_pool_init(FRAME_PX * FRAME_PX * 3 / 2, NULL);
        return pool->libav;
    case GSTREAMER:
        return open_gstreamer(pool, count);
    default:
        return open_ours(pool, allocator, count);
    }
}

void close_pool(struct bench_pool *pool)
{
    av_buffer_pool_uninit(&pool->libav);
    if (pool->gstreamer) {
        gst_buffer_pool_set_active(pool->gstreamer, FALSE);
        gst_object_unref(pool->gstreamer);
    }
    vfa_pool_destroy(&pool->ours);
}
