/* The three makers' pools behind one face: FFmpeg's, GStreamer's and ours. */
#ifndef BENCH_PEERS_H
#define BENCH_PEERS_H

#include <gst/video/gstvideopool.h>
#include <libavutil/buffer.h>
#include <stdbool.h>
#include <vfa/vfa.h>

enum maker {
    LIBAV,
    GSTREAMER,
    OURS,
    MAKERS
};

extern const char *const maker_name[MAKERS];
extern const char *const maker_word[MAKERS]; /* in names of figures */

/* A pool of one maker. */
struct bench_pool {
    enum maker maker;
    AVBufferPool *libav;
    GstBufferPool *gstreamer;
    struct vfa_pool *ours;
    struct vfa_pool_want want;
};

/* Closed by close_pool even where it failed. `allocator`: for ours. */
bool open_pool(struct bench_pool *pool, enum maker maker, struct vfa_allocator *allocator,
               unsigned int count);
void close_pool(struct bench_pool *pool);

/* NULL: failed. */
void *take(struct bench_pool *pool);
void give_back(struct bench_pool *pool, void *taken);

/* Takes and gives back so many times. Returns how many calls failed, so that none can be optimised away or
 * fail unseen. */
int turn(struct bench_pool *pool, int calls);

#endif
