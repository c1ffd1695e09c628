/* User data of the stream, for MFXVideoDECODE_GetPayload: the messages that libavcodec hands out with a
 * frame. */
#include "decode/decode.h"

#include <stdlib.h>
#include <string.h>

/* An application that never asks must not pile them up. */
#define MOST_KEPT 64

#define SEI_USER_DATA_UNREGISTERED 5 /* ITU-T H.264, D.1.1 */

struct srt_payload {
    struct srt_payload *next;
    mfxU64 time_stamp;
    size_t size;
    uint8_t data[];
};

static void drop_first(struct srt_payload_queue *queue)
{
    struct srt_payload *gone = queue->first;

    queue->first = gone->next;
    if (!queue->first)
        queue->last = NULL;
    queue->count--;
    free(gone);
}

/* A message as an encoder would be given it: type, size (ITU-T H.264, 7.3.2.3.1), bytes. */
static struct srt_payload *make_message(const uint8_t *bytes, size_t size, mfxU64 time_stamp)
{
    size_t header = 1 + size / 255 + 1;
    struct srt_payload *p = malloc(sizeof(*p) + header + size);

    if (!p)
        return NULL;
    p->next = NULL;
    p->time_stamp = time_stamp;
    p->size = header + size;
    memset(p->data, 0xff, header);
    p->data[0] = SEI_USER_DATA_UNREGISTERED;
    p->data[header - 1] = (uint8_t)(size % 255);
    memcpy(p->data + header, bytes, size);
    return p;
}

static void append(struct srt_payload_queue *queue, struct srt_payload *p)
{
    if (queue->count == MOST_KEPT)
        drop_first(queue);
    if (queue->last)
        queue->last->next = p;
    else
        queue->first = p;
    queue->last = p;
    queue->count++;
}

void srt_payload_collect(struct srt_payload_queue *queue, const AVFrame *frame, mfxU64 time_stamp)
{
    for (int i = 0; i < frame->nb_side_data; i++) {
        const AVFrameSideData *side = frame->side_data[i];

        if (side->type != AV_FRAME_DATA_SEI_UNREGISTERED || side->size > UINT16_MAX)
            continue;
        struct srt_payload *p = make_message(side->data, side->size, time_stamp);
        if (p)
            append(queue, p);
    }
}

mfxStatus srt_payload_take(struct srt_payload_queue *queue, mfxU64 *time_stamp, mfxPayload *payload)
{
    const struct srt_payload *p = queue->first;

    payload->NumBit = 0;
    if (!p) {
        *time_stamp = (mfxU64)MFX_TIMESTAMP_UNKNOWN;
        return MFX_ERR_NONE;
    }
    if (payload->BufSize < p->size)
        return MFX_ERR_NOT_ENOUGH_BUFFER;
    memcpy(payload->Data, p->data, p->size);
    payload->NumBit = (mfxU32)(p->size * 8);
    payload->Type = SEI_USER_DATA_UNREGISTERED;
    *time_stamp = p->time_stamp;
    drop_first(queue);
    return MFX_ERR_NONE;
}

void srt_payload_clear(struct srt_payload_queue *queue)
{
    while (queue->first)
        drop_first(queue);
}
