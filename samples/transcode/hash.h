/* The md5 of frames: their visible pixels, plane after plane, row after row, as raw video files hold them. */
#ifndef TRANSCODE_HASH_H
#define TRANSCODE_HASH_H

#include "frame.h"

#define HASH_TEXT_MAX 33

struct AVMD5;

struct hash {
    struct AVMD5 *md5; /* NULL: no hash is wanted */
};

enum exit_code hash_open(struct hash *hash);

/* Adds a frame whose pixels are there. */
enum exit_code hash_add(struct hash *hash, struct runtime *runtime, const mfxFrameSurface1 *surface);

/* Ends it, and writes the sum as hexadecimal digits; "" when none is wanted. */
void hash_finish(struct hash *hash, char text[HASH_TEXT_MAX]);

#endif
