/* Text written piece by piece into a caller's buffer, with snprintf's bargain: always terminated, and the
 * length the whole text would have had is known. */
#ifndef VFA_OBSERVE_TEXT_H
#define VFA_OBSERVE_TEXT_H

#include <vfa/defs.h>

struct vfa__text {
    char *buffer;
    size_t bytes;  /* of buffer */
    size_t length; /* of the whole text so far, cut or not */
};

/* `buffer` may be NULL when `bytes` is 0. */
void vfa__text_init(struct vfa__text *text, char *buffer, size_t bytes);
void vfa__text_add(struct vfa__text *text, const char *format, ...) VFA_PRINTF(2, 3);

/* Adds "NV12 1920x1088, type 0x0242, AllocId 7, 4 to 9 frames". */
void vfa__text_add_request(struct vfa__text *text, const mfxFrameAllocRequest *request);

#endif
