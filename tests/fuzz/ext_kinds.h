/* Extension buffers of every kind that VPL's headers know, of the right size and of others. */
#ifndef VFA_TEST_FUZZ_EXT_KINDS_H
#define VFA_TEST_FUZZ_EXT_KINDS_H

#include "fuzz.h"

#define EXT_MOST 8 /* buffers in a list */

/* A list of buffers, and memory that those with pointers point to. */
struct ext_list {
    mfxExtBuffer *list[EXT_MOST];
    uint8_t bytes[512];
};

/* Fills the list from the input, and says so in *ext and *count: NULL where there is none, whatever the
 * count. */
void ext_make(struct fuzz_input *in, struct ext_list *list, mfxExtBuffer ***ext, mfxU16 *count);
void ext_free(struct ext_list *list);

#endif
