/* Rules of frames in both kinds of memory by one allocator. */
#include "frame.h"
#include "rules.h"

static void has_kind(struct trial *t, const struct conform_format *format, bool video)
{
    struct set set;
    mfxHDL handle = NULL;
    t->video = video;
    STEP(make_plain(t, format, 2, &set));
    for (size_t i = 0; i < 2; i++) {
        mfxStatus status = call_handle(t, set.response.mids[i], &handle);
        REQUIRE(status == (video ? MFX_ERR_NONE : MFX_ERR_UNSUPPORTED),
                "GetHDL of a frame in %s memory answers %s, where one of the other kind was before",
                video ? "video" : "system", conform_status_text(status));
    }
    STEP(fill_frame(t, format, &set, 1, 1));
    STEP(check_frame(t, format, &set, 1, 1, "Unlock"));
    STEP(give_back(t, &set));
}

/* What a mid stands for, and where, stays told apart while frames of both kinds are there. */
static void live_together(struct trial *t, const struct conform_format *format)
{
    enum {
        FRAMES = 3
    };
    struct set sets[2];
    for (unsigned video = 0; video < 2; video++) {
        t->video = video;
        STEP(make_plain(t, format, FRAMES, &sets[video]));
        for (unsigned i = 0; i < FRAMES; i++)
            STEP(fill_frame(t, format, &sets[video], i, video * FRAMES + i));
    }
    for (size_t i = 0; i < FRAMES; i++)
        for (size_t j = 0; j < FRAMES; j++)
            REQUIRE(sets[0].response.mids[i] != sets[1].response.mids[j],
                    "a frame in system memory and one in video memory have the mid %p",
                    sets[0].response.mids[i]);
    for (unsigned video = 0; video < 2; video++) {
        for (unsigned i = 0; i < FRAMES; i++)
            STEP(check_frame(t, format, &sets[video], i, video * FRAMES + i,
                             "writing to those of the other kind"));
        STEP(give_back(t, &sets[video]));
    }
}

void rule_kinds_do_not_mix(struct trial *t)
{
    const struct conform_format *format = a_format_of_both_kinds(t);
    if (!format)
        return;
    for (int i = 0; i < 6; i++)
        STEP(has_kind(t, format, i % 2));
    STEP(live_together(t, format));
}
