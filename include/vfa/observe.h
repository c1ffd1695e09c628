/* What happens inside, for the person who has to find out: log, errors with their cause, statistics. */
#ifndef VFA_OBSERVE_H
#define VFA_OBSERVE_H

#include <vfa/defs.h>

#ifdef __cplusplus
extern "C" {
#endif

enum vfa_log_level {
    VFA_LOG_NONE = 0,
    VFA_LOG_ERROR = 1,   /* a call failed, or memory leaked */
    VFA_LOG_WARNING = 2, /* a call succeeded in a way the application should know of */
    VFA_LOG_INFO = 3,    /* frame sets made, shared, freed */
    VFA_LOG_DEBUG = 4,   /* every Alloc, Free and pool wait */
};

/* Receives one line, without a newline, that is valid during the call only. Called on whatever thread the
 * event happened on, never with a lock of the library held; it may call back into the library. */
typedef void vfa_log_fn(void *user, enum vfa_log_level level, const char *message);

/* Where an object writes its log. All zero: nowhere. */
struct vfa_log {
    vfa_log_fn *write;        /* NULL: no log */
    void *user;               /* passed to write */
    enum vfa_log_level level; /* the most detailed level wanted; 0 means VFA_LOG_WARNING */
};

/* A ready vfa_log_fn: "vfa: error: ..." on stderr, one write a line. `user` is ignored. Any thread. */
VFA_API void vfa_log_stderr(void *user, enum vfa_log_level level, const char *message);

/* "MFX_ERR_MEMORY_ALLOC" for a status; "MFX_STATUS_UNKNOWN" for a number that API 2.8 does not define.
 * Never NULL; static storage; any thread. Source: mfxStatus in mfxdefs.h. */
VFA_API const char *vfa_status_name(mfxStatus status);

/* The text of the most recent failure of an object. */
#define VFA_ERROR_TEXT_MAX 320

/* A failed call: which, what it was asked, and why it failed. */
struct vfa_error {
    mfxStatus status;              /* what the call returned; MFX_ERR_NONE when nothing has failed yet */
    const char *call;              /* "Alloc", "Lock", ...; static storage */
    uint64_t sequence;             /* how many calls had failed, this one included */
    mfxMemId mid;                  /* the frame handle the call was given, or NULL */
    mfxFrameAllocRequest request;  /* the request the call was given, or all zero */
    char text[VFA_ERROR_TEXT_MAX]; /* call, request, cause and remedy in one line */
};

#ifdef __cplusplus
}
#endif

#endif
