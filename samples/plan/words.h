/* Words of the command line as numbers. */
#ifndef PLAN_WORDS_H
#define PLAN_WORDS_H

#include "command.h"

/* A decimal number up to `max`; *end is what follows it. */
bool read_number(const char *word, uint64_t max, uint64_t *out, const char **end);

/* "MIN[:SUGGESTED[:ASYNC]]"; *end is what follows it. */
bool read_need(const char *word, struct need *need, const char **end);

/* "NAME=..." : the name, cut; returns what follows, `word` itself when there is no name. */
const char *read_name(const char *word, char separator, char name[VFA_PLAN_NAME_MAX]);

/* "64M": bytes; k, M, G are 1024 of the one before. */
bool read_bytes(const char *word, uint64_t *bytes);

/* "1920x1080" from 1x1 on. */
bool read_size(const char *word, mfxU16 *width, mfxU16 *height);

#endif
