/* What the facts are called in print. */
#include "words.h"

#include "survey.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xf86drm.h>

/* Well beyond what va.h defines, except for VA_STATUS_ERROR_UNKNOWN. */
#define STATUS_MAX 0xff

const char *way_word(enum vfa_va_way way)
{
    static const char *const words[VFA_VA_WAYS] = {"none", "derive", "image", "derive+copy", "image+copy"};
    return words[way];
}

const char *direction_word(enum vfa_va_direction direction)
{
    static const char *const words[VFA_VA_DIRECTIONS] = {"read", "write", "read+write"};
    return words[direction];
}

const char *way_state_word(const struct vfa_va_way_facts *way)
{
    if (way->refused != VA_STATUS_SUCCESS)
        return "refused";
    if (!way_works(way))
        return "unfit";
    return way->writes_back ? "writes back" : "yes";
}

const char *round_trip_word(enum round_trip_end end)
{
    switch (end) {
    case ROUND_TRIP_SAME:
        return "yes";
    case ROUND_TRIP_DIFFERS:
        return "differs";
    case ROUND_TRIP_UNSEEN:
        return "unseen";
    case ROUND_TRIP_REFUSED:
        return "refused";
    case ROUND_TRIP_NOT_TRIED:
        break;
    }
    return "-";
}

const char *refusal_word(VAStatus status)
{
    return status == VA_STATUS_SUCCESS ? NULL : vfa_va_status_name(status);
}

bool next_status(VAStatus *status)
{
    while (*status != (VAStatus)VA_STATUS_ERROR_UNKNOWN) {
        *status = *status < STATUS_MAX ? *status + 1 : (VAStatus)VA_STATUS_ERROR_UNKNOWN;
        if (!strncmp(vfa_va_status_name(*status), "VA_STATUS_", strlen("VA_STATUS_")))
            return true;
    }
    return false;
}

const char *modifier_text(uint64_t modifier, char text[MODIFIER_TEXT_MAX])
{
    char *name = drmGetFormatModifierName(modifier);
    if (name)
        (void)snprintf(text, MODIFIER_TEXT_MAX, "%s", name);
    else
        (void)snprintf(text, MODIFIER_TEXT_MAX, "0x%016" PRIx64, modifier);
    free(name);
    return text;
}
