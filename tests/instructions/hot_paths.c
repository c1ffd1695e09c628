/* What applications do for every frame, so many times: hot_paths PATH TIMES. Whoever counts instructions
 * takes the difference of two runs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vfa/vfa.h>

#define FRAMES 256

struct bench {
    struct vfa_allocator *allocator;
    struct vfa_pool *pool;
    struct vfa_pool_want want;
    mfxFrameAllocResponse response;
};

static mfxFrameAllocRequest request_of(mfxU16 frames)
{
    mfxFrameAllocRequest request;
    memset(&request, 0, sizeof request);
    request.Info.FourCC = MFX_FOURCC_NV12;
    request.Info.ChromaFormat = MFX_CHROMAFORMAT_YUV420;
    request.Info.Width = request.Info.Height = 64;
    request.Type = MFX_MEMTYPE_SYSTEM_MEMORY | MFX_MEMTYPE_FROM_ENCODE | MFX_MEMTYPE_EXTERNAL_FRAME;
    request.NumFrameMin = request.NumFrameSuggested = frames;
    return request;
}

static int open_pool(struct bench *b, mfxU16 frames)
{
    struct vfa_pool_config config = vfa_pool_config_defaults();
    config.allocator = vfa_allocator_mfx(b->allocator);
    config.request = request_of(frames);
    b->want = vfa_pool_want_defaults();
    b->want.tag = "encoder";
    return vfa_pool_create(&b->pool, &config) != MFX_ERR_NONE;
}

static int acquire_and_release(struct bench *b, long times)
{
    int failed = 0;
    for (long i = 0; i < times; i++) {
        mfxFrameSurface1 *surface = NULL;
        failed |= vfa_pool_acquire_as(b->pool, &b->want, &surface) != MFX_ERR_NONE;
        failed |= vfa_pool_release(b->pool, surface) != MFX_ERR_NONE;
    }
    return failed;
}

/* With so many surfaces, and `out` of them out meanwhile. */
static int acquire(struct bench *b, mfxU16 frames, int out, long times)
{
    int failed = open_pool(b, frames);
    for (int i = 0; i < out && !failed; i++) {
        mfxFrameSurface1 *surface;
        failed = vfa_pool_acquire(b->pool, 0, &surface) != MFX_ERR_NONE;
    }
    return failed || acquire_and_release(b, times);
}

static int lock_and_unlock(struct bench *b, long times)
{
    mfxFrameAllocRequest request = request_of(FRAMES);
    mfxFrameAllocator *mfx = vfa_allocator_mfx(b->allocator);
    int failed = vfa_frames_alloc(b->allocator, &request, 0, &b->response) != MFX_ERR_NONE;
    for (long i = 0; i < times && !failed; i++) {
        mfxFrameData data;
        mfxMemId mid = b->response.mids[i % FRAMES];
        failed |= mfx->Lock(mfx->pthis, mid, &data) != MFX_ERR_NONE;
        failed |= mfx->Unlock(mfx->pthis, mid, &data) != MFX_ERR_NONE;
    }
    return failed;
}

/* Of memory that was kept. */
static int alloc_and_free(struct bench *b, long times)
{
    mfxFrameAllocRequest request = request_of(8);
    int failed = 0;
    for (long i = 0; i < times && !failed; i++)
        failed = vfa_frames_alloc(b->allocator, &request, 0, &b->response) != MFX_ERR_NONE ||
                 vfa_frames_free(b->allocator, &b->response) != MFX_ERR_NONE;
    return failed;
}

static int run(struct bench *b, const char *path, long times)
{
    if (strcmp(path, "acquire_8") == 0)
        return acquire(b, 8, 0, times);
    if (strcmp(path, "acquire_64") == 0)
        return acquire(b, 64, 0, times);
    if (strcmp(path, "acquire_64_full") == 0)
        return acquire(b, 64, 63, times);
    if (strcmp(path, "acquire_4096_full") == 0)
        return acquire(b, 4096, 4095, times);
    if (strcmp(path, "lock") == 0)
        return lock_and_unlock(b, times);
    return strcmp(path, "alloc_kept") == 0 ? alloc_and_free(b, times) : 2;
}

int main(int count, char **arguments)
{
    static struct bench b;
    long times = count == 3 ? strtol(arguments[2], NULL, 10) : 0;
    if (times <= 0 || vfa_allocator_create(&b.allocator, NULL) != MFX_ERR_NONE)
        return 2;
    int failed = run(&b, arguments[1], times);
    (void)vfa_frames_free(b.allocator, &b.response);
    vfa_pool_destroy(&b.pool);
    vfa_allocator_destroy(&b.allocator);
    if (failed)
        fprintf(stderr, "hot_paths: a call of %s failed\n", arguments[1]);
    return failed;
}
