/* A display on a render node that the backend opens itself. */
#include "va/open.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The kernel numbers render nodes from 128, 64 of them. */
#define FIRST_NODE 128
#define LAST_NODE  191

static mfxStatus open_driver(struct vfa_va *va, const struct vfa_backend_host *host)
{
    int major, minor;
    VADisplay display = va->api.get_display_drm(va->fd);
    if (!display) {
        host->explain(host, "vaGetDisplayDRM(%s): no display", va->device);
        return MFX_ERR_DEVICE_FAILED;
    }
    VAStatus status = va->api.initialize(display, &major, &minor);
    if (status == VA_STATUS_SUCCESS) {
        va->display = display;
        return MFX_ERR_NONE;
    }
    host->explain(host, "vaInitialize(%s): %s (0x%x): is a VA driver for this device installed?", va->device,
                  vfa_va_status_name(status), (unsigned int)status);
    (void)va->api.terminate(display); /* frees what vaGetDisplayDRM made, also when there is no driver */
    return MFX_ERR_DEVICE_FAILED;
}

static mfxStatus open_node(struct vfa_va *va, const struct vfa_backend_host *host, const char *path)
{
    if ((size_t)snprintf(va->device, sizeof va->device, "%s", path) >= sizeof va->device) {
        host->explain(host, "%.40s...: the path is longer than %zu bytes", path, sizeof va->device - 1);
        return MFX_ERR_NOT_FOUND;
    }
    va->fd = open(path, O_RDWR | O_CLOEXEC);
    if (va->fd < 0) {
        char reason[64];
        host->explain(host, "%s: %s", path, strerror_r(errno, reason, sizeof reason));
        return MFX_ERR_NOT_FOUND;
    }
    mfxStatus status = open_driver(va, host);
    if (status != MFX_ERR_NONE) {
        (void)close(va->fd);
        va->fd = -1;
    }
    return status;
}

mfxStatus vfa__va_open_display(struct vfa_va *va, const struct vfa_backend_host *host, const char *device)
{
    if (device)
        return open_node(va, host, device);
    mfxStatus best = MFX_ERR_NOT_FOUND;
    bool seen = false;
    for (int node = FIRST_NODE; node <= LAST_NODE; node++) {
        char path[VFA__VA_DEVICE_MAX];
        (void)snprintf(path, sizeof path, "/dev/dri/renderD%d", node);
        if (access(path, F_OK) != 0)
            continue;
        seen = true;
        mfxStatus status = open_node(va, host, path);
        if (status == MFX_ERR_NONE)
            return status;
        best = status;
    }
    if (!seen)
        host->explain(host, "there is no render node /dev/dri/renderD%d to %d", FIRST_NODE, LAST_NODE);
    return best;
}

void vfa__va_close_display(struct vfa_va *va)
{
    if (va->fd < 0)
        return;
    if (!atomic_load_explicit(&va->lost, memory_order_acquire))
        (void)va->api.terminate(va->display);
    (void)close(va->fd);
    va->fd = -1;
}
