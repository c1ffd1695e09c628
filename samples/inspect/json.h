/* A survey, and the format table, as one JSON object. */
#ifndef INSPECT_JSON_H
#define INSPECT_JSON_H

#include "survey.h"

void json_survey(const struct survey *survey);
void json_formats(const struct options *options);

#endif
