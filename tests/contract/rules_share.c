/* Rules of sharing: a decoder's Init asks for the frames that its application allocated before. */
#include "frame.h"
#include "rules.h"

enum {
    ID = 4711,
    FRAMES = 4,
};

/* How many of the frames of one response are also in another. */
static size_t common(const struct set *a, const struct set *b)
{
    size_t count = 0;
    for (size_t i = 0; i < a->response.NumFrameActual; i++)
        for (size_t j = 0; j < b->response.NumFrameActual; j++)
            count += a->response.mids[i] == b->response.mids[j];
    return count;
}

static void make_for_decoder(struct trial *t, const struct conform_format *format, mfxU32 id, struct set *set)
{
    mfxFrameAllocRequest request = decoder_request(t, format, id, FRAMES);
    make(t, &request, set);
}

void rule_share_same_frames(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    struct set application, runtime;
    if (!format)
        return;
    STEP(make_for_decoder(t, format, ID, &application));
    STEP(make_for_decoder(t, format, ID, &runtime));
    REQUIRE(runtime.response.NumFrameActual == application.response.NumFrameActual &&
                common(&runtime, &application) == application.response.NumFrameActual,
            "of the application's %d frames the decoder got %zu", application.response.NumFrameActual,
            common(&runtime, &application));
    STEP(give_back(t, &runtime));
    STEP(give_back(t, &application));
}

/* An application allocates with `theirs`, its decoder with `own`: the same frames. */
static void gets_the_same(struct trial *t, const struct conform_format *format,
                          const mfxFrameAllocRequest *theirs, const mfxFrameAllocRequest *own,
                          const char *whose)
{
    struct set application, runtime;
    STEP(make(t, theirs, &application));
    STEP(make(t, own, &runtime));
    REQUIRE(common(&runtime, &application) == runtime.response.NumFrameActual,
            "of the %d frames that the decoder got, %zu are %s", runtime.response.NumFrameActual,
            common(&runtime, &application), whose);
    STEP(fill_frame(t, format, &application, 0, 5));
    STEP(give_back(t, &runtime));
    STEP(check_frame(t, format, &application, 0, 5, "the decoder's Free"));
    STEP(give_back(t, &application));
}

void rule_share_smaller(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    if (!format)
        return;
    mfxFrameAllocRequest theirs = decoder_request(t, format, ID, FRAMES), own = theirs;
    own.Info.Width = own.Info.CropW = WIDTH - 16;
    own.Info.Height = own.Info.CropH = HEIGHT - 16;
    STEP(gets_the_same(t, format, &theirs, &own, "of those of its AllocId, which are larger"));
}

void rule_share_fewer(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    if (!format)
        return;
    mfxFrameAllocRequest theirs = decoder_request(t, format, ID, FRAMES + 3);
    mfxFrameAllocRequest own = decoder_request(t, format, ID, FRAMES);
    STEP(gets_the_same(t, format, &theirs, &own, "of the application's larger set"));
}

void rule_share_wider_type(struct trial *t)
{
    static const mfxU16 more[] = {MFX_MEMTYPE_FROM_VPPIN, MFX_MEMTYPE_FROM_ENCODE,
                                  MFX_MEMTYPE_FROM_VPPIN | MFX_MEMTYPE_FROM_ENCODE};
    const struct conform_format *format = a_format(t);
    if (!format)
        return;
    for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
        mfxFrameAllocRequest own = decoder_request(t, format, ID, FRAMES), theirs = own;
        theirs.Type |= more[i];
        STEP(gets_the_same(t, format, &theirs, &own, "those that the application made for a filter as well"));
    }
}

void rule_share_video_targets(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    if (!format)
        return;
    mfxFrameAllocRequest own = decoder_request(t, format, ID, FRAMES), theirs = own;
    theirs.Type = (mfxU16)((own.Type & ~MFX_MEMTYPE_VIDEO_MEMORY_DECODER_TARGET) |
                           MFX_MEMTYPE_VIDEO_MEMORY_PROCESSOR_TARGET);
    STEP(gets_the_same(t, format, &theirs, &own, "of those that were made as a processor's target"));
    STEP(gets_the_same(t, format, &own, &theirs, "of those that were made as a decoder's target"));
}

/* The runtime's Free comes first, as today's do, or last. */
static void free_one_of_two(struct trial *t, const struct conform_format *format, bool runtime_first)
{
    struct set application, runtime;
    STEP(make_for_decoder(t, format, ID, &application));
    STEP(make_for_decoder(t, format, ID, &runtime));
    STEP(fill_frame(t, format, &application, 1, 9));
    STEP(give_back(t, runtime_first ? &runtime : &application));
    struct set *left = runtime_first ? &application : &runtime;
    STEP(check_frame(t, format, left, 1, 9, "the other of two responses was freed"));
    STEP(fill_frame(t, format, left, FRAMES - 1, 10));
    STEP(check_frame(t, format, left, FRAMES - 1, 10, "Unlock"));
    STEP(give_back(t, left));
}

/* Shared is no yes or no. A third one may as well get frames of its own. */
static void free_two_of_three(struct trial *t, const struct conform_format *format)
{
    struct set sets[3];
    for (size_t i = 0; i < 3; i++)
        STEP(make_for_decoder(t, format, ID, &sets[i]));
    STEP(fill_frame(t, format, &sets[2], 1, 11));
    STEP(give_back(t, &sets[1]));
    STEP(give_back(t, &sets[0]));
    STEP(check_frame(t, format, &sets[2], 1, 11, "two of three responses were freed"));
    STEP(give_back(t, &sets[2]));
}

void rule_share_is_counted(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    if (!format)
        return;
    STEP(free_one_of_two(t, format, true));
    STEP(free_one_of_two(t, format, false));
    STEP(free_two_of_three(t, format));
}

void rule_share_ends(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    if (!format)
        return;
    for (int i = 0; i < 3; i++) {
        struct set first, second;
        STEP(make_for_decoder(t, format, ID, &first));
        STEP(make_for_decoder(t, format, ID, &second));
        STEP(give_back(t, &second));
        STEP(give_back(t, &first));
        STEP(make_for_decoder(t, format, ID, &first)); /* whatever it shared has ended */
        STEP(fill_frame(t, format, &first, 0, 1));
        STEP(fill_frame(t, format, &first, FRAMES - 1, 2));
        STEP(check_frame(t, format, &first, 0, 1, "writing to another"));
        STEP(give_back(t, &first));
    }
}

/* A decoder's frames are there; `request` must not get them. */
static void gets_others(struct trial *t, const struct conform_format *format,
                        const mfxFrameAllocRequest *request, const char *what)
{
    struct set application, other = {.request = *request};
    STEP(make_for_decoder(t, format, ID, &application));
    memset(&other.response, 0, sizeof other.response);
    mfxStatus status = call_alloc(t, &other.request, &other.response);
    if (status == MFX_ERR_NONE) {
        REQUIRE(!common(&other, &application), "%s got frames of a decoder that does not fit", what);
        STEP(give_back(t, &other));
    }
    REQUIRE(status <= MFX_ERR_NONE, "Alloc answers %s", conform_status_text(status));
    STEP(give_back(t, &application));
}

/* The other way round: an encoder's or filter's frames are there, for an AllocId that a decoder has as well.
 */
static void decoder_gets_others(struct trial *t, const mfxFrameAllocRequest *like)
{
    struct set theirs, decoders;
    mfxFrameAllocRequest request = *like;
    request.AllocId = ID + 1;
    STEP(make(t, &request, &theirs));
    request.Type = t->video ? DECODE_VIDEO : DECODE_SYSTEM;
    STEP(make(t, &request, &decoders));
    REQUIRE(!common(&decoders, &theirs), "a decoder got frames that were made for Type 0x%04x", like->Type);
    STEP(give_back(t, &decoders));
    STEP(give_back(t, &theirs));
}

void rule_share_alloc_id(struct trial *t)
{
    static const mfxU32 others[] = {ID + 1, 0, 0xffffffff, ID | 0x10000, ID | 0x80000000};
    const struct conform_format *format = a_format(t);
    if (!format)
        return;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        mfxFrameAllocRequest request = decoder_request(t, format, others[i], FRAMES);
        STEP(gets_others(t, format, &request, "another AllocId"));
    }
}

void rule_share_decoders_only(struct trial *t)
{
    static const mfxU16 origins[] = {MFX_MEMTYPE_FROM_ENCODE, MFX_MEMTYPE_FROM_VPPIN,
                                     MFX_MEMTYPE_FROM_VPPOUT};
    const struct conform_format *format = a_format(t);
    if (!format)
        return;
    for (size_t i = 0; i < sizeof origins / sizeof *origins; i++) {
        mfxFrameAllocRequest request = decoder_request(t, format, ID, FRAMES);
        request.Type = (mfxU16)((request.Type & ~MFX_MEMTYPE_FROM_DECODE) | origins[i]);
        STEP(gets_others(t, format, &request, "an encoder or filter"));
        STEP(decoder_gets_others(t, &request));
    }
}

void rule_share_not_larger(struct trial *t)
{
    static const mfxU16 factors[][2] = {{4, 4}, {4, 1}, {1, 4}};
    const struct conform_format *format = a_format(t);
    if (!format)
        return;
    for (size_t i = 0; i < sizeof factors / sizeof *factors; i++) {
        mfxFrameAllocRequest request = decoder_request(t, format, ID, FRAMES);
        request.Info.Width = request.Info.CropW = (mfxU16)(WIDTH * factors[i][0]);
        request.Info.Height = request.Info.CropH = (mfxU16)(HEIGHT * factors[i][1]);
        STEP(gets_others(t, format, &request, "a decoder of larger pictures"));
    }
}

void rule_share_not_more(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    struct set application, runtime;
    if (!format)
        return;
    STEP(make_for_decoder(t, format, ID, &application));
    runtime.request = decoder_request(t, format, ID, 3 * FRAMES);
    memset(&runtime.response, 0, sizeof runtime.response);
    mfxStatus status = call_alloc(t, &runtime.request, &runtime.response);
    if (status == MFX_ERR_NONE) {
        REQUIRE(runtime.response.NumFrameActual >= 3 * FRAMES, "NumFrameActual is %d, NumFrameMin was %d",
                runtime.response.NumFrameActual, 3 * FRAMES);
        STEP(fill_frame(t, format, &runtime, 3 * FRAMES - 1, 1));
        STEP(give_back(t, &runtime));
    }
    REQUIRE(status <= MFX_ERR_NONE, "Alloc answers %s", conform_status_text(status));
    STEP(give_back(t, &application));
}

void rule_share_fourcc(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    if (!format)
        return;
    const struct conform_format *other = another_format(t, format);
    if (!other) {
        conform_skip(t, "only one format is served");
        return;
    }
    mfxFrameAllocRequest request = decoder_request(t, other, ID, FRAMES);
    STEP(gets_others(t, format, &request, "a decoder to another FourCC"));
}

void rule_share_memory_kind(struct trial *t)
{
    const struct conform_format *format = a_format_of_both_kinds(t);
    if (!format)
        return;
    mfxFrameAllocRequest request = decoder_request(t, format, ID, FRAMES);
    request.Type = DECODE_SYSTEM;
    STEP(gets_others(t, format, &request, "a decoder to system memory"));
}
