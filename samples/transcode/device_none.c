/* No video memory: what a build without libvfa-va has in the place of device.c. */
#include "device.h"

#include <stdio.h>
#include <string.h>

bool device_open(struct device *device, const char *path, const struct vfa_log *log)
{
    (void)path;
    (void)log;
    memset(device, 0, sizeof *device);
    snprintf(device->why, sizeof device->why, "this build has no VA-API (CMake: VFA_BUILD_VA)");
    return false;
}

uint64_t device_close(struct device *device)
{
    (void)device;
    return 0;
}

mfxStatus device_backend(const struct device *device, struct vfa_backend *out)
{
    (void)device;
    (void)out;
    return MFX_ERR_UNSUPPORTED;
}

mfxHDL device_display(const struct device *device)
{
    (void)device;
    return NULL;
}

const char *device_path(const struct device *device)
{
    (void)device;
    return "";
}

const char *device_vendor(const struct device *device)
{
    (void)device;
    return "";
}

bool device_holds(struct device *device, const mfxFrameInfo *info, mfxU16 type)
{
    (void)device;
    (void)info;
    (void)type;
    return false;
}

size_t device_figures(const struct device *device, struct device_figure out[DEVICE_FIGURES])
{
    (void)device;
    (void)out;
    return 0;
}
