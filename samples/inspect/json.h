/* A survey, the format table, and the statuses, as one JSON object. */
#ifndef INSPECT_JSON_H
#define INSPECT_JSON_H

#include "survey.h"

void json_survey(const struct survey *survey);
void json_formats(const struct options *options);
void json_statuses(void);

#endif
