/* Rules of Alloc at its limits: hostile sizes and counts, and memory that is short. */
#include "frame.h"
#include "process.h"
#include "rules.h"

#include <stdio.h>
#include <sys/resource.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

void rule_alloc_after_failure(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    struct set set;
    if (!format)
        return;
    for (int i = 0; i < 4; i++) {
        mfxFrameAllocRequest request = plain_request(t, format, WIDTH, HEIGHT, 2);
        mfxFrameAllocResponse response;
        memset(&response, 0, sizeof response);
        request.Info.FourCC = 0xffffffff;
        REFUSES(call_alloc(t, &request, &response), "Alloc for a FourCC that is none");
        STEP(make_plain(t, format, 2, &set));
        STEP(fill_frame(t, format, &set, 1, 3));
        STEP(check_frame(t, format, &set, 1, 3, "a failed Alloc"));
        STEP(give_back(t, &set));
    }
}

void rule_alloc_failure_is_empty(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    if (!format)
        return;
    mfxFrameAllocRequest request = plain_request(t, format, WIDTH, HEIGHT, 2);
    mfxFrameAllocResponse response;
    request.Info.FourCC = 0xffffffff;
    memset(&response, 0, sizeof response);
    REFUSES(call_alloc(t, &request, &response), "Alloc for a FourCC that is none");
    REQUIRE(!response.mids && !response.NumFrameActual,
            "a failed Alloc leaves mids %p and NumFrameActual %d in the response", (void *)response.mids,
            response.NumFrameActual);
}

/* --- Memory that is short: the address space is limited for a while. */

/* Alloc while only so much more memory can be had. */
static mfxStatus alloc_with(struct trial *t, size_t more, mfxFrameAllocRequest *request,
                            mfxFrameAllocResponse *response)
{
    struct rlimit before, tight;
    if (getrlimit(RLIMIT_AS, &before) != 0)
        return MFX_ERR_UNKNOWN;
    tight = before;
    tight.rlim_cur = process_address_space() + more;
    (void)setrlimit(RLIMIT_AS, &tight);
    mfxStatus status = call_alloc(t, request, response);
    (void)setrlimit(RLIMIT_AS, &before);
    return status;
}

static bool cannot_limit(struct trial *t)
{
    bool on_valgrind = false;
#if defined(__linux__)
    FILE *file = fopen("/proc/self/comm", "r");
    char name[32] = "";
    if (file) {
        on_valgrind = fgets(name, sizeof name, file) && !strncmp(name, "memcheck", 8);
        (void)fclose(file);
    }
#endif
    bool cannot = SANITIZED || on_valgrind || !process_address_space();
    if (cannot)
        conform_skip(t, "the address space cannot be limited under this checker");
    return cannot;
}

void rule_alloc_all_or_nothing(struct trial *t)
{
    enum {
        MIB = 1 << 20,
        MORE = 128 * MIB
    };
    const struct conform_format *format = a_format(t);
    mfxFrameAllocResponse response;
    if (!format || cannot_limit(t))
        return;
    mfxFrameAllocRequest request = plain_request(t, format, 1024, 1024, 1000);
    size_t before = process_address_space();
    for (int i = 0; i < 3; i++) {
        memset(&response, 0, sizeof response);
        mfxFrameAllocRequest asked = request;
        mfxStatus status = alloc_with(t, MORE, &asked, &response);
        REQUIRE(status < MFX_ERR_NONE,
                "Alloc of 1000 frames of a MiB and more answers %s with %d MiB to be had",
                conform_status_text(status), MORE / MIB);
    }
    size_t now = process_address_space();
    REQUIRE(now < before + MORE / 2, "three failed Allocs keep %zu MiB", (now - before) / MIB);
    request.NumFrameMin = request.NumFrameSuggested = 2;
    struct set set;
    STEP(make(t, &request, &set));
    STEP(give_back(t, &set));
}

void rule_alloc_says_no_memory(struct trial *t)
{
    enum {
        MIB = 1 << 20,
        MORE = 128 * MIB
    };
    const struct conform_format *format = a_format(t);
    mfxFrameAllocResponse response;
    if (!format || cannot_limit(t))
        return;
    mfxFrameAllocRequest request = plain_request(t, format, 1024, 1024, 1000);
    memset(&response, 0, sizeof response);
    ANSWERS(alloc_with(t, MORE, &request, &response), MFX_ERR_MEMORY_ALLOC,
            "Alloc of 1000 frames of a MiB and more with 128 MiB to be had");
}

void rule_alloc_fewer_when_short(struct trial *t)
{
    enum {
        MIB = 1 << 20,
        MORE = 128 * MIB
    };
    const struct conform_format *format = a_format(t);
    if (!format || cannot_limit(t))
        return;
    struct set set = {.request = plain_request(t, format, 1024, 1024, 4)};
    set.request.NumFrameSuggested = 1000;
    memset(&set.response, 0, sizeof set.response);
    mfxStatus status = alloc_with(t, MORE, &set.request, &set.response);
    REQUIRE(status == MFX_ERR_NONE,
            "Alloc answers %s for 1000 frames suggested, 4 needed, and memory for more than that",
            conform_status_text(status));
    REQUIRE(set.response.NumFrameActual >= 4 && set.response.NumFrameActual < 1000, "NumFrameActual is %d",
            set.response.NumFrameActual);
    STEP(fill_frame(t, format, &set, set.response.NumFrameActual - 1u, 5));
    STEP(give_back(t, &set));
}

/* --- Hostile sizes and counts */

/* Writes the first and last byte of the first and last row of every plane. */
static void touch_corners(const struct planes *planes)
{
    for (size_t i = 0; i < planes->count; i++) {
        mfxU8 *first = planes->plane[i].base;
        mfxU8 *last = first + (planes->plane[i].rows - 1) * planes->plane[i].pitch;
        first[0] = first[planes->plane[i].row_bytes - 1] = 1;
        last[0] = last[planes->plane[i].row_bytes - 1] = 1;
    }
}

static void try_size(struct trial *t, const struct conform_format *format, mfxU16 width, mfxU16 height)
{
    struct set set = {.request = plain_request(t, format, width, height, 1)};
    struct planes planes;
    memset(&set.response, 0, sizeof set.response);
    if (format->linear)
        set.request.Info.BufferSize = (mfxU64)width << 48 | height;
    mfxStatus status = call_alloc(t, &set.request, &set.response);
    if (status < MFX_ERR_NONE)
        return;
    ANSWERS(status, MFX_ERR_NONE, "Alloc");
    STEP(lock_planes(t, format, &set.request.Info, set.response.mids[0], NULL, &planes));
    touch_corners(&planes);
    STEP(unlock(t, set.response.mids[0], NULL));
    STEP(give_back(t, &set));
}

/* Beyond 32 bits, or close. A checker keeps books of every byte, of 34 GB for minutes: one format is enough
 * there. */
static void try_giants(struct trial *t, const struct conform_format *format)
{
    static const mfxU16 sizes[][2] = {{65520, 65520}, {65520, 16368}, {32784, 32784}};
    if (SANITIZED && format->fourcc != MFX_FOURCC_NV12)
        return;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        STEP(try_size(t, format, sizes[i][0], sizes[i][1]));
}

static void try_sizes(struct trial *t, const struct conform_format *format)
{
    static const mfxU16 sizes[][2] = {{65520, 16}, {16, 65520}, {16, 16}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        STEP(try_size(t, format, sizes[i][0], sizes[i][1]));
    try_giants(t, format);
}

void rule_alloc_survives_sizes(struct trial *t)
{
    every_format(t, try_sizes);
}

/* All 65535 frames are there: some are enough to see. */
static void use_some(struct trial *t, const struct conform_format *format, struct set *set)
{
    static const size_t some[] = {0, 1, 255, 256, 32767, 32768, 65533, 65534};
    REQUIRE(set->response.NumFrameActual == 65535, "NumFrameActual is %d, NumFrameMin was 65535",
            set->response.NumFrameActual);
    for (size_t i = 0; i < sizeof some / sizeof *some; i++)
        STEP(fill_frame(t, format, set, some[i], (unsigned)i));
    for (size_t i = 0; i < sizeof some / sizeof *some; i++)
        STEP(check_frame(t, format, set, some[i], (unsigned)i, "writing to seven others"));
    STEP(give_back(t, set));
}

/* Afterwards a few such frames are there: not others, for which a driver may have no room left beside what it
 * keeps of the many. */
void rule_alloc_survives_counts(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    struct set set;
    if (!format)
        return;
    mfxFrameAllocRequest request = plain_request(t, format, 16, 16, 65535);
    set.request = request;
    memset(&set.response, 0, sizeof set.response);
    mfxStatus status = call_alloc(t, &set.request, &set.response);
    if (status >= MFX_ERR_NONE)
        STEP(use_some(t, format, &set));
    request.NumFrameMin = request.NumFrameSuggested = 2;
    STEP(make(t, &request, &set));
    STEP(give_back(t, &set));
}

void rule_alloc_refuses_nothing(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    mfxFrameAllocResponse response;
    if (!format)
        return;
    mfxFrameAllocRequest request = plain_request(t, format, WIDTH, HEIGHT, 0);
    memset(&response, 0, sizeof response);
    REFUSES(call_alloc(t, &request, &response), "Alloc of no frames");
    request = plain_request(t, format, 0, HEIGHT, 1);
    REFUSES(call_alloc(t, &request, &response), "Alloc of frames without width");
    request = plain_request(t, format, WIDTH, 0, 1);
    REFUSES(call_alloc(t, &request, &response), "Alloc of frames without height");
}

static void try_odd_sizes(struct trial *t, const struct conform_format *format)
{
    static const mfxU16 sizes[][2] = {{33, 17}, {1, 1}, {318, 182}, {65, 63}, {65535, 1}, {1, 65535}};
    if (format->linear)
        return;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct set set;
        mfxFrameAllocRequest request = plain_request(t, format, sizes[i][0], sizes[i][1], 2);
        STEP(make(t, &request, &set));
        STEP(fill_frame(t, format, &set, 0, 1));
        STEP(fill_frame(t, format, &set, 1, 2));
        STEP(check_frame(t, format, &set, 0, 1, "writing to another"));
        STEP(check_frame(t, format, &set, 1, 2, "Unlock"));
        STEP(give_back(t, &set));
    }
}

void rule_alloc_any_size(struct trial *t)
{
    every_format(t, try_odd_sizes);
}
