/* What frames cost beside their pixels: the library's records, counted on the heap, and the memory that its
 * mappings have beyond the pixels; and the growth of the resident memory of a process that touches all
 * pixels, beside that with aligned_alloc and no records at all. Sets of 1 to 64 frames, alone and in a pool,
 * each in a child of its own: nothing is left of the one before. */
#include "figures.h"
#include "summary.h"

#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vfa/vfa.h>

#define ROUNDS      5
#define PAGE        4096
#define MOST_FRAMES 64

static const unsigned int counts[] = {1, 4, 16, 64};
#define COUNTS (sizeof counts / sizeof *counts)

static const struct shape {
    const char *word, *name;
    mfxU16 width, height;
} shapes[] = {
    {"720p", "1280x720", 1280, 720}, {"1080p", "1920x1088", 1920, 1088}, {"4k", "3840x2160", 3840, 2160}};
#define SHAPES (sizeof shapes / sizeof *shapes)

enum way {
    HEAP,
    SET,
    POOL,
    WAYS
};

static const char *const way_name[WAYS] = {"aligned_alloc", "a set", "a pool"};
static const char *const way_word[WAYS] = {"glibc", "set", "pool"};

/* Bytes that came on top of the pixels, for all frames together. */
struct cost {
    double records; /* on the heap */
    double padding; /* in mappings of pixels */
    double resident;
};

static size_t pixels_of(const struct shape *shape)
{
    return (size_t)shape->width * shape->height * 3 / 2;
}

/* Bytes handed out by the heap. */
static double heap_bytes(void)
{
    struct mallinfo2 info = mallinfo2();
    return (double)info.uordblks + (double)info.hblkhd;
}

/* Of this process alone, in bytes; 0: the kernel does not say. Programs' and libraries' pages, which come as
 * they are first run, are not among it. */
static double resident_bytes(void)
{
    char line[256];
    double kib = 0;
    FILE *from = fopen("/proc/self/smaps_rollup", "r");
    while (from && fgets(line, sizeof line, from))
        if (strncmp(line, "Anonymous:", 10) == 0)
            kib = strtod(line + 10, NULL);
    if (from)
        (void)fclose(from);
    return kib * 1024;
}

static mfxFrameAllocRequest request_of(const struct shape *shape, unsigned int frames)
{
    mfxFrameAllocRequest request;
    memset(&request, 0, sizeof request);
    request.Info.FourCC = MFX_FOURCC_NV12;
    request.Info.ChromaFormat = MFX_CHROMAFORMAT_YUV420;
    request.Info.Width = shape->width;
    request.Info.Height = shape->height;
    request.Type = MFX_MEMTYPE_SYSTEM_MEMORY | MFX_MEMTYPE_FROM_ENCODE | MFX_MEMTYPE_EXTERNAL_FRAME;
    request.NumFrameMin = request.NumFrameSuggested = (mfxU16)frames;
    return request;
}

static bool touch(struct vfa_allocator *allocator, const mfxFrameAllocResponse *response, size_t bytes)
{
    mfxFrameAllocator *mfx = vfa_allocator_mfx(allocator);
    for (int i = 0; i < response->NumFrameActual; i++) {
        mfxFrameData data = {.Y = NULL};
        if (mfx->Lock(mfx->pthis, response->mids[i], &data) != MFX_ERR_NONE)
            return false;
        memset(data.Y, 1, bytes);
        if (mfx->Unlock(mfx->pthis, response->mids[i], &data) != MFX_ERR_NONE)
            return false;
    }
    return true;
}

/* The allocator counts with the frames: it is one of the records. */
static bool make_ours(const struct shape *shape, unsigned int frames, bool pool, double *mapped)
{
    struct vfa_pool_config config = vfa_pool_config_defaults();
    struct vfa_allocator *allocator;
    struct vfa_pool *surfaces;
    struct vfa_stats stats;
    mfxFrameAllocResponse response;
    const mfxFrameAllocResponse *made = &response;
    if (vfa_allocator_create(&allocator, NULL) != MFX_ERR_NONE)
        return false;
    config.allocator = vfa_allocator_mfx(allocator);
    config.request = request_of(shape, frames);
    if (pool) {
        if (vfa_pool_create(&surfaces, &config) != MFX_ERR_NONE)
            return false;
        made = vfa_pool_response(surfaces);
    } else if (vfa_frames_alloc(allocator, &config.request, 0, &response) != MFX_ERR_NONE) {
        return false;
    }
    if (!touch(allocator, made, pixels_of(shape)) || vfa_allocator_stats(allocator, &stats) != MFX_ERR_NONE)
        return false;
    *mapped = (double)stats.memory.mapped_bytes;
    return true;
}

static bool make_heap(const struct shape *shape, unsigned int frames)
{
    static void *kept[MOST_FRAMES]; /* so that none is optimised away */
    for (unsigned int i = 0; i < frames; i++) {
        kept[i] = aligned_alloc(PAGE, (pixels_of(shape) + PAGE - 1) / PAGE * PAGE);
        if (!kept[i])
            return false;
        memset(kept[i], 1, pixels_of(shape));
    }
    return true;
}

/* In the child. */
static bool find_cost(const struct shape *shape, unsigned int frames, enum way way, struct cost *out)
{
    double pixels = (double)pixels_of(shape) * frames, mapped = pixels;
    (void)resident_bytes(); /* what reading takes is there before */
    double heap = heap_bytes(), resident = resident_bytes();
    if (way == HEAP ? !make_heap(shape, frames) : !make_ours(shape, frames, way == POOL, &mapped))
        return false;
    out->resident = resident_bytes() - resident - pixels;
    out->records = heap_bytes() - heap - (way == HEAP ? pixels : 0);
    out->padding = mapped - pixels;
    return resident > 0;
}

/* In a child. */
static bool cost_of(const struct shape *shape, unsigned int frames, enum way way, struct cost *out)
{
    int ends[2], status;
    if (pipe(ends) != 0)
        return false;
    pid_t child = fork();
    if (child < 0)
        return false;
    if (child == 0) {
        bool found = find_cost(shape, frames, way, out);
        _exit(found && write(ends[1], out, sizeof *out) == (ssize_t)sizeof *out ? 0 : 1);
    }
    (void)close(ends[1]);
    bool got = read(ends[0], out, sizeof *out) == (ssize_t)sizeof *out;
    (void)close(ends[0]);
    return waitpid(child, &status, 0) == child && status == 0 && got;
}

static void keep(struct figures *figures, const struct shape *shape, unsigned int frames, enum way way,
                 const struct cost *cost)
{
    double pixels = (double)pixels_of(shape) * frames, records[ROUNDS], padding[ROUNDS], resident[ROUNDS];
    char name[64], text[128];
    for (int i = 0; i < ROUNDS; i++) {
        records[i] = cost[i].records / frames;
        padding[i] = cost[i].padding / frames;
        resident[i] = 100 * cost[i].resident / pixels;
    }
    (void)snprintf(name, sizeof name, "resident_%s_%s_%u", way_word[way], shape->word, frames);
    (void)snprintf(text, sizeof text, "resident beyond pixels, %s of %u, %s", way_name[way], frames,
                   shape->name);
    figures_add(figures, &(struct figure){name, text, "%", 0}, resident, ROUNDS);
    struct summary of_records = summarise(records, ROUNDS), of_resident = summarise(resident, ROUNDS);
    printf("  %-10s %3u  %-14s %8.0f %10.0f %10.3f%%\n", shape->name, frames, way_name[way],
           of_records.median, summarise(padding, ROUNDS).median, of_resident.median);
    if (way == HEAP)
        return;
    (void)snprintf(name, sizeof name, "records_%s_%s_%u", way_word[way], shape->word, frames);
    (void)snprintf(text, sizeof text, "records a frame, %s of %u, %s", way_name[way], frames, shape->name);
    figures_add(figures, &(struct figure){name, text, "bytes", 0}, records, ROUNDS);
    (void)snprintf(name, sizeof name, "padding_%s_%s_%u", way_word[way], shape->word, frames);
    (void)snprintf(text, sizeof text, "padding a frame, %s of %u, %s", way_name[way], frames, shape->name);
    figures_add(figures, &(struct figure){name, text, "bytes", 0}, padding, ROUNDS);
}

/* Records that come with each further frame, of any size: what a thousand take more than one. */
static bool measure_further(struct figures *figures)
{
    static const struct shape tiny = {"tiny", "64x64", 64, 64};
    printf("Records of each further frame, bytes\n");
    for (int way = SET; way < WAYS; way++) {
        struct cost one, thousand;
        char name[64], text[128];
        if (!cost_of(&tiny, 1, (enum way)way, &one) || !cost_of(&tiny, 1000, (enum way)way, &thousand))
            return false;
        double further = (thousand.records - one.records) / 999;
        (void)snprintf(name, sizeof name, "further_%s", way_word[way]);
        (void)snprintf(text, sizeof text, "records of each further frame, %s of up to 1000", way_name[way]);
        figures_add(figures, &(struct figure){name, text, "bytes", 0}, &further, 1);
        printf("  %-14s %8.0f\n", way_name[way], further);
    }
    return true;
}

static bool measure(struct figures *figures)
{
    printf("Beside the pixels, a frame: bytes of records and of padding; resident, of the pixels\n");
    for (size_t s = 0; s < SHAPES; s++)
        for (size_t c = 0; c < COUNTS; c++)
            for (int way = 0; way < WAYS; way++) {
                struct cost cost[ROUNDS];
                for (int round = 0; round < ROUNDS; round++)
                    if (!cost_of(&shapes[s], counts[c], (enum way)way, &cost[round]))
                        return false;
                keep(figures, &shapes[s], counts[c], (enum way)way, cost);
            }
    return true;
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* children inherit nothing unwritten */
    struct figures *figures = figures_open("overhead");
    bool measured = figures && measure(figures) && measure_further(figures);
    if (!measured)
        fputs("overhead_bench: a call failed\n", stderr);
    return figures_close(figures, measured) || !measured ? 1 : 0;
}
