/* Of a build without libvfa-va. */
#include "kit.h"

#include <stdio.h>

mfxStatus conform_open_va(const char *node, struct vfa_conform_subject *subject, char *why, size_t why_bytes)
{
    (void)node;
    (void)subject;
    (void)snprintf(why, why_bytes, "vfa-conform was built without libvfa-va");
    return MFX_ERR_UNSUPPORTED;
}
