/* What a rule works with: the allocator, memory kind and format under trial, and how a broken rule is told.
 */
#ifndef CONFORM_KIT_H
#define CONFORM_KIT_H

#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <vfa/conform.h>

enum {
    CONFORM_TEXT_MAX = 512,
    CONFORM_DOING_MAX = 96,
    CONFORM_NAME_MAX = 64,
    CONFORM_THREADS = 4, /* that a rule about threads has */
};

#define CONFORM_VIDEO_TARGETS                                                              \
    (MFX_MEMTYPE_VIDEO_MEMORY_DECODER_TARGET | MFX_MEMTYPE_VIDEO_MEMORY_PROCESSOR_TARGET | \
     MFX_MEMTYPE_VIDEO_MEMORY_ENCODER_TARGET)

/* How a trial ended. CONFORM_RUNNING is what a child that crashed leaves behind. */
enum conform_outcome {
    CONFORM_RUNNING = 0,
    CONFORM_PASSED,
    CONFORM_FAILED,
    CONFORM_SKIPPED,
    CONFORM_NOT_OPENED, /* there was no allocator to judge */
};

/* Lies in memory that a child shares with its parent. */
struct conform_verdict {
    enum conform_outcome outcome;
    char what[CONFORM_TEXT_MAX];                           /* is wrong, or why it was skipped */
    char doing[CONFORM_DOING_MAX];                         /* the last call; of interest after a crash */
    char thread_doing[CONFORM_THREADS][CONFORM_DOING_MAX]; /* the same of each thread of a rule, or "" */
    char name[CONFORM_NAME_MAX];                           /* of the allocator */
    mfxU16 memory;                                         /* what it serves */
    bool has_surfaces;
};

/* Where allocators come from. */
struct conform_source {
    const char *plugin; /* path; NULL: one of the built-in ones */
    const char *options;
    const char *node; /* a render node for the built-in VA backend; NULL: system memory */
};

struct trial {
    const struct conform_source *source;
    struct vfa_conform_subject subject;
    mfxFrameAllocator *a;
    bool video;         /* frames in video memory */
    const mfxU32 *only; /* formats that the command line allows, ended by 0; NULL: all */
    const char *format; /* under trial, for messages; NULL */
    struct conform_verdict *verdict;
    char *doing; /* in the verdict that is shared: of the thread that this is */
};

/* Tells what is wrong; the first time counts. */
void conform_fail(struct trial *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void conform_skip(struct trial *t, const char *why);
bool conform_has_failed(const struct trial *t);
const char *conform_status_text(mfxStatus status);

/* A condition of a rule. When it does not hold, the rule is broken, and ends: of a broken allocator the next
 * call might crash or wait for ever. */
#define REQUIRE(condition, ...)           \
    do {                                  \
        if (!(condition)) {               \
            conform_fail(t, __VA_ARGS__); \
            return;                       \
        }                                 \
        if (conform_has_failed(t))        \
            return;                       \
    } while (0)

/* A call that must answer so. `what` names it for the reader. */
#define ANSWERS(call, expected, what)                                                               \
    do {                                                                                            \
        mfxStatus answer_ = (call);                                                                 \
        REQUIRE(answer_ == (expected), "%s answers %s, not %s", what, conform_status_text(answer_), \
                #expected);                                                                         \
    } while (0)

/* A call that must fail, with whatever code. */
#define REFUSES(call, what)                                                                             \
    do {                                                                                                \
        mfxStatus answer_ = (call);                                                                     \
        REQUIRE(answer_ < MFX_ERR_NONE, "%s answers %s, no error", what, conform_status_text(answer_)); \
    } while (0)

/* A step that tells by itself what is wrong. */
#define STEP(call)                 \
    do {                           \
        (call);                    \
        if (conform_has_failed(t)) \
            return;                \
    } while (0)

/* An allocator of the trial's source in *subject: false, and why, when there is none. */
bool conform_open(const struct conform_source *source, struct vfa_conform_subject *subject, char *why,
                  size_t why_bytes);
void conform_close(struct vfa_conform_subject *subject);

/* The built-in ones. `node` "": the first render node that opens; `why` may stay "". */
mfxStatus conform_open_system(struct vfa_conform_subject *subject);
mfxStatus conform_open_va(const char *node, struct vfa_conform_subject *subject, char *why, size_t why_bytes);

#endif
