/* Rules of calls that ought not to be made. */
#include "frame.h"
#include "rules.h"

void rule_misuse_null(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    struct set set;
    if (!format)
        return;
    STEP(make_plain(t, format, 1, &set));
    mfxMemId mid = set.response.mids[0];
    mfxFrameAllocRequest request = plain_request(t, format, WIDTH, HEIGHT, 1);
    mfxFrameAllocResponse response;
    memset(&response, 0, sizeof response);
    REFUSES(call_alloc(t, NULL, &response), "Alloc with a NULL request");
    REFUSES(call_alloc(t, &request, NULL), "Alloc with a NULL response");
    REFUSES(call_lock(t, mid, NULL), "Lock with a NULL ptr");
    REFUSES(call_handle(t, mid, NULL), "GetHDL with a NULL handle");
    REFUSES(call_free(t, NULL), "Free with a NULL response");
    STEP(fill_frame(t, format, &set, 0, 1));
    STEP(check_frame(t, format, &set, 0, 1, "calls with NULL"));
    STEP(give_back(t, &set));
}

/* All three callbacks that take a mid refuse this one. */
static void is_no_mid(struct trial *t, mfxMemId mid, const char *what)
{
    mfxFrameData data;
    mfxHDL handle = NULL;
    memset(&data, 0, sizeof data);
    mfxStatus status = call_lock(t, mid, &data);
    REQUIRE(status < MFX_ERR_NONE, "Lock of %s answers %s", what, conform_status_text(status));
    status = call_unlock(t, mid, &data);
    REQUIRE(status < MFX_ERR_NONE, "Unlock of %s answers %s", what, conform_status_text(status));
    status = call_handle(t, mid, &handle);
    REQUIRE(status < MFX_ERR_NONE, "GetHDL of %s answers %s", what, conform_status_text(status));
}

void rule_misuse_null_mid(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    struct set set;
    if (!format)
        return;
    STEP(is_no_mid(t, NULL, "a NULL mid"));
    STEP(make_plain(t, format, 1, &set));
    STEP(is_no_mid(t, NULL, "a NULL mid"));
    STEP(fill_frame(t, format, &set, 0, 1));
    STEP(give_back(t, &set));
}

/* Whether the code is one that a caller can make sense of: a negative errno is another error of VPL's. */
static bool tells_of_mids(mfxStatus status)
{
    static const mfxStatus codes[] = {
        MFX_ERR_INVALID_HANDLE,  MFX_ERR_NULL_PTR,           MFX_ERR_LOCK_MEMORY, MFX_ERR_NOT_FOUND,
        MFX_ERR_NOT_INITIALIZED, MFX_ERR_UNDEFINED_BEHAVIOR, MFX_ERR_UNSUPPORTED};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (status == codes[i])
            return true;
    return status >= MFX_ERR_NONE; /* another rule's matter */
}

void rule_misuse_codes(struct trial *t)
{
    mfxFrameData data;
    mfxHDL handle = NULL;
    memset(&data, 0, sizeof data);
    mfxStatus status = call_lock(t, NULL, &data);
    REQUIRE(tells_of_mids(status), "Lock of a NULL mid answers %s", conform_status_text(status));
    status = call_unlock(t, NULL, &data);
    REQUIRE(tells_of_mids(status), "Unlock of a NULL mid answers %s", conform_status_text(status));
    status = call_handle(t, NULL, &handle);
    REQUIRE(tells_of_mids(status), "GetHDL of a NULL mid answers %s", conform_status_text(status));
}

void rule_misuse_made_up_mid(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    struct set set;
    if (!format)
        return;
    STEP(make_plain(t, format, 1, &set));
    uintptr_t mid = (uintptr_t)set.response.mids[0];
    const uintptr_t made_up[] = {1,
                                 0x10001,
                                 0x7fffffff,
                                 UINTPTR_MAX,
                                 UINTPTR_MAX - 1,
                                 mid ^ 1,
                                 mid + 64,
                                 mid ^ UINTPTR_MAX / 2,
                                 (uintptr_t)&set};
    for (size_t i = 0; i < sizeof made_up / sizeof *made_up; i++)
        STEP(is_no_mid(t, (mfxMemId)made_up[i], "a mid that never was"));
    STEP(fill_frame(t, format, &set, 0, 1));
    STEP(check_frame(t, format, &set, 0, 1, "calls with made-up mids"));
    STEP(give_back(t, &set));
}

void rule_misuse_stale_mid(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    struct set set, next;
    if (!format)
        return;
    for (int i = 0; i < 4; i++) {
        STEP(make_plain(t, format, 2, &set));
        mfxMemId mid = set.response.mids[i % 2];
        STEP(fill_frame(t, format, &set, 0, 1));
        STEP(give_back(t, &set));
        STEP(is_no_mid(t, mid, "a freed frame"));
        STEP(make_plain(t, format, 2, &next)); /* perhaps where that frame was */
        STEP(fill_frame(t, format, &next, 1, 2));
        STEP(is_no_mid(t, mid, "a freed frame whose memory may be in use again"));
        STEP(check_frame(t, format, &next, 1, 2, "calls with a stale mid"));
        STEP(give_back(t, &next));
    }
}

void rule_misuse_foreign_mid(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    struct vfa_conform_subject second;
    char why[128] = "";
    if (!format)
        return;
    if (!conform_open(t->source, &second, why, sizeof why)) {
        conform_skip(t, "a second allocator cannot be had beside the first");
        return;
    }
    if (second.allocator->pthis == t->a->pthis) {
        conform_skip(t, "the plug-in gives the same allocator twice");
        conform_close(&second);
        return;
    }
    mfxFrameAllocRequest request = plain_request(t, format, WIDTH, HEIGHT, 2);
    mfxFrameAllocResponse theirs;
    struct set ours;
    memset(&theirs, 0, sizeof theirs);
    doing(t, "Alloc of a second allocator");
    mfxStatus status = second.allocator->Alloc(second.allocator->pthis, &request, &theirs);
    if (status == MFX_ERR_NONE) {
        make_plain(t, format, 2, &ours);
        for (size_t i = 0; i < 2 && !conform_has_failed(t); i++)
            is_no_mid(t, theirs.mids[i], "another allocator's frame");
        if (!conform_has_failed(t))
            fill_frame(t, format, &ours, 0, 1);
        if (!conform_has_failed(t))
            give_back(t, &ours);
        doing(t, "Free of a second allocator");
        (void)second.allocator->Free(second.allocator->pthis, &theirs);
    } else {
        conform_fail(t, "a second allocator's Alloc answers %s", conform_status_text(status));
    }
    doing(t, "closing a second allocator");
    conform_close(&second);
}

void rule_misuse_unlock(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    struct set set;
    struct planes planes;
    if (!format)
        return;
    STEP(make_plain(t, format, 1, &set));
    mfxMemId mid = set.response.mids[0];
    REFUSES(call_unlock(t, mid, NULL), "Unlock of a frame that was never locked");
    STEP(fill_frame(t, format, &set, 0, 1));
    REFUSES(call_unlock(t, mid, NULL), "a second Unlock");
    STEP(lock_planes(t, format, &set.request.Info, mid, NULL, &planes));
    REQUIRE(holds(&planes, 1), "an Unlock too many changed the pixels");
    STEP(unlock(t, mid, NULL));
    REFUSES(call_unlock(t, mid, NULL), "a second Unlock");
    STEP(give_back(t, &set));
}
