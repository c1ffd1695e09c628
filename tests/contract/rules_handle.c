/* Rules of GetHDL. */
#include "frame.h"
#include "process.h"
#include "rules.h"

#include <stdlib.h>

void rule_handle_of_system(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    struct set set;
    mfxHDL handle = NULL;
    if (!format)
        return;
    STEP(make_plain(t, format, 1, &set));
    ANSWERS(call_handle(t, set.response.mids[0], &handle), MFX_ERR_UNSUPPORTED,
            "GetHDL of a frame in system memory");
    STEP(give_back(t, &set));
}

void rule_handle_is_one_pointer(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    const mfxHDL canary = (mfxHDL)(uintptr_t)0x5a5aa5a5;
    struct set set;
    if (!format)
        return;
    STEP(make_plain(t, format, 2, &set));
    for (size_t i = 0; i < 2; i++) {
        mfxHDL handles[4] = {canary, canary, canary, canary};
        mfxStatus status = call_handle(t, set.response.mids[i], &handles[1]);
        REQUIRE(t->video ? status == MFX_ERR_NONE : status < MFX_ERR_NONE, "GetHDL answers %s",
                conform_status_text(status));
        REQUIRE(handles[2] == canary && handles[3] == canary,
                "GetHDL writes beyond one pointer: callers have no room for an mfxHDLPair");
        REQUIRE(handles[0] == canary, "GetHDL writes before its pointer");
    }
    STEP(give_back(t, &set));
}

/* The id that a handle points to. */
static void id_of(struct trial *t, mfxMemId mid, mfxHDL *handle, mfxU32 *id)
{
    *handle = NULL;
    *id = 0;
    ANSWERS(call_handle(t, mid, handle), MFX_ERR_NONE, "GetHDL of a frame in video memory");
    REQUIRE(*handle, "GetHDL gives NULL");
    doing(t, "look at the id that GetHDL's pointer %p points to", *handle);
    memcpy(id, *handle, sizeof *id);
}

void rule_handle_of_video(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    struct set set;
    mfxHDL handle;
    mfxU32 id;
    if (!format)
        return;
    STEP(make_plain(t, format, 3, &set));
    for (size_t i = 0; i < 3; i++)
        STEP(id_of(t, set.response.mids[i], &handle, &id));
    STEP(give_back(t, &set));
}

void rule_handle_is_unique(struct trial *t)
{
    enum {
        FRAMES = 6
    };
    const struct conform_format *format = a_format(t);
    struct set set;
    mfxHDL handles[FRAMES];
    mfxU32 ids[FRAMES];
    if (!format)
        return;
    STEP(make_plain(t, format, FRAMES, &set));
    for (size_t i = 0; i < FRAMES; i++)
        STEP(id_of(t, set.response.mids[i], &handles[i], &ids[i]));
    for (size_t i = 0; i < FRAMES; i++) {
        memcpy(&ids[i], handles[i], sizeof ids[i]); /* as the runtime does, later */
        for (size_t j = 0; j < i; j++)
            REQUIRE(ids[i] != ids[j], "frames %zu and %zu have the same id, %u", j, i, ids[i]);
    }
    STEP(give_back(t, &set));
}

void rule_handle_stays(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    struct set set, other;
    mfxHDL handle, again;
    mfxU32 id, now;
    if (!format)
        return;
    STEP(make_plain(t, format, 2, &set));
    STEP(id_of(t, set.response.mids[0], &handle, &id));
    for (unsigned i = 0; i < 5; i++) {
        STEP(make_plain(t, format, 4, &other));
        for (size_t f = 0; f < 4; f++)
            STEP(id_of(t, other.response.mids[f], &again, &now));
        STEP(fill_frame(t, format, &set, 0, i));
        STEP(give_back(t, &other));
        doing(t, "look at the id that an earlier GetHDL's pointer %p points to", handle);
        memcpy(&now, handle, sizeof now);
        REQUIRE(now == id, "the id behind an earlier handle was %u and is %u", id, now);
        STEP(id_of(t, set.response.mids[0], &again, &now));
        REQUIRE(now == id, "the frame's id was %u and is %u", id, now);
    }
    STEP(give_back(t, &set));
}

void rule_handle_while_locked(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    struct set set;
    struct planes planes;
    mfxHDL handle;
    mfxU32 id, locked_id;
    if (!format)
        return;
    STEP(make_plain(t, format, 1, &set));
    STEP(id_of(t, set.response.mids[0], &handle, &id));
    STEP(lock_planes(t, format, &set.request.Info, set.response.mids[0], NULL, &planes));
    fill(&planes, 1);
    STEP(id_of(t, set.response.mids[0], &handle, &locked_id));
    REQUIRE(locked_id == id, "the frame's id was %u, locked it is %u", id, locked_id);
    doing(t, "access to the planes after GetHDL");
    REQUIRE(holds(&planes, 1), "GetHDL changed the pixels of a locked frame");
    fill(&planes, 2);
    STEP(unlock(t, set.response.mids[0], NULL));
    STEP(check_frame(t, format, &set, 0, 2, "GetHDL while locked"));
    STEP(give_back(t, &set));
}

static void try_export(struct trial *t, const struct conform_format *format,
                       const mfxFrameAllocRequest *request)
{
    struct set set;
    mfxHDL handle;
    mfxU32 id, now;
    STEP(make(t, request, &set));
    for (unsigned i = 0; i < 2; i++) {
        STEP(id_of(t, set.response.mids[i], &handle, &id));
        STEP(fill_frame(t, format, &set, i, i));
        STEP(id_of(t, set.response.mids[i], &handle, &now));
        REQUIRE(now == id, "the id of a frame to be exported was %u, after Lock and Unlock it is %u", id,
                now);
    }
    for (unsigned i = 0; i < 2; i++)
        STEP(check_frame(t, format, &set, i, i, "GetHDL of a frame to be exported"));
    STEP(give_back(t, &set));
}

/* Whether frames can be exported, the allocator knows. */
void rule_handle_of_export(struct trial *t)
{
    enum {
        ROUNDS = 24
    };
    const struct conform_format *format = a_format(t);
    mfxFrameAllocResponse response;
    if (!format)
        return;
    mfxFrameAllocRequest request = plain_request(t, format, WIDTH, HEIGHT, 2);
    request.Type |= MFX_MEMTYPE_EXPORT_FRAME;
    memset(&response, 0, sizeof response);
    if (call_alloc(t, &request, &response) < MFX_ERR_NONE)
        return;
    ANSWERS(call_free(t, &response), MFX_ERR_NONE, "Free");
    STEP(try_export(t, format, &request));
    size_t fds = process_open_fds();
    for (int i = 0; i < ROUNDS; i++)
        STEP(try_export(t, format, &request));
    size_t fds_now = process_open_fds();
    REQUIRE(fds_now < fds + ROUNDS,
            "%d rounds of Alloc with MFX_MEMTYPE_EXPORT_FRAME and Free left %zu descriptors open", ROUNDS,
            fds_now - fds);
}

static void compare_with_surface(struct trial *t, const struct set *set, const struct planes *written,
                                 mfxHDL handle)
{
    for (unsigned p = 0; p < written->count; p++) {
        size_t bytes = written->plane[p].row_bytes;
        mfxU8 *row = malloc(bytes);
        if (!row) {
            conform_fail(t, "no memory for a row");
            return;
        }
        for (unsigned y = 0; y < written->plane[p].rows && !conform_has_failed(t); y++) {
            mfxStatus status =
                t->subject.read_video(t->subject.user, handle, &set->request.Info, p, y, row, bytes);
            if (status == MFX_ERR_UNSUPPORTED)
                conform_skip(t, "the plug-in cannot reach such a surface by another way");
            else if (status != MFX_ERR_NONE)
                conform_fail(t, "reading row %u of plane %u answers %s", y, p, conform_status_text(status));
            else if (memcmp(row, written->plane[p].base + y * written->plane[p].pitch, bytes) != 0)
                conform_fail(t, "row %u of plane %u in the surface is not what was written", y, p);
        }
        free(row);
    }
}

/* `expected` has room for the pixels once more. */
static void compare_pixels(struct trial *t, const struct conform_format *format, mfxU8 *expected)
{
    struct set set;
    struct planes first = {0}, copy = {0};
    mfxHDL handle;
    mfxU32 id;
    STEP(make_plain(t, format, 2, &set));
    STEP(lock_planes(t, format, &set.request.Info, set.response.mids[1], NULL, &first));
    fill(&first, 3);
    size_t at = 0;
    copy.count = first.count;
    for (size_t p = 0; p < first.count; p++) {
        copy.plane[p] = first.plane[p];
        copy.plane[p].base = expected + at;
        copy.plane[p].pitch = first.plane[p].row_bytes;
        at += first.plane[p].row_bytes * first.plane[p].rows;
    }
    fill(&copy, 3);
    STEP(unlock(t, set.response.mids[1], NULL));
    STEP(id_of(t, set.response.mids[1], &handle, &id));
    STEP(compare_with_surface(t, &set, &copy, handle));
    STEP(give_back(t, &set));
}

void rule_handle_shows_pixels(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    if (!format)
        return;
    if (!t->subject.read_video) {
        conform_skip(t, "the plug-in offers no other way to the bytes of a surface");
        return;
    }
    mfxU8 *expected = calloc(1, (size_t)WIDTH * HEIGHT * 64);
    if (expected)
        compare_pixels(t, format, expected);
    else
        conform_fail(t, "no memory for a picture");
    free(expected);
}
