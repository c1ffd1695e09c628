/* A survey, and the format table, as text or Markdown. */
#ifndef INSPECT_VIEWS_H
#define INSPECT_VIEWS_H

#include "survey.h"

/* False: memory ran out. */
bool view_survey(const struct survey *survey);
bool view_formats(const struct options *options);

#endif
