/* The version of the running library. */
#include <vfa/defs.h>

uint32_t vfa_version(void)
{
    return (uint32_t)VFA_VERSION_MAJOR << 16 | VFA_VERSION_MINOR << 8 | VFA_VERSION_PATCH;
}
