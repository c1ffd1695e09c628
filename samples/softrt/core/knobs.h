/* Test knobs: what a session is told to do worse than it could, so that an application can be tested. They
 * are read from the environment variable SOFTRT_KNOBS when a session is made; docs/softrt-knobs.md tells
 * users.
 *
 * A session without knobs has NULL, which every function here accepts and answers at once. */
#ifndef SOFTRT_KNOBS_H
#define SOFTRT_KNOBS_H

#include <stdbool.h>
#include <stddef.h>
#include <vpl/mfxdefs.h>

#define SRT_KNOBS_VARIABLE "SOFTRT_KNOBS"

/* Room for what is wrong with a text, in one line. */
#define SRT_KNOBS_MESSAGE 512

enum srt_knob_component {
    SRT_KNOB_DECODE,
    SRT_KNOB_ENCODE,
    SRT_KNOB_VPP,
    SRT_KNOB_COMPONENTS
};

struct srt_knobs;

/* Knobs as `text` sets them; NULL when it sets none. MFX_ERR_MEMORY_ALLOC; MFX_ERR_UNSUPPORTED: `message`
 * says which word is wrong and what is allowed. */
mfxStatus srt_knobs_parse(const char *text, struct srt_knobs **out, char message[SRT_KNOBS_MESSAGE]);

/* The same from the environment, the message on stderr. */
mfxStatus srt_knobs_read(struct srt_knobs **out);

/* Accepts NULL, clears the pointer. */
void srt_knobs_free(struct srt_knobs **slot);

/* One call that would be carried out. Anything but MFX_ERR_NONE is its answer instead, and nothing is done.
 */
mfxStatus srt_knobs_call(struct srt_knobs *knobs, enum srt_knob_component component);

/* On a worker, before it works on an operation: waits as long as is set. */
void srt_knobs_delay(const struct srt_knobs *knobs, enum srt_knob_component component);

/* One operation with a sync point. Anything but MFX_ERR_NONE is what it ends with, whatever it did. */
mfxStatus srt_knobs_outcome(struct srt_knobs *knobs, enum srt_knob_component component);

/* Is Data.Locked of a decoder's output to fall before its operation ends? */
bool srt_knobs_drop_locked(const struct srt_knobs *knobs);

#endif
