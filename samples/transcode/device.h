/* Video memory: a VA-API display, and the backend that makes frames in its surfaces. In a build without
 * libvfa-va (device_none.c) it never opens. */
#ifndef TRANSCODE_DEVICE_H
#define TRANSCODE_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vfa/backend.h>
#include <vfa/observe.h>

struct vfa_va;

struct device {
    struct vfa_va *va;            /* NULL: not open */
    char why[VFA_ERROR_TEXT_MAX]; /* it is not, or does not hold what it was asked for last; "" otherwise */
};

/* Opens a render node; `path` NULL: the first that opens. `log`: where the backend writes. False: device->why
 * says which call failed and what is missing. */
bool device_open(struct device *device, const char *path, const struct vfa_log *log);

/* Every allocator with its backend is destroyed before. Returns how many surfaces and other things of the
 * driver were still held then: 0, unless something leaked. Accepts one that is not open. */
uint64_t device_close(struct device *device);

/* For an open one: the allocator's backend; the VADisplay for the session; the render node and the driver's
 * name for itself. */
mfxStatus device_backend(const struct device *device, struct vfa_backend *out);
mfxHDL device_display(const struct device *device);
const char *device_path(const struct device *device);
const char *device_vendor(const struct device *device);

/* Does the driver make such frames for requests of this type, and can their pixels be read and written?
 * False: device->why says what is missing. */
bool device_holds(struct device *device, const mfxFrameInfo *info, mfxU16 type);

/* What the backend holds and did. */
struct device_figure {
    const char *name; /* in small letters and underscores */
    uint64_t value;
};

#define DEVICE_FIGURES 14

/* Fills `out`, returns how many there are: none without a device. */
size_t device_figures(const struct device *device, struct device_figure out[DEVICE_FIGURES]);

#endif
