/* Copies of planes that are mapped. */
#include "format/planes.h"
#include "copy/rows.h"

#include <stdbool.h>
#include <string.h>
#include <vfa/copy.h>

/* A picture's copy, whole: each part does its share of every plane's rows. */
struct job {
    struct vfa__plane from[VFA_MAX_PLANES], to[VFA_MAX_PLANES];
    uint32_t planes;
    vfa__copy_row_fn *copy_row;
    bool fenced;
    unsigned int parts;
};

static void copy_part(void *context, unsigned int index)
{
    const struct job *job = context;
    for (uint32_t i = 0; i < job->planes; i++) {
        const struct vfa__plane *from = &job->from[i], *to = &job->to[i];
        size_t first = from->rows * index / job->parts, end = from->rows * (index + 1) / job->parts;
        mfxU8 *source = from->start + first * from->pitch_bytes,
              *target = to->start + first * to->pitch_bytes;
        size_t bytes = from->row_bytes, rows = end - first;
        if (from->pitch_bytes == bytes && to->pitch_bytes == bytes && rows) { /* one long row */
            bytes *= rows;
            rows = 1;
        }
        for (size_t y = 0; y < rows; y++) {
            job->copy_row(target, source, bytes);
            source += from->pitch_bytes;
            target += to->pitch_bytes;
        }
    }
    if (job->fenced)
        vfa__copy_fence();
}

static void choose_copier(struct job *job, const struct vfa_copy_config *config)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < job->planes; i++)
        bytes += job->from[i].row_bytes * job->from[i].rows; /* a picture that is there */
    job->copy_row = vfa__copier(VFA__COPIER_PLAIN);
    if (config->from_uncached) {
        job->copy_row = vfa__copier_from_uncached();
    } else if (config->bypass_bytes && bytes >= config->bypass_bytes) {
        job->copy_row = vfa__copier_past_cache();
        job->fenced = true;
    }
}

mfxStatus vfa_copy_planes(const mfxFrameInfo *info, const mfxFrameData *from, const mfxFrameData *to,
                          const struct vfa_copy_config *config)
{
    const struct vfa_copy_config defaults = vfa_copy_config_defaults();
    struct job job = {.parts = 1};
    if (!config)
        config = &defaults;
    if (!info || !from || !to)
        return MFX_ERR_NULL_PTR;
    if (config->size != sizeof *config)
        return MFX_ERR_INVALID_VIDEO_PARAM;
    mfxStatus status = vfa__planes_find(info, from, job.from, &job.planes);
    if (status == MFX_ERR_NONE)
        status = vfa__planes_find(info, to, job.to, &job.planes);
    if (status != MFX_ERR_NONE)
        return status;
    for (uint32_t i = 0; i < job.planes; i++)
        if (job.from[i].start == job.to[i].start)
            return MFX_ERR_UNDEFINED_BEHAVIOR;
    choose_copier(&job, config);
    if (config->run && config->parts > 1) {
        job.parts = config->parts;
        config->run(config->run_user, job.parts, copy_part, &job);
    } else {
        copy_part(&job, 0);
    }
    return MFX_ERR_NONE;
}
