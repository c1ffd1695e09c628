/* The decoding stage: MFXVideoDECODE. */
#include "decoder.h"

#include "formats.h"
#include "interrupt.h"

#include <string.h>

/* Calls in a row that neither take bits nor give a frame: more is a runtime that has lost its way. */
#define MAX_IDLE 10000

/* Pictures in a row that cannot be decoded: more is no video any longer. */
#define MAX_ERRORS 1000

void decoder_init(struct decode_stage *decoder, struct runtime *runtime, struct feed *feed, mfxU32 codec,
                  mfxU16 async)
{
    memset(decoder, 0, sizeof *decoder);
    decoder->runtime = runtime;
    decoder->feed = feed;
    decoder->par.mfx.CodecId = codec;
    decoder->par.AsyncDepth = async;
    decoder->par.IOPattern = runtime_pattern_out(runtime);
}

enum exit_code decoder_read_header(struct decode_stage *decoder)
{
    mfxVideoParam *par = &decoder->par;
    mfxU32 codec = par->mfx.CodecId;
    mfxStatus status = MFX_ERR_MORE_DATA;

    memset(&par->mfx, 0, sizeof par->mfx);
    par->mfx.CodecId = codec;
    for (;;) {
        bool more = true;
        if (decoder->bitstream.DataLength)
            status = MFXVideoDECODE_DecodeHeader(decoder->runtime->session, &decoder->bitstream, par);
        if (status >= MFX_ERR_NONE && par->mfx.FrameInfo.Width)
            return EXIT_DONE;
        if (status < MFX_ERR_NONE && status != MFX_ERR_MORE_DATA)
            return runtime_fail(decoder->runtime, "MFXVideoDECODE_DecodeHeader", status,
                                "reading the header of the "
                                "%s video",
                                codec_name(codec));
        enum exit_code code = feed_bitstream(decoder->feed, &decoder->bitstream, &more);
        if (code != EXIT_DONE)
            return code;
        if (!more)
            return interrupt_asked()
                       ? fail(EXIT_INTERRUPTED, "interrupted before the video began")
                       : fail(EXIT_DAMAGED,
                              "the input is damaged: no %s header in its %llu packets "
                              "of video",
                              codec_name(codec), (unsigned long long)decoder->feed->input->packets);
    }
}

bool decoder_accepts(struct decode_stage *decoder, mfxU32 fourcc)
{
    mfxVideoParam par = decoder->par;

    if (!format_describe(fourcc, &par.mfx.FrameInfo))
        return false;
    mfxStatus status = MFXVideoDECODE_Query(decoder->runtime->session, &par, &par);
    return status >= MFX_ERR_NONE && par.mfx.FrameInfo.FourCC == fourcc;
}

enum exit_code decoder_request(struct decode_stage *decoder, mfxFrameAllocRequest *request)
{
    memset(request, 0, sizeof *request);
    mfxStatus status = MFXVideoDECODE_QueryIOSurf(decoder->runtime->session, &decoder->par, request);
    if (status < MFX_ERR_NONE)
        return runtime_fail(decoder->runtime, "MFXVideoDECODE_QueryIOSurf", status, "planning the %s decoder",
                            codec_name(decoder->par.mfx.CodecId));
    return EXIT_DONE;
}

enum exit_code decoder_open(struct decode_stage *decoder, struct vfa_pool *pool)
{
    mfxStatus status = MFXVideoDECODE_Init(decoder->runtime->session, &decoder->par);

    if (status < MFX_ERR_NONE)
        return runtime_fail(decoder->runtime, "MFXVideoDECODE_Init", status,
                            "starting the %s decoder for %ux%u", codec_name(decoder->par.mfx.CodecId),
                            decoder->par.mfx.FrameInfo.CropW, decoder->par.mfx.FrameInfo.CropH);
    decoder->pool = pool;
    decoder->open = true;
    decoder->changing = false;
    decoder->idle = 0;
    return EXIT_DONE;
}

void decoder_close(struct decode_stage *decoder)
{
    if (decoder->open) {
        runtime_settle(decoder->runtime, decoder->last);
        MFXVideoDECODE_Close(decoder->runtime->session);
    }
    decoder->last = NULL;
    decoder->open = false;
    decoder->pool = NULL;
}

void decoder_finish(struct decode_stage *decoder)
{
    decoder_close(decoder);
    bitstream_free(&decoder->bitstream);
}

/* The runtime could not make anything of a picture. What is left of it is dropped, the next one may be
 * better. */
static enum exit_code skip_damage(struct decode_stage *decoder, mfxStatus status)
{
    uint64_t picture = decoder->feed->input->packets;

    switch (status) {
    case MFX_ERR_UNKNOWN:
    case MFX_ERR_UNDEFINED_BEHAVIOR:
    case MFX_ERR_INVALID_VIDEO_PARAM:
    case MFX_ERR_ABORTED:
        break;
    default:
        return runtime_fail(decoder->runtime, "MFXVideoDECODE_DecodeFrameAsync", status,
                            "decoding picture %llu", (unsigned long long)picture);
    }
    if (decoder->errors == 0)
        warn("picture %llu cannot be decoded (%s): the input is damaged there; going on with the next",
             (unsigned long long)picture, vfa_status_name(status));
    decoder->bitstream.DataLength = 0;
    decoder->bitstream.DataOffset = 0;
    if (++decoder->errors - decoder->frames > MAX_ERRORS)
        return fail(EXIT_DAMAGED, "the input is damaged: more than %d pictures cannot be decoded",
                    MAX_ERRORS);
    return EXIT_DONE;
}

/* One call: a work surface is lent, the output (that surface, or another) is ours. */
static enum exit_code decode_once(struct decode_stage *decoder, const struct relief *relief, bool drain,
                                  mfxStatus *status, struct frame *frame)
{
    mfxFrameSurface1 *work = NULL;
    mfxFrameSurface1 *out = NULL;
    mfxSyncPoint sync = NULL;
    enum exit_code code = frame_acquire(decoder->runtime, relief, decoder->pool, "decoder", &work);

    if (code != EXIT_DONE)
        return code;
    *status = MFXVideoDECODE_DecodeFrameAsync(decoder->runtime->session, drain ? NULL : &decoder->bitstream,
                                              work, &out, &sync);
    mfxStatus settled = vfa_pool_settle(decoder->pool, work, out);
    if (settled != MFX_ERR_NONE)
        return runtime_fail(decoder->runtime, "vfa_pool_settle", settled,
                            "taking frame %llu from the decoder", (unsigned long long)decoder->frames);
    if (sync)
        decoder->last = sync;
    trail_add(&decoder->runtime->trail,
              &(struct trail_step){"decoding", "MFXVideoDECODE_DecodeFrameAsync", decoder->frames, sync});
    *frame = (struct frame){.surface = out, .pool = decoder->pool, .sync = sync};
    return EXIT_DONE;
}

/* What to do about a call that gave no frame. *done: no frame will come any more. */
static enum exit_code handle(struct decode_stage *decoder, const struct relief *relief, mfxStatus status,
                             bool drain, bool *done)
{
    bool more = true;
    enum exit_code code;

    switch (status) {
    case MFX_ERR_MORE_DATA:
        *done = drain;
        if (drain)
            return EXIT_DONE;
        code = feed_bitstream(decoder->feed, &decoder->bitstream, &more);
        decoder->input_ended = !more;
        return code;
    case MFX_WRN_DEVICE_BUSY:
        return frame_wait_busy(relief);
    case MFX_ERR_INCOMPATIBLE_VIDEO_PARAM: /* the header stays in the bitstream for DecodeHeader */
        *done = drain;
        decoder->changing = true;
        return EXIT_DONE;
    default: /* MORE_SURFACE; VIDEO_PARAM_CHANGED, which each frame's own crop rectangle tells; other warnings
              */
        return status >= MFX_ERR_NONE || status == MFX_ERR_MORE_SURFACE ? EXIT_DONE
                                                                        : skip_damage(decoder, status);
    }
}

/* A runtime that neither takes bits nor asks for any would keep us here forever. */
static enum exit_code watch(struct decode_stage *decoder, mfxU32 before, mfxStatus status)
{
    bool moved = decoder->bitstream.DataLength != before || status == MFX_WRN_DEVICE_BUSY;

    decoder->idle = moved ? 0 : decoder->idle + 1;
    if (decoder->idle > MAX_IDLE)
        return runtime_fail(decoder->runtime, "MFXVideoDECODE_DecodeFrameAsync", status,
                            "the decoder stands still at picture %llu",
                            (unsigned long long)decoder->feed->input->packets);
    return EXIT_DONE;
}

enum exit_code decoder_next(struct decode_stage *decoder, const struct relief *relief, struct frame *frame,
                            enum decoder_event *event)
{
    enum exit_code code = EXIT_DONE;
    bool done = false;

    memset(frame, 0, sizeof *frame);
    while (code == EXIT_DONE && !done) {
        bool drain = decoder->input_ended || decoder->changing;
        mfxU32 before = decoder->bitstream.DataLength;
        mfxStatus status = MFX_ERR_NONE;

        code = decode_once(decoder, relief, drain, &status, frame);
        if (code == EXIT_DONE && frame->surface) {
            decoder->frames++;
            decoder->idle = 0;
            decoder->damaged_frames += frame->surface->Data.Corrupted != 0;
            *event = DECODER_FRAME;
            return EXIT_DONE;
        }
        if (code == EXIT_DONE)
            code = handle(decoder, relief, status, drain, &done);
        if (code == EXIT_DONE && !done)
            code = watch(decoder, before, status);
    }
    *event = decoder->changing ? DECODER_CHANGED : DECODER_END;
    return code;
}
