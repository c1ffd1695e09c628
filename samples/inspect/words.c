/* What the facts are called in print. */
#include "words.h"

#include "survey.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <xf86drm.h>

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

const char *refusal_word(VAStatus status)
{
    return status == VA_STATUS_SUCCESS ? NULL : vfa_va_status_name(status);
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
