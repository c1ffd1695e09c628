/* A VA display of the runtime's own, for applications that give their sessions none and still want video
 * memory. */
#ifndef SOFTRT_DISPLAY_H
#define SOFTRT_DISPLAY_H

#include <vpl/mfxdefs.h>

/* The display of the first render node that opens, or NULL. One for the whole process, opened when first
 * asked for and kept until the process ends: surfaces outlive their sessions. Any thread. */
mfxHDL srt_display_own(void);

#endif
