/* SEI messages that an application gives with a frame (mfxEncodeCtrl::Payload), as NAL units for its picture.
 */
#include "encode/encode.h"

#include <stdlib.h>
#include <string.h>

enum {
    AVC_SEI = 6,
    HEVC_PREFIX_SEI = 39
};

/* A payload's message begins with its type and size, as in the stream (H.264 7.3.2.3.1). */
static mfxStatus check_payload(const mfxPayload *payload)
{
    enum {
        LEAST_BYTES = 2
    };

    if (!payload || !payload->Data)
        return MFX_ERR_NULL_PTR;
    if (payload->NumBit % 8 || payload->NumBit / 8 < LEAST_BYTES || payload->NumBit / 8 > payload->BufSize)
        return MFX_ERR_INVALID_VIDEO_PARAM;
    return payload->CtrlFlags ? MFX_ERR_UNSUPPORTED : MFX_ERR_NONE; /* those behind the picture */
}

static uint8_t *begin_unit(uint8_t *at, mfxU32 codec)
{
    static const uint8_t avc[] = {0, 0, 0, 1, AVC_SEI};
    static const uint8_t hevc[] = {0, 0, 0, 1, HEVC_PREFIX_SEI << 1, 1};
    size_t size = codec == MFX_CODEC_AVC ? sizeof(avc) : sizeof(hevc);

    memcpy(at, codec == MFX_CODEC_AVC ? avc : hevc, size);
    return at + size;
}

/* With the bytes that keep start codes out of it, and the stop bit. */
static uint8_t *put_message(uint8_t *at, const mfxPayload *payload)
{
    size_t zeros = 0;

    for (mfxU32 i = 0; i < payload->NumBit / 8; i++) {
        uint8_t byte = payload->Data[i];

        if (zeros >= 2 && byte <= 3) {
            *at++ = 3;
            zeros = 0;
        }
        zeros = byte ? 0 : zeros + 1;
        *at++ = byte;
    }
    *at++ = 0x80;
    return at;
}

mfxStatus encode_sei_new(mfxU32 codec, const mfxEncodeCtrl *ctrl, struct encode_sei **out)
{
    const size_t around = 8; /* the unit's beginning and end */
    struct encode_sei *sei;
    uint8_t *at;
    size_t room = 0;

    *out = NULL;
    if (!ctrl->NumPayload)
        return MFX_ERR_NONE;
    if (codec != MFX_CODEC_AVC && codec != MFX_CODEC_HEVC)
        return MFX_ERR_UNSUPPORTED;
    if (!ctrl->Payload)
        return MFX_ERR_NULL_PTR;
    for (mfxU16 i = 0; i < ctrl->NumPayload; i++) {
        mfxStatus status = check_payload(ctrl->Payload[i]);

        if (status != MFX_ERR_NONE)
            return status;
        room += (size_t)ctrl->Payload[i]->BufSize * 3 / 2 + around;
    }
    sei = malloc(sizeof(*sei) + room);
    if (!sei)
        return MFX_ERR_MEMORY_ALLOC;
    *sei = (struct encode_sei){0};
    at = sei->data;
    for (mfxU16 i = 0; i < ctrl->NumPayload; i++)
        at = put_message(begin_unit(at, codec), ctrl->Payload[i]);
    sei->size = (size_t)(at - sei->data);
    *out = sei;
    return MFX_ERR_NONE;
}

void encode_sei_keep(struct encode_sei **list, struct encode_sei *sei, int64_t frame)
{
    if (!sei)
        return;
    sei->frame = frame;
    sei->next = *list;
    *list = sei;
}

struct encode_sei *encode_sei_take(struct encode_sei **list, int64_t frame)
{
    for (; *list; list = &(*list)->next)
        if ((*list)->frame == frame) {
            struct encode_sei *sei = *list;

            *list = sei->next;
            return sei;
        }
    return NULL;
}

void encode_sei_free(struct encode_sei *list)
{
    while (list) {
        struct encode_sei *next = list->next;

        free(list);
        list = next;
    }
}
