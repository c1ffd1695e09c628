/* Everything that was found out of a display. */
#ifndef INSPECT_SURVEY_H
#define INSPECT_SURVEY_H

#include "options.h"
#include "round_trip.h"

#include <vfa/va.h>

/* One format. */
struct finding {
    const struct vfa_format *format;
    mfxStatus status; /* MFX_ERR_NONE: such surfaces are created, and `facts` are theirs */
    struct vfa_va_facts facts;
    struct round_trip round_trip;
    char why[VFA_ERROR_TEXT_MAX]; /* it is not MFX_ERR_NONE */
};

struct survey {
    const struct options *options;
    struct vfa_va *va;
    struct vfa_allocator *frames;
    struct finding *findings;
    size_t count;
};

/* Opens the display and asks about each format. Any exit code but EXIT_DONE has been explained on stderr;
 * survey_end is due in any case. */
enum exit_code survey_run(struct survey *survey, const struct options *options);
void survey_end(struct survey *survey);

/* Was the way proven? */
bool way_works(const struct vfa_va_way_facts *way);

#endif
