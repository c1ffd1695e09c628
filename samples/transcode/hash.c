/* The md5 of frames: their visible pixels, plane after plane, row after row, as raw video files hold them. */
#include "hash.h"

#include <libavutil/imgutils.h>
#include <libavutil/md5.h>
#include <libavutil/mem.h>
#include <libavutil/pixdesc.h>
#include <stdio.h>

enum exit_code hash_open(struct hash *hash)
{
    hash->md5 = av_md5_alloc();
    if (!hash->md5)
        return fail_memory("the hash");
    av_md5_init(hash->md5);
    return EXIT_DONE;
}

enum exit_code hash_add(struct hash *hash, struct runtime *runtime, const mfxFrameSurface1 *surface)
{
    struct frame_view view;
    enum exit_code code = frame_map(runtime, surface, MFX_MAP_READ, &view);

    if (code != EXIT_DONE)
        return code;
    const AVPixFmtDescriptor *format = av_pix_fmt_desc_get(view.format);
    for (int p = 0; p < 4 && view.planes[p]; p++) {
        int bytes = av_image_get_linesize(view.format, view.width, p);
        int rows = p == 1 || p == 2 ? AV_CEIL_RSHIFT(view.height, format->log2_chroma_h) : view.height;
        for (int row = 0; row < rows && bytes > 0; row++)
            av_md5_update(hash->md5, view.planes[p] + (ptrdiff_t)row * view.pitches[p], (size_t)bytes);
    }
    frame_unmap(&view);
    return EXIT_DONE;
}

void hash_finish(struct hash *hash, char text[HASH_TEXT_MAX])
{
    uint8_t sum[16];

    text[0] = '\0';
    if (!hash->md5)
        return;
    av_md5_final(hash->md5, sum);
    for (size_t i = 0; i < sizeof sum; i++)
        snprintf(text + 2 * i, 3, "%02x", sum[i]);
    av_freep(&hash->md5);
}
