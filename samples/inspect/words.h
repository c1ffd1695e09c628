/* What the facts are called in print. */
#ifndef INSPECT_WORDS_H
#define INSPECT_WORDS_H

#include "round_trip.h"

const char *way_word(enum vfa_va_way way);
const char *direction_word(enum vfa_va_direction direction);

/* "yes", "writes back", "refused", "unfit". */
const char *way_state_word(const struct vfa_va_way_facts *way);

/* "yes", "differs", "unseen", "refused", "-". */
const char *round_trip_word(enum round_trip_end end);

/* The name of a status, NULL for success. */
const char *refusal_word(VAStatus status);

/* Goes to the next failure that va.h defines, beginning after success; false: that was the last. */
bool next_status(VAStatus *status);

/* "Y_TILED", or the number where libdrm has no name for it. */
#define MODIFIER_TEXT_MAX 64
const char *modifier_text(uint64_t modifier, char text[MODIFIER_TEXT_MAX]);

#endif
