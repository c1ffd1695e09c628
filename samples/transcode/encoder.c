/* The encoding stage: MFXVideoENCODE, and a ring of operations in flight. */
#include "encoder.h"

#include "encoder_params.h"
#include "feed.h"
#include "formats.h"

#include <libavutil/mem.h>
#include <string.h>

/* Where a bitstream starts when the runtime names no size. */
#define DEFAULT_BUFFER_BYTES 1000000

void encoder_init(struct encode_stage *encoder, struct runtime *runtime, const struct options *options,
                  mfxU32 codec, const AVStream *source, struct timestamps *times, struct output *output)
{
    memset(encoder, 0, sizeof *encoder);
    encoder->runtime = runtime;
    encoder->options = options;
    encoder->times = times;
    encoder->output = output;
    encoder_params_init(encoder, codec, source);
}

enum exit_code encoder_request(struct encode_stage *encoder, mfxFrameAllocRequest *request)
{
    memset(request, 0, sizeof *request);
    mfxStatus status = MFXVideoENCODE_QueryIOSurf(encoder->runtime->session, &encoder->par, request);
    if (status < MFX_ERR_NONE)
        return runtime_fail(encoder->runtime, "MFXVideoENCODE_QueryIOSurf", status, "planning the %s encoder",
                            codec_name(encoder->par.mfx.CodecId));
    return EXIT_DONE;
}

static enum exit_code make_slots(struct encode_stage *encoder, const mfxVideoParam *actual)
{
    mfxU32 multiplier = actual->mfx.BRCParamMultiplier ? actual->mfx.BRCParamMultiplier : 1;
    size_t bytes = (size_t)actual->mfx.BufferSizeInKB * multiplier * 1000;

    if (actual->mfx.CodecId == MFX_CODEC_JPEG || !bytes) /* JPEG has other fields in that place */
        bytes = (size_t)actual->mfx.FrameInfo.Width * actual->mfx.FrameInfo.Height * 2 + DEFAULT_BUFFER_BYTES;
    encoder->depth = encoder->par.AsyncDepth;
    encoder->slots = av_calloc(encoder->depth, sizeof *encoder->slots);
    encoder->packet = av_packet_alloc();
    if (!encoder->slots || !encoder->packet)
        return fail_memory("bitstreams");
    enum exit_code code = EXIT_DONE;
    for (unsigned int i = 0; i < encoder->depth && code == EXIT_DONE; i++)
        code = bitstream_reserve(&encoder->slots[i].bitstream, bytes);
    return code;
}

enum exit_code encoder_open(struct encode_stage *encoder, AVCodecParameters *stream)
{
    mfxFrameInfo *info = &encoder->par.mfx.FrameInfo;
    mfxStatus status = MFXVideoENCODE_Init(encoder->runtime->session, &encoder->par);

    if (status < MFX_ERR_NONE)
        return runtime_fail(encoder->runtime, "MFXVideoENCODE_Init", status,
                            "starting the %s encoder for %ux%u", codec_name(encoder->par.mfx.CodecId),
                            info->CropW, info->CropH);
    encoder->open = true;
    mfxVideoParam actual;
    enum exit_code code = encoder_params_describe(encoder, &actual, stream);
    return code == EXIT_DONE ? make_slots(encoder, &actual) : code;
}

void encoder_close(struct encode_stage *encoder)
{
    if (encoder->open)
        MFXVideoENCODE_Close(encoder->runtime->session);
    encoder->open = false;
}

void encoder_finish(struct encode_stage *encoder)
{
    encoder_close(encoder);
    for (unsigned int i = 0; encoder->slots && i < encoder->depth; i++)
        bitstream_free(&encoder->slots[i].bitstream);
    av_freep(&encoder->slots);
    av_packet_free(&encoder->packet);
    encoder->count = 0;
}

/* How many pictures the encoder reorders, should it not say: B-frames that refer to one another need one
 * more. */
static int reorder_depth(const struct encode_stage *encoder)
{
    mfxU16 distance = encoder->par.mfx.GopRefDist;
    return encoder->par.mfx.CodecId == MFX_CODEC_JPEG || distance <= 1 ? 0 : distance == 2 ? 1 : 2;
}

static enum exit_code write_packet(struct encode_stage *encoder, const mfxBitstream *bitstream)
{
    AVPacket *packet = encoder->packet;

    if (av_new_packet(packet, (int)bitstream->DataLength) < 0)
        return fail_memory("a packet");
    memcpy(packet->data, bitstream->Data + bitstream->DataOffset, bitstream->DataLength);
    if (bitstream->FrameType & MFX_FRAMETYPE_IDR || encoder->par.mfx.CodecId == MFX_CODEC_JPEG)
        packet->flags |= AV_PKT_FLAG_KEY;
    times_leave(encoder->times, bitstream, reorder_depth(encoder), packet);
    encoder->packets++;
    return output_write_video(encoder->output, packet);
}

enum exit_code encoder_wait(struct encode_stage *encoder, bool *waited)
{
    *waited = encoder->count > 0;
    if (!encoder->count)
        return EXIT_DONE;
    struct encoder_slot *slot = &encoder->slots[encoder->first];
    enum exit_code code = runtime_sync(encoder->runtime, slot->sync, "an encoded frame");
    encoder->first = (encoder->first + 1) % encoder->depth;
    encoder->count--;
    if (code == EXIT_DONE && slot->bitstream.DataLength)
        code = write_packet(encoder, &slot->bitstream);
    slot->bitstream.DataLength = 0;
    slot->bitstream.DataOffset = 0;
    return code;
}

/* One call, to be repeated while *again. */
static enum exit_code encode_once(struct encode_stage *encoder, const struct relief *relief,
                                  mfxFrameSurface1 *surface, bool *again)
{
    struct encoder_slot *slot = &encoder->slots[(encoder->first + encoder->count) % encoder->depth];

    slot->sync = NULL;
    mfxStatus status = MFXVideoENCODE_EncodeFrameAsync(encoder->runtime->session, NULL, surface,
                                                       &slot->bitstream, &slot->sync);
    if (status >= MFX_ERR_NONE && slot->sync)
        encoder->count++;
    switch (status) {
    case MFX_ERR_MORE_DATA: /* taken, to come out later; or, at the end, nothing is left */
        *again = false;
        return EXIT_DONE;
    case MFX_WRN_DEVICE_BUSY:
        *again = true;
        return frame_wait_busy(relief);
    case MFX_ERR_NOT_ENOUGH_BUFFER:
        *again = true;
        return bitstream_reserve(&slot->bitstream, (size_t)slot->bitstream.MaxLength * 2);
    default:
        *again = !surface; /* what the encoder holds comes one by one */
        if (status < MFX_ERR_NONE)
            return runtime_fail(encoder->runtime, "MFXVideoENCODE_EncodeFrameAsync", status,
                                "encoding frame %llu", (unsigned long long)encoder->frames);
        return EXIT_DONE;
    }
}

enum exit_code encoder_submit(struct encode_stage *encoder, const struct relief *relief, struct frame *frame)
{
    enum exit_code code = EXIT_DONE;
    bool again = true;
    bool waited = true;

    while (code == EXIT_DONE && again) {
        if (encoder->count == encoder->depth)
            code = encoder_wait(encoder, &waited);
        if (code == EXIT_DONE)
            code = encode_once(encoder, relief, frame ? frame->surface : NULL, &again);
    }
    if (frame) {
        encoder->frames++;
        frame_release(frame); /* the runtime keeps it Locked as long as it needs it */
        return code;
    }
    while (code == EXIT_DONE && waited)
        code = encoder_wait(encoder, &waited);
    return code;
}
