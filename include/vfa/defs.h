/* Visibility, attributes and version of the public API. Included by every other header. */
#ifndef VFA_DEFS_H
#define VFA_DEFS_H

#include <stddef.h>
#include <stdint.h>
#include <vpl/mfxvideo.h>

#define VFA_VERSION_MAJOR 0
#define VFA_VERSION_MINOR 1
#define VFA_VERSION_PATCH 0

#if defined(__GNUC__)
#define VFA_API               __attribute__((visibility("default")))
#define VFA_MUST_USE          __attribute__((warn_unused_result))
#define VFA_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define VFA_API
#define VFA_MUST_USE
#define VFA_PRINTF(fmt, args)
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The version of the library that is running: major << 16 | minor << 8 | patch. Any thread. */
VFA_API uint32_t vfa_version(void);

#ifdef __cplusplus
}
#endif

#endif
