/* The way into VA surfaces that was chosen by measuring, beside each way by itself: a map, every byte touched
 * once, and the unmap, by format and direction. The contestants take turns within each round.
 *
 *   va_map_bench [WIDTH HEIGHT]      on the render node in VFA_TEST_NODE, or the first that opens
 *
 * To read, ways that are not proven to leave the surface alone compete only where there is no other. */
#include "figures.h"
#include "summary.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vfa/va.h>

#define ROUNDS 25

/* VFA_VA_WAY_MEASURED is the contestant in question. */
static const char *const way_name[VFA_VA_WAYS] = {"chosen", "derive", "image", "derive+copy", "image+copy"};
static const char *const direction_name[VFA_VA_DIRECTIONS] = {"read", "write", "read+write"};
static const mfxU32 flags_of[VFA_VA_DIRECTIONS] = {MFX_MAP_READ, MFX_MAP_WRITE, MFX_MAP_READ_WRITE};

struct bench {
    struct vfa_va *va;
    struct vfa_allocator *allocator;
    mfxFrameInfo info;
    mfxMemId mid;
    struct vfa_va_facts facts;
    struct vfa_layout layout;
    mfxU8 *row;
    double worst;
    int compared;
    struct figures *figures;
};

/* FORMAT_DIRECTION_WAY, of small letters, digits and _. */
static void keep(struct bench *b, enum vfa_va_direction direction, unsigned int way, const double *ns)
{
    double us[ROUNDS];
    char name[96], text[96], fourcc[VFA_FOURCC_TEXT_MAX];
    (void)vfa_fourcc_text(b->info.FourCC, fourcc);
    (void)snprintf(text, sizeof text, "%s, %s, %s", fourcc, direction_name[direction], way_name[way]);
    (void)snprintf(name, sizeof name, "%s_%s_%s", fourcc, direction_name[direction], way_name[way]);
    for (char *c = name; *c; c++)
        *c = (char)(isalnum((unsigned char)*c) ? tolower((unsigned char)*c) : '_');
    for (int round = 0; round < ROUNDS; round++)
        us[round] = ns[round] / 1e3;
    figures_add(b->figures, &(struct figure){name, text, "us", 0}, us, ROUNDS);
}

static void touch(struct bench *b, const mfxFrameData *data, mfxU32 flags)
{
    const struct vfa_format *format = b->layout.format;
    mfxU8 *pointer[VFA_CHANNELS] = {data->Y, data->U, data->V, data->A};
    for (size_t i = 0; i < format->plane_count; i++) {
        mfxU8 *plane = NULL;
        for (size_t c = 0; c < VFA_CHANNELS && !plane; c++)
            if (format->channel[c].plane == (int)i)
                plane = pointer[c] - format->channel[c].offset_bytes;
        size_t pitch = vfa_frame_data_pitch(data) / format->plane[i].pitch_div;
        size_t rows = b->info.Height / format->plane[i].row_div, bytes = b->layout.plane[i].row_bytes;
        for (size_t y = 0; plane && y < rows; y++) {
            if (flags & MFX_MAP_READ)
                memcpy(b->row, plane + y * pitch, bytes);
            if (flags & MFX_MAP_WRITE)
                memcpy(plane + y * pitch, b->row, bytes);
        }
    }
}

/* Nanoseconds; below 0: it failed. */
static double one_map(struct bench *b, enum vfa_va_direction direction, enum vfa_va_way way)
{
    mfxFrameData data;
    memset(&data, 0, sizeof data);
    if (vfa_va_set_way(b->va, b->info.FourCC, direction, way) != MFX_ERR_NONE)
        return -1;
    double start = now_ns();
    if (vfa_map(b->allocator, b->mid, flags_of[direction], &data) != MFX_ERR_NONE)
        return -1;
    touch(b, &data, flags_of[direction]);
    if (vfa_unmap(b->allocator, b->mid, &data) != MFX_ERR_NONE)
        return -1;
    return now_ns() - start;
}

static int competes(const struct vfa_va_facts *facts, enum vfa_va_direction direction, unsigned int way)
{
    if (facts->way[way].refused != VA_STATUS_SUCCESS || facts->way[way].unfit)
        return 0;
    return direction != VFA_VA_READ || !facts->way[way].writes_back ||
           facts->way[facts->chosen[direction]].writes_back;
}

static int compare(struct bench *b, enum vfa_va_direction direction)
{
    double ns[VFA_VA_WAYS][ROUNDS], best = 0;
    char name[VFA_FOURCC_TEXT_MAX];
    if (b->facts.chosen[direction] == VFA_VA_WAY_MEASURED)
        return 0;
    for (int round = -1; round < ROUNDS; round++) /* the first is not counted */
        for (unsigned int turn = 0; turn < VFA_VA_WAYS; turn++) {
            /* To and fro: who comes after whom finds other caches. */
            unsigned int w = round % 2 ? VFA_VA_WAYS - 1 - turn : turn;
            if (w != VFA_VA_WAY_MEASURED && !competes(&b->facts, direction, w))
                continue;
            double took = one_map(b, direction, (enum vfa_va_way)w);
            if (took < 0)
                return -1;
            if (round >= 0)
                ns[w][round] = took;
        }
    printf("%-10s %-11s %-12s", vfa_fourcc_text(b->info.FourCC, name), direction_name[direction],
           way_name[b->facts.chosen[direction]]);
    keep(b, direction, VFA_VA_WAY_MEASURED, ns[VFA_VA_WAY_MEASURED]);
    double chosen = summarise(ns[VFA_VA_WAY_MEASURED], ROUNDS).median;
    for (unsigned int w = VFA_VA_WAY_DERIVE; w < VFA_VA_WAYS; w++) {
        if (!competes(&b->facts, direction, w)) {
            printf(" %9s", "-");
            continue;
        }
        keep(b, direction, w, ns[w]);
        double median = summarise(ns[w], ROUNDS).median;
        printf(" %9.1f", median / 1000);
        if (best == 0 || median < best)
            best = median;
    }
    printf(" %9.1f %6.2f\n", chosen / 1000, chosen / best);
    if (chosen / best > b->worst)
        b->worst = chosen / best;
    b->compared++;
    return 0;
}

/* 1: the driver has no such frames. */
static int run_format(struct bench *b, const struct vfa_format *format, mfxU16 width, mfxU16 height)
{
    mfxFrameAllocRequest request;
    mfxFrameAllocResponse response;
    memset(&request, 0, sizeof request);
    request.Info.FourCC = format->fourcc;
    request.Info.Width = width;
    request.Info.Height = height;
    request.Type =
        MFX_MEMTYPE_VIDEO_MEMORY_DECODER_TARGET | MFX_MEMTYPE_FROM_DECODE | MFX_MEMTYPE_EXTERNAL_FRAME;
    request.NumFrameMin = request.NumFrameSuggested = 1;
    b->info = request.Info;
    if (vfa_va_probe(b->va, &request.Info, request.Type, &b->facts, NULL) != MFX_ERR_NONE ||
        vfa_layout_compute(&request.Info, NULL, &b->layout) != MFX_ERR_NONE ||
        vfa_frames_alloc(b->allocator, &request, 0, &response) != MFX_ERR_NONE)
        return 1;
    b->mid = response.mids[0];
    b->row = calloc(1, b->layout.pitch_bytes);
    int result = b->row ? 0 : -1;
    for (unsigned int d = 0; d < VFA_VA_DIRECTIONS && result == 0; d++)
        result = compare(b, (enum vfa_va_direction)d);
    free(b->row);
    (void)vfa_frames_free(b->allocator, &response);
    return result;
}

static int run_all(struct bench *b, mfxU16 width, mfxU16 height)
{
    printf("%s, %ux%u: median of %d maps, microseconds\n", vfa_va_vendor(b->va), width, height, ROUNDS);
    printf("%-10s %-11s %-12s %9s %9s %9s %9s %9s %6s\n", "format", "direction", "chosen", way_name[1],
           way_name[2], way_name[3], way_name[4], "chosen", "ratio");
    for (size_t i = 0; i < vfa_format_count(); i++) {
        const struct vfa_format *format = vfa_format_at(i);
        if (!format->linear && run_format(b, format, width, height) < 0) {
            struct vfa_error error;
            (void)vfa_last_error(b->allocator, &error);
            fprintf(stderr, "va_map_bench: %s: %s\n", format->name, error.text);
            return 1;
        }
    }
    printf("worst ratio of the chosen way to the best by itself, of %d: %.2f\n", b->compared, b->worst);
    double compared = b->compared;
    figures_add(b->figures,
                &(struct figure){"worst", "the way chosen, of the best by itself: worst", "ratio", 0},
                &b->worst, 1);
    figures_add(b->figures, &(struct figure){"compared", "formats and directions compared", "pairs", 0},
                &compared, 1);
    return 0;
}

int main(int argc, char **argv)
{
    struct bench b;
    struct vfa_error error;
    struct vfa_backend backend;
    struct vfa_va_config va = vfa_va_config_defaults();
    struct vfa_allocator_config config = vfa_allocator_config_defaults();
    memset(&b, 0, sizeof b);
    int width = argc > 2 ? atoi(argv[1]) : 1920, height = argc > 2 ? atoi(argv[2]) : 1088;
    if (width < 16 || width > 16384 || height < 16 || height > 16384 || width % 16 || height % 16) {
        fprintf(stderr, "va_map_bench: sizes are multiples of 16, to 16384\n");
        return 2;
    }
    va.device = getenv("VFA_TEST_NODE");
    if (vfa_va_create(&b.va, &va, &error) != MFX_ERR_NONE) {
        fprintf(stderr, "va_map_bench: %s\n", error.text);
        return 1;
    }
    config.backend = &backend;
    config.backend_count = 1;
    int result = 1;
    b.figures = figures_open("va_map");
    figures_library(b.figures, "VA driver", vfa_va_vendor(b.va));
    if (b.figures && vfa_va_backend(b.va, &backend) == MFX_ERR_NONE &&
        vfa_allocator_create(&b.allocator, &config) == MFX_ERR_NONE)
        result = run_all(&b, (mfxU16)width, (mfxU16)height);
    vfa_allocator_destroy(&b.allocator);
    if (figures_close(b.figures, result == 0))
        result = 1;
    vfa_va_destroy(&b.va);
    return result;
}
