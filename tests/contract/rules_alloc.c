/* Rules of the table of callbacks, of Alloc and its response. */
#include "frame.h"
#include "rules.h"

#include <stdlib.h>

void rule_table_is_complete(struct trial *t)
{
    REQUIRE(t->a->Alloc && t->a->Lock && t->a->Unlock && t->a->GetHDL && t->a->Free,
            "a callback is missing (Alloc %s, Lock %s, Unlock %s, GetHDL %s, Free %s)",
            t->a->Alloc ? "there" : "NULL", t->a->Lock ? "there" : "NULL", t->a->Unlock ? "there" : "NULL",
            t->a->GetHDL ? "there" : "NULL", t->a->Free ? "there" : "NULL");
    REQUIRE(t->a->pthis, "pthis is NULL: runtimes in software take that for no allocator");
}

void rule_table_may_be_copied(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    mfxFrameAllocator original = *t->a, copy = original, *home = t->a;
    struct set set;
    if (!format)
        return;
    memset(home, 0, sizeof *home);
    t->a = &copy;
    doing(t, "Alloc by a copy of the table");
    make_plain(t, format, 1, &set);
    if (!conform_has_failed(t))
        fill_frame(t, format, &set, 0, 1);
    if (!conform_has_failed(t))
        check_frame(t, format, &set, 0, 1, "Unlock");
    if (!conform_has_failed(t))
        give_back(t, &set);
    t->a = home;
    *home = original;
}

/* What a plug-in promises and does not keep would otherwise be left out by every other rule. */
void rule_alloc_serves_a_format(struct trial *t)
{
    const mfxU32 *list = t->video ? t->subject.video_formats : t->subject.system_formats;
    const char *kind = t->video ? "video" : "system";
    REQUIRE(!list || *list, "`%s_formats` has no format in it", kind);
    for (size_t i = 0; i < conform_format_count; i++) {
        const struct conform_format *format = &conform_formats[i];
        mfxFrameAllocRequest request = plain_request(t, format, WIDTH, HEIGHT, 1);
        mfxFrameAllocResponse response;
        memset(&response, 0, sizeof response);
        if ((format->linear && t->video) || call_alloc(t, &request, &response) != MFX_ERR_NONE)
            continue;
        ANSWERS(call_free(t, &response), MFX_ERR_NONE, "Free");
        return;
    }
    REQUIRE(false, "Alloc refuses every format in %s memory, which is said to be served", kind);
}

void rule_alloc_fills_response(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    if (!format)
        return;
    struct set set = {.request = plain_request(t, format, WIDTH, HEIGHT, 3)};
    memset(&set.response, 0xa5, sizeof set.response);
    set.request.AllocId = 77;
    ANSWERS(call_alloc(t, &set.request, &set.response), MFX_ERR_NONE, "Alloc");
    REQUIRE(set.response.AllocId == 77, "AllocId of the response is %u, the request said 77",
            set.response.AllocId);
    REQUIRE(set.response.NumFrameActual != 0xa5a5 && set.response.NumFrameActual >= 3,
            "NumFrameActual is %d, asked for were 3", set.response.NumFrameActual);
    REQUIRE((uintptr_t)set.response.mids != (uintptr_t)0xa5a5a5a5a5a5a5a5u && set.response.mids,
            "mids were not set");
    STEP(give_back(t, &set));
}

static void try_count(struct trial *t, const struct conform_format *format, mfxU16 min, mfxU16 suggested)
{
    mfxFrameAllocRequest request = plain_request(t, format, WIDTH, HEIGHT, min);
    mfxFrameAllocResponse response;
    request.NumFrameSuggested = suggested;
    memset(&response, 0, sizeof response);
    mfxStatus status = call_alloc(t, &request, &response);
    if (status < MFX_ERR_NONE && suggested < min)
        return; /* the request contradicts itself */
    ANSWERS(status, MFX_ERR_NONE, "Alloc");
    REQUIRE(response.NumFrameActual >= min, "NumFrameActual is %d for NumFrameMin %d, NumFrameSuggested %d",
            response.NumFrameActual, min, suggested);
    ANSWERS(call_free(t, &response), MFX_ERR_NONE, "Free");
}

void rule_alloc_makes_enough(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    if (!format)
        return;
    STEP(try_count(t, format, 1, 1));
    STEP(try_count(t, format, 4, 4));
    STEP(try_count(t, format, 2, 5));
    STEP(try_count(t, format, 300, 300));
}

void rule_alloc_takes_the_larger(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    if (!format)
        return;
    STEP(try_count(t, format, 4, 0));
    STEP(try_count(t, format, 4, 2));
}

void rule_alloc_makes_suggested(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    struct set set;
    if (!format)
        return;
    mfxFrameAllocRequest request = plain_request(t, format, WIDTH, HEIGHT, 2);
    request.NumFrameSuggested = 6;
    STEP(make(t, &request, &set));
    REQUIRE(set.response.NumFrameActual >= 6, "NumFrameActual is %d, NumFrameSuggested was 6",
            set.response.NumFrameActual);
    STEP(give_back(t, &set));
}

void rule_alloc_leaves_request(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    if (!format)
        return;
    struct set set = {.request = plain_request(t, format, WIDTH + 2, HEIGHT + 2, 2)};
    mfxFrameAllocRequest before = set.request;
    if (call_alloc(t, &set.request, &set.response) == MFX_ERR_NONE)
        STEP(give_back(t, &set));
    REQUIRE(!memcmp(&set.request, &before, sizeof before), "Alloc changed its request");
    set.request = plain_request(t, format, WIDTH, HEIGHT, 1);
    set.request.NumFrameMin = 3; /* more than suggested: tempting to correct */
    before = set.request;
    if (call_alloc(t, &set.request, &set.response) == MFX_ERR_NONE)
        STEP(give_back(t, &set));
    REQUIRE(!memcmp(&set.request, &before, sizeof before), "Alloc changed its request");
}

void rule_alloc_serves_runtimes(struct trial *t)
{
    static const mfxU16 video[] = {0x0212, 0x0112, 0x0422, 0x0822};
    static const mfxU16 system[] = {0x0242, 0x0142, 0x0442, 0x0842, 0x0240, 0x0140};
    const mfxU16 *types = t->video ? video : system;
    size_t count = t->video ? sizeof video / sizeof *video : sizeof system / sizeof *system;
    const struct conform_format *format = a_format(t);
    if (!format)
        return;
    for (size_t i = 0; i < count; i++) {
        struct set set;
        mfxFrameAllocRequest request = plain_request(t, format, WIDTH, HEIGHT, 1);
        request.Type = types[i];
        mfxFrameAllocResponse response;
        memset(&response, 0, sizeof response);
        mfxStatus status = call_alloc(t, &request, &response);
        REQUIRE(status == MFX_ERR_NONE, "Alloc with Type 0x%04x answers %s", types[i],
                conform_status_text(status));
        set.request = request;
        set.response = response;
        STEP(fill_frame(t, format, &set, 0, (unsigned)i));
        STEP(check_frame(t, format, &set, 0, (unsigned)i, "Unlock"));
        STEP(give_back(t, &set));
    }
}

static mfxU16 chroma_format(const struct conform_format *format)
{
    if (format->planes == 1 && format->plane[0].unit_px == 1)
        return MFX_CHROMAFORMAT_YUV444;
    if (format->planes == 1)
        return MFX_CHROMAFORMAT_YUV422;
    if (format->plane[1].unit_px == 1)
        return MFX_CHROMAFORMAT_YUV444;
    return format->plane[1].row_div == 1 ? MFX_CHROMAFORMAT_YUV422 : MFX_CHROMAFORMAT_YUV420;
}

/* Runtimes and applications differ in how much they fill in. */
static void try_depths(struct trial *t, const struct conform_format *format)
{
    for (unsigned said = 0; said < 8 && !format->linear; said++) {
        mfxFrameAllocRequest request = plain_request(t, format, WIDTH, HEIGHT, 1);
        struct set set;
        if (!(said & 1))
            request.Info.BitDepthLuma = request.Info.BitDepthChroma = 0;
        if (!(said & 2))
            request.Info.Shift = 0;
        if (said & 4)
            request.Info.ChromaFormat = chroma_format(format);
        doing(t, "Alloc with BitDepthLuma %d, Shift %d, ChromaFormat %d", request.Info.BitDepthLuma,
              request.Info.Shift, request.Info.ChromaFormat);
        STEP(make(t, &request, &set));
        STEP(fill_frame(t, format, &set, 0, said));
        STEP(check_frame(t, format, &set, 0, said, "Unlock"));
        STEP(give_back(t, &set));
    }
}

void rule_alloc_takes_depths(struct trial *t)
{
    every_format(t, try_depths);
}

void rule_alloc_video_wins(struct trial *t)
{
    bool has_video = t->subject.memory & CONFORM_VIDEO_TARGETS;
    mfxHDL handle = NULL;
    struct set set;
    t->video = has_video;
    const struct conform_format *format = a_format(t);
    if (!format)
        return;
    mfxFrameAllocRequest request = plain_request(t, format, WIDTH, HEIGHT, 1);
    request.Type = JPEG_ENCODE;
    STEP(make(t, &request, &set));
    mfxStatus status = call_handle(t, set.response.mids[0], &handle);
    REQUIRE(status == (has_video ? MFX_ERR_NONE : MFX_ERR_UNSUPPORTED),
            "GetHDL of a frame of Type 0x0152 answers %s: the frame is not in %s memory",
            conform_status_text(status), has_video ? "video" : "system");
    STEP(give_back(t, &set));
}

/* Alloc must answer MFX_ERR_UNSUPPORTED. */
static void is_unsupported(struct trial *t, const mfxFrameAllocRequest *like, const char *what)
{
    mfxFrameAllocRequest request = *like;
    mfxFrameAllocResponse response;
    memset(&response, 0, sizeof response);
    mfxStatus status = call_alloc(t, &request, &response);
    REQUIRE(status == MFX_ERR_UNSUPPORTED, "Alloc for %s answers %s, not MFX_ERR_UNSUPPORTED", what,
            conform_status_text(status));
}

void rule_alloc_refuses_kinds(struct trial *t)
{
    bool has_video = t->subject.memory & CONFORM_VIDEO_TARGETS;
    bool has_system = t->subject.memory & MFX_MEMTYPE_SYSTEM_MEMORY;
    if (has_video && has_system) {
        conform_skip(t, "both kinds of memory are served");
        return;
    }
    const struct conform_format *format = a_format(t);
    if (!format)
        return;
    mfxFrameAllocRequest request = plain_request(t, format, WIDTH, HEIGHT, 1);
    request.Type = has_video ? VPP_SYSTEM : VPP_VIDEO;
    STEP(is_unsupported(t, &request, has_video ? "system memory" : "video memory"));
    request.Type = has_video ? DECODE_SYSTEM : DECODE_VIDEO;
    STEP(is_unsupported(t, &request, has_video ? "system memory" : "video memory"));
}

void rule_alloc_refuses_formats(struct trial *t)
{
    static const mfxU32 none[] = {0, 1, 0xffffffff, MFX_CODEC_AVC, MFX_MAKEFOURCC('n', 'v', '1', '2')};
    const struct conform_format *format = a_format(t);
    if (!format)
        return;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        mfxFrameAllocRequest request = plain_request(t, format, WIDTH, HEIGHT, 1);
        request.Info.FourCC = none[i];
        STEP(is_unsupported(t, &request, "a FourCC that VPL does not have"));
    }
}

void rule_alloc_refuses_no_kind(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    if (!format)
        return;
    mfxFrameAllocRequest request = plain_request(t, format, WIDTH, HEIGHT, 1);
    request.Type = MFX_MEMTYPE_EXTERNAL_FRAME | MFX_MEMTYPE_FROM_DECODE;
    STEP(is_unsupported(t, &request, "no kind of memory"));
    request.Type = 0x0004 | MFX_MEMTYPE_FROM_DECODE;
    STEP(is_unsupported(t, &request, "opaque memory"));
}

/* --- Mids */

void rule_mids_are_not_null(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    struct set set;
    if (!format)
        return;
    STEP(make_plain(t, format, 16, &set));
    for (size_t i = 0; i < set.response.NumFrameActual; i++)
        REQUIRE(set.response.mids[i], "mid %zu of %d is NULL", i, set.response.NumFrameActual);
    STEP(give_back(t, &set));
}

static int compare_mids(const void *a, const void *b)
{
    uintptr_t left = (uintptr_t) * (const mfxMemId *)a, right = (uintptr_t) * (const mfxMemId *)b;
    return left < right ? -1 : left > right;
}

void rule_mids_are_unique(struct trial *t)
{
    enum {
        SETS = 4,
        FRAMES = 8
    };
    const struct conform_format *format = a_format(t);
    struct set sets[SETS];
    mfxMemId all[SETS * FRAMES];
    size_t count = 0;
    if (!format)
        return;
    for (size_t s = 0; s < SETS; s++) {
        mfxFrameAllocRequest request = plain_request(t, format, WIDTH, HEIGHT, FRAMES);
        request.AllocId = (mfxU32)s;
        STEP(make(t, &request, &sets[s]));
        for (size_t i = 0; i < FRAMES; i++)
            all[count++] = sets[s].response.mids[i];
    }
    qsort(all, count, sizeof *all, compare_mids);
    for (size_t i = 1; i < count; i++)
        REQUIRE(all[i] != all[i - 1], "two frames alive have the mid %p", all[i]);
    for (size_t s = 0; s < SETS; s++)
        STEP(give_back(t, &sets[s]));
}

void rule_mids_are_not_runtimes(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    struct set set;
    if (sizeof(mfxMemId) < 8) {
        conform_skip(t, "mids of 32 bits cannot keep away from those of a runtime");
        return;
    }
    if (!format)
        return;
    STEP(make_plain(t, format, 16, &set));
    for (size_t i = 0; i < set.response.NumFrameActual; i++) {
        uintptr_t mid = (uintptr_t)set.response.mids[i];
        REQUIRE(mid > 0xffffffffu || mid < 0x10000, "the mid %p may be one of a runtime's own, (n<<16)|k",
                set.response.mids[i]);
        REQUIRE(mid >= 0x10000, "the mid %p is a small integer", set.response.mids[i]);
        REQUIRE(mid != UINTPTR_MAX, "a mid is SIZE_MAX, which is reserved");
    }
    STEP(give_back(t, &set));
}

void rule_mids_stay(struct trial *t)
{
    enum {
        FRAMES = 5
    };
    const struct conform_format *format = a_format(t);
    mfxMemId before[FRAMES];
    struct set set, other;
    if (!format)
        return;
    STEP(make_plain(t, format, FRAMES, &set));
    memcpy(before, set.response.mids, sizeof before);
    for (int i = 0; i < 8; i++) {
        STEP(make_plain(t, format, FRAMES, &other));
        STEP(fill_frame(t, format, &other, 0, 1));
        STEP(give_back(t, &other));
        REQUIRE(!memcmp(before, set.response.mids, sizeof before),
                "the mids of a response changed while other frames came and went");
    }
    STEP(give_back(t, &set));
}
