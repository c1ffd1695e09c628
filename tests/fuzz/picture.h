/* A picture in a surface that is to be read: what was never written is memcheck's business, not the
 * harness's. */
#ifndef VFA_TEST_FUZZ_PICTURE_H
#define VFA_TEST_FUZZ_PICTURE_H

#include <vpl/mfxvideo.h>

/* Makes all of a surface of the runtime's own black, if nobody has it mapped or works on it. */
void fuzz_blacken(mfxFrameSurface1 *surface);

#endif
