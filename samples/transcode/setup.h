/* Which formats flow between the stages, how many surfaces that takes, and starting the stages with them. */
#ifndef TRANSCODE_SETUP_H
#define TRANSCODE_SETUP_H

#include "pipeline.h"

/* At the start: asks the runtime (Query) what decoder, filters and encoder can agree on; fixes pipeline->in
 * and the sink's frame info. */
enum exit_code setup_negotiate(struct pipeline *pipeline);

/* Later, when the source has changed: the same with the sink's frames as they are. */
enum exit_code setup_renegotiate(struct pipeline *pipeline);

/* The filters for frames as pipeline->in, to frames as the sink takes them; pipeline->filtering says whether
 * any are needed. */
void setup_filters(struct pipeline *pipeline);

/* QueryIOSurf of every stage in use, and the pools that follow from it: plans[0] for the first stage's
 * frames, plans[1] for the filters' when there are any. */
enum exit_code setup_plan(struct pipeline *pipeline, struct vfa_plan plans[2]);

#endif
