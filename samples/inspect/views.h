/* A survey, the format table, and the statuses, as text or Markdown. */
#ifndef INSPECT_VIEWS_H
#define INSPECT_VIEWS_H

#include "survey.h"

/* False: memory ran out. */
bool view_survey(const struct survey *survey);
bool view_formats(const struct options *options);
bool view_statuses(const struct options *options);

#endif
