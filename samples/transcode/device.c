/* Video memory by libvfa-va. */
#include "device.h"

#include <stdio.h>
#include <string.h>
#include <vfa/va.h>

bool device_open(struct device *device, const char *path, const struct vfa_log *log)
{
    struct vfa_va_config config = vfa_va_config_defaults();
    struct vfa_error error = {.status = MFX_ERR_NONE};

    memset(device, 0, sizeof *device);
    config.device = path;
    config.log = *log;
    if (vfa_va_create(&device->va, &config, &error) == MFX_ERR_NONE)
        return true;
    snprintf(device->why, sizeof device->why, "%s", error.text);
    return false;
}

uint64_t device_close(struct device *device)
{
    struct vfa_va_stats s = {0};

    if (device->va)
        (void)vfa_va_stats(device->va, &s);
    vfa_va_destroy(&device->va);
    return s.surfaces + s.images + s.buffers + s.mappings + s.fds;
}

mfxStatus device_backend(const struct device *device, struct vfa_backend *out)
{
    return vfa_va_backend(device->va, out);
}

mfxHDL device_display(const struct device *device)
{
    return vfa_va_display(device->va);
}

const char *device_path(const struct device *device)
{
    return vfa_va_device(device->va);
}

const char *device_vendor(const struct device *device)
{
    return vfa_va_vendor(device->va);
}

bool device_holds(struct device *device, const mfxFrameInfo *info, mfxU16 type)
{
    struct vfa_va_facts facts;
    struct vfa_error error;
    mfxStatus status = vfa_va_probe(device->va, info, type, &facts, &error);

    snprintf(device->why, sizeof device->why, "%s", error.text);
    if (status != MFX_ERR_NONE)
        return false;
    for (int direction = 0; direction < VFA_VA_DIRECTIONS; direction++) {
        if (facts.chosen[direction] == VFA_VA_WAY_MEASURED) {
            snprintf(device->why, sizeof device->why, "no way to the pixels of such surfaces works");
            return false;
        }
    }
    return true;
}

size_t device_figures(const struct device *device, struct device_figure out[DEVICE_FIGURES])
{
    struct vfa_va_stats s = {0};

    if (!device->va || vfa_va_stats(device->va, &s) != MFX_ERR_NONE)
        return 0;
    const struct device_figure figures[DEVICE_FIGURES] = {
        {"surfaces", s.surfaces},
        {"images", s.images},
        {"buffers", s.buffers},
        {"mappings", s.mappings},
        {"fds", s.fds},
        {"maps_derive", s.maps[VFA_VA_WAY_DERIVE]},
        {"maps_image", s.maps[VFA_VA_WAY_IMAGE]},
        {"maps_derive_copy", s.maps[VFA_VA_WAY_DERIVE_COPY]},
        {"maps_image_copy", s.maps[VFA_VA_WAY_IMAGE_COPY]},
        {"writebacks", s.writebacks},
        {"syncs", s.syncs},
        {"driver_errors", s.driver_errors},
        {"imports", s.imports},
        {"import_hits", s.import_hits},
    };
    memcpy(out, figures, sizeof figures);
    return DEVICE_FIGURES;
}
