/* What the coded pictures of MPEG-2, VP9 and AV1 say of themselves, and IVF headers. */
#include "encode/encode.h"

#include <string.h>

/* The first `count` bits from bit `at` on, the highest first; zeros behind the end. */
static unsigned bits(const uint8_t *data, size_t size, size_t at, unsigned count)
{
    unsigned value = 0;

    for (; count; count--, at++)
        value = value << 1 | (at / 8 < size ? (unsigned)data[at / 8] >> (7 - at % 8) & 1U : 0U);
    return value;
}

enum {
    MPEG2_PICTURE = 0x00,
    MPEG2_SLICE_FIRST = 0x01,
    MPEG2_EXTENSION = 0xb5,
    MPEG2_SEQUENCE = 0xb3
};

/* The next start code's last byte, or `end`. */
static const uint8_t *next_code(const uint8_t *at, const uint8_t *end)
{
    for (; end - at > 3; at++)
        if (!at[0] && !at[1] && at[2] == 1)
            return at + 3;
    return end;
}

/* A picture with a sequence header is one to begin at, and so IDR in VPL's words. */
mfxU16 encode_mpeg2_frame_type(const AVPacket *packet)
{
    static const mfxU16 types[] = {
        0,
        MFX_FRAMETYPE_I | MFX_FRAMETYPE_REF,
        MFX_FRAMETYPE_P | MFX_FRAMETYPE_REF,
        MFX_FRAMETYPE_B,
    };
    const uint8_t *end = packet->data + packet->size;
    mfxU16 idr = 0;

    for (const uint8_t *at = next_code(packet->data, end); at < end; at = next_code(at, end)) {
        if (*at == MPEG2_SEQUENCE)
            idr = MFX_FRAMETYPE_IDR;
        if (*at == MPEG2_PICTURE) /* H.262 6.2.3: ten bits of temporal_reference, three of the type */
            return types[bits(at + 1, (size_t)(end - at - 1), 10, 3) & 3] | idr;
    }
    return 0;
}

/* The sequence header and the extensions right behind it. */
size_t encode_mpeg2_sequence(const AVPacket *packet, const uint8_t **out)
{
    const uint8_t *end = packet->data + packet->size;
    const uint8_t *at = next_code(packet->data, end);

    if (at == end || *at != MPEG2_SEQUENCE)
        return 0;
    *out = at - 3;
    do
        at = next_code(at, end);
    while (at < end && *at == MPEG2_EXTENSION);
    return at < end ? (size_t)(at - 3 - *out) : 0;
}

/* VP9 specification, annex B: the last byte of a packet of several frames, the shown one being the last. */
static bool is_superframe(const AVPacket *packet)
{
    return packet->size && (packet->data[packet->size - 1] & 0xe0) == 0xc0;
}

/* 7.2, uncompressed_header, of a frame of profile 0 to 2 that is shown: does it replace a reference? */
static bool replaces_reference(const AVPacket *packet)
{
    const uint8_t *data = packet->data;
    size_t size = (size_t)packet->size;
    bool resilient = bits(data, size, 7, 1);

    return bits(data, size, resilient ? 8 : 10, 8);
}

/* A packet with a hidden frame is referred to by others. */
mfxU16 encode_vp9_frame_type(const AVPacket *packet)
{
    const bool shows_existing = bits(packet->data, (size_t)packet->size, 4, 1);

    if (packet->flags & AV_PKT_FLAG_KEY)
        return MFX_FRAMETYPE_I | MFX_FRAMETYPE_IDR | MFX_FRAMETYPE_REF;
    if (is_superframe(packet) || shows_existing || replaces_reference(packet))
        return MFX_FRAMETYPE_P | MFX_FRAMETYPE_REF;
    return MFX_FRAMETYPE_P;
}

/* Which pictures others refer to is far down in AV1's headers: all of them may be. */
mfxU16 encode_av1_frame_type(const AVPacket *packet)
{
    if (packet->flags & AV_PKT_FLAG_KEY)
        return MFX_FRAMETYPE_I | MFX_FRAMETYPE_IDR | MFX_FRAMETYPE_REF;
    return MFX_FRAMETYPE_P | MFX_FRAMETYPE_REF;
}

/* AV1 specification, 5.5: libaom gives the sequence header as one OBU of known size, in which nothing
 * optional comes before the level. MFX_LEVEL_AV1_2 is level index 0. */
mfxU16 encode_av1_level(const uint8_t *data, size_t size)
{
    enum {
        OBU_SEQUENCE_HEADER = 1,
        MOST_INDEX = 23
    };
    /* seq_profile 3, still_picture 1, reduced 1, timing_info_present 1, initial_display_delay_present 1,
     * operating_points_cnt_minus_1 5, operating_point_idc 12 */
    const size_t level_at = 24;
    unsigned index;

    if (size < 2 || bits(data, size, 1, 4) != OBU_SEQUENCE_HEADER || bits(data + 2, size - 2, 5, 1))
        return 0;
    index = bits(data + 2, size - 2, level_at, 5);
    return index <= MOST_INDEX ? (mfxU16)(MFX_LEVEL_AV1_2 + index / 4 * 10 + index % 4) : 0;
}

static uint8_t *put(uint8_t *at, mfxU64 value, int bytes)
{
    for (; bytes; bytes--, value >>= 8)
        *at++ = (uint8_t)value;
    return at;
}

/* The file's header: signature, version, its own length, codec, size, time base, number of frames (unknown).
 */
static uint8_t *put_file_header(uint8_t *at, const mfxVideoParam *par)
{
    const mfxFrameInfo *info = &par->mfx.FrameInfo;

    memcpy(at, "DKIF", 4);
    at = put(at + 4, 0, 2);
    at = put(at, ENCODE_IVF_FILE, 2);
    memcpy(at, par->mfx.CodecId == MFX_CODEC_VP9 ? "VP90" : "AV01", 4);
    at = put(at + 4, (mfxU64)encode_width(info), 2);
    at = put(at, (mfxU64)encode_height(info), 2);
    at = put(at, info->FrameRateExtN, 4);
    at = put(at, info->FrameRateExtD, 4);
    return put(at, 0, 8);
}

size_t encode_ivf(uint8_t *out, const mfxVideoParam *par, size_t bytes, mfxU64 number)
{
    uint8_t *at = out;

    if (!number)
        at = put_file_header(at, par);
    at = put(at, bytes, 4);
    at = put(at, number, 8);
    return (size_t)(at - out);
}
