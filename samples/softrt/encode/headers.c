/* NAL units: the parameter sets of a stream, and what a packet's units say about the picture. */
#include "encode/engine.h"

#include <stdlib.h>
#include <string.h>

struct nal {
    const uint8_t *start; /* of the start code */
    const uint8_t *unit;  /* of the unit's header */
    const uint8_t *end;
};

enum {
    AVC_IDR = 5,
    AVC_SLICE = 1,
    AVC_SPS = 7,
    AVC_PPS = 8,
    AVC_AUD = 9
};
enum {
    HEVC_IRAP_FIRST = 16,
    HEVC_IDR_FIRST = 19,
    HEVC_IDR_LAST = 20,
    HEVC_SLICE_LAST = 31
};
enum {
    HEVC_VPS = 32,
    HEVC_SPS = 33,
    HEVC_PPS = 34,
    HEVC_AUD = 35
};

static const uint8_t *find_start_code(const uint8_t *at, const uint8_t *end)
{
    for (; end - at >= 3; at++)
        if (!at[0] && !at[1] && at[2] == 1)
            return at;
    return end;
}

/* The next unit from `at` on, its end not yet looked for; false at the end of the stream. A four-byte start
 * code's first zero belongs to its own unit. */
static bool find_nal(const uint8_t *begin, const uint8_t *at, const uint8_t *end, struct nal *out)
{
    const uint8_t *code = find_start_code(at, end);

    if (end - code < 4)
        return false;
    out->start = code > begin && !code[-1] ? code - 1 : code;
    out->unit = code + 3;
    out->end = NULL;
    return true;
}

static void find_nal_end(struct nal *nal, const uint8_t *end)
{
    nal->end = find_start_code(nal->unit, end);
    if (nal->end != end && !nal->end[-1])
        nal->end--;
}

static int nal_type(mfxU32 codec, const struct nal *nal)
{
    return codec == MFX_CODEC_AVC ? nal->unit[0] & 0x1f : nal->unit[0] >> 1 & 0x3f;
}

/* Copies at most `size` payload bytes without the emulation prevention bytes; zeros where there are fewer. */
static void unescape(const struct nal *nal, uint8_t *out, size_t size)
{
    size_t zeros = 0;
    size_t count = 0;

    memset(out, 0, size);
    for (const uint8_t *at = nal->unit; at < nal->end && count < size; at++) {
        if (zeros >= 2 && *at == 3) {
            zeros = 0;
            continue;
        }
        zeros = *at ? 0 : zeros + 1;
        out[count++] = *at;
    }
}

static void read_sps(struct encode_headers *headers, mfxU32 codec, const struct nal *nal)
{
    uint8_t sps[16];

    unescape(nal, sps, sizeof(sps));
    if (codec == MFX_CODEC_AVC) { /* H.264 7.3.2.1.1: profile_idc, constraint flags, level_idc */
        bool level_1b = sps[3] == 11 && sps[2] & 0x10 && sps[1] <= MFX_PROFILE_AVC_EXTENDED;
        headers->profile = sps[1];
        if (sps[1] == MFX_PROFILE_AVC_BASELINE && sps[2] & 0x40)
            headers->profile = MFX_PROFILE_AVC_CONSTRAINED_BASELINE;
        headers->level = level_1b ? MFX_LEVEL_AVC_1b : sps[3];
    } else { /* H.265 7.3.2.2 and 7.3.3: profile_tier_level after two header bytes and one of ids; level is 30
                a step */
        headers->profile = sps[3] & 0x1f;
        headers->level = (mfxU16)(sps[14] / 3);
        if (sps[3] & 0x20)
            headers->level |= MFX_TIER_HEVC_HIGH;
    }
}

/* The codec and the kind of a parameter set's bytes, NULL for other units (the libraries' notes about
 * themselves). */
static size_t *set_size(struct encode_headers *headers, mfxU32 codec, int type)
{
    if (type == (codec == MFX_CODEC_AVC ? AVC_SPS : HEVC_SPS))
        return &headers->sps_size;
    if (type == (codec == MFX_CODEC_AVC ? AVC_PPS : HEVC_PPS))
        return &headers->pps_size;
    return codec == MFX_CODEC_HEVC && type == HEVC_VPS ? &headers->vps_size : NULL;
}

/* x265 leaves the first picture without the delimiter that all others have. This is one, for a picture of I
 * slices (H.265 7.3.2.5: pic_type 0), which the first is. */
static void add_first_delimiter(struct encode_headers *headers)
{
    static const uint8_t unit[] = {0, 0, 0, 1, HEVC_AUD << 1, 1, 0x10};

    memcpy(headers->delimiter, unit, sizeof(unit));
    headers->delimiter_size = sizeof(unit);
}

static mfxStatus keep(struct encode_headers *headers, const uint8_t *data, size_t size)
{
    headers->data = malloc(size + 1);
    if (!headers->data)
        return MFX_ERR_MEMORY_ALLOC;
    memcpy(headers->data, data, size);
    headers->size = size;
    return MFX_ERR_NONE;
}

/* Of AVC and HEVC: the sets without the libraries' notes about themselves. */
static mfxStatus read_sets(struct encode_headers *headers, const struct encode_codec *from, mfxU32 codec)
{
    const uint8_t *begin = from->headers;
    const uint8_t *end = begin + from->headers_size;
    struct nal nal;

    headers->data = malloc(from->headers_size + 1);
    if (!headers->data)
        return MFX_ERR_MEMORY_ALLOC;
    for (const uint8_t *at = begin; find_nal(begin, at, end, &nal); at = nal.end) {
        size_t *size = set_size(headers, codec, nal_type(codec, &nal));

        find_nal_end(&nal, end);
        if (!size)
            continue;
        if (size == &headers->sps_size)
            read_sps(headers, codec, &nal);
        *size += (size_t)(nal.end - nal.start);
        memcpy(headers->data + headers->size, nal.start, (size_t)(nal.end - nal.start));
        headers->size += (size_t)(nal.end - nal.start);
    }
    return MFX_ERR_NONE;
}

/* libavcodec's MPEG-2 encoder has no header before it has a picture: another one is given a grey one. */
static mfxStatus read_sequence(struct encode_headers *headers, const struct encode_params *params)
{
    struct encode_codec codec;
    AVPacket *packet = av_packet_alloc();
    mfxStatus status = packet ? encode_codec_open(&codec, params, 1) : MFX_ERR_MEMORY_ALLOC;
    const uint8_t *data = NULL;
    size_t size;

    if (status != MFX_ERR_NONE) {
        av_packet_free(&packet);
        return status;
    }
    status = encode_codec_send_grey(&codec);
    if (status == MFX_ERR_NONE)
        status = encode_codec_drain(&codec);
    if (status == MFX_ERR_NONE)
        status = encode_codec_receive(&codec, packet);
    size = status == MFX_ERR_NONE ? encode_mpeg2_sequence(packet, &data) : 0;
    if (size)
        status = keep(headers, data, size);
    headers->sps_size = size;
    encode_codec_close(&codec);
    av_packet_free(&packet);
    return status;
}

static mfxStatus read_mpeg2(struct encode_headers *headers, mfxU16 level, const struct encode_params *params)
{
    mfxU16 profile = params->par.mfx.CodecProfile;

    headers->in_packets = true;
    headers->profile = profile ? profile : MFX_PROFILE_MPEG2_MAIN;
    headers->level = level;
    return read_sequence(headers, params);
}

mfxStatus encode_headers_read(struct encode_headers *headers, const struct encode_codec *codec,
                              const struct encode_params *params)
{
    mfxU32 id = params->par.mfx.CodecId;

    memset(headers, 0, sizeof(*headers));
    switch (id) {
    case MFX_CODEC_JPEG:
        headers->profile = MFX_PROFILE_JPEG_BASELINE;
        return MFX_ERR_NONE;
    case MFX_CODEC_MPEG2:
        return read_mpeg2(headers, codec->level, params);
    case MFX_CODEC_VP9:
        headers->profile = params->par.mfx.FrameInfo.BitDepthLuma > 8 ? MFX_PROFILE_VP9_2 : MFX_PROFILE_VP9_0;
        return MFX_ERR_NONE;
    case MFX_CODEC_AV1:
        headers->profile = MFX_PROFILE_AV1_MAIN;
        headers->level = encode_av1_level(codec->headers, codec->headers_size);
        return MFX_ERR_NONE;
    default:
        if (id == MFX_CODEC_HEVC && params->co.AUDelimiter == MFX_CODINGOPTION_ON)
            add_first_delimiter(headers);
        return read_sets(headers, codec, id);
    }
}

void encode_headers_free(struct encode_headers *headers)
{
    free(headers->data);
    memset(headers, 0, sizeof(*headers));
}

static mfxStatus give(mfxU8 *buffer, mfxU16 *size, const uint8_t *data, size_t bytes)
{
    if (!buffer) /* which skips it */
        return MFX_ERR_NONE;
    if (bytes > *size)
        return MFX_ERR_NOT_ENOUGH_BUFFER;
    if (bytes)
        memcpy(buffer, data, bytes);
    *size = (mfxU16)bytes;
    return MFX_ERR_NONE;
}

static bool has_size(const mfxExtBuffer *buffer, size_t size)
{
    return !buffer || buffer->BufferSz == size;
}

/* Both libraries number their parameter sets 0, and put them in this order: VPS, SPS, PPS. */
mfxStatus encode_headers_give(const struct encode_headers *headers, mfxVideoParam *to)
{
    mfxExtBuffer *sets_buffer =
        srt_ext_buffer(to->ExtParam, to->NumExtParam, MFX_EXTBUFF_CODING_OPTION_SPSPPS);
    mfxExtBuffer *vps_buffer = srt_ext_buffer(to->ExtParam, to->NumExtParam, MFX_EXTBUFF_CODING_OPTION_VPS);
    mfxExtCodingOptionSPSPPS *sets = (mfxExtCodingOptionSPSPPS *)sets_buffer;
    mfxExtCodingOptionVPS *vps = (mfxExtCodingOptionVPS *)vps_buffer;
    const uint8_t *sps = headers->data ? headers->data + headers->vps_size : NULL;
    mfxStatus status = MFX_ERR_NONE;

    if (!has_size(sets_buffer, sizeof(*sets)) || !has_size(vps_buffer, sizeof(*vps)))
        return MFX_ERR_UNSUPPORTED;
    if ((sets || vps) && !headers->data)
        return MFX_ERR_UNSUPPORTED;
    if (vps) {
        status = give(vps->VPSBuffer, &vps->VPSBufSize, headers->data, headers->vps_size);
        vps->VPSId = 0;
    }
    if (sets && status == MFX_ERR_NONE) {
        status = give(sets->SPSBuffer, &sets->SPSBufSize, sps, headers->sps_size);
        sets->SPSId = 0;
    }
    if (sets && status == MFX_ERR_NONE) {
        status = give(sets->PPSBuffer, &sets->PPSBufSize, sps + headers->sps_size, headers->pps_size);
        sets->PPSId = 0;
    }
    return status;
}

/* As libavcodec writes AV_PKT_DATA_QUALITY_STATS: lambda in four bytes, the type, how many errors follow. */
mfxStatus encode_packet_tell(AVPacket *packet, double qp, enum AVPictureType type)
{
    uint8_t *stats = av_packet_new_side_data(packet, AV_PKT_DATA_QUALITY_STATS, 8);
    uint32_t lambda = qp > 0 ? (uint32_t)(qp * FF_QP2LAMBDA) : 0;

    if (!stats)
        return MFX_ERR_MEMORY_ALLOC;
    memset(stats, 0, 8);
    for (int i = 0; i < 4; i++, lambda >>= 8)
        stats[i] = (uint8_t)lambda;
    stats[4] = (uint8_t)type;
    return MFX_ERR_NONE;
}

/* I, P or B as the library tells it beside the packet. */
static mfxU16 picture_type(const AVPacket *packet)
{
    size_t size = 0;
    const uint8_t *stats = av_packet_get_side_data(packet, AV_PKT_DATA_QUALITY_STATS, &size);

    if (!stats || size < 5)
        return packet->flags & AV_PKT_FLAG_KEY ? MFX_FRAMETYPE_I : MFX_FRAMETYPE_P;
    switch (stats[4]) {
    case AV_PICTURE_TYPE_I:
        return MFX_FRAMETYPE_I;
    case AV_PICTURE_TYPE_B:
        return MFX_FRAMETYPE_B;
    default:
        return MFX_FRAMETYPE_P;
    }
}

mfxU16 encode_packet_qp(const AVPacket *packet)
{
    size_t size = 0;
    const uint8_t *stats = av_packet_get_side_data(packet, AV_PKT_DATA_QUALITY_STATS, &size);
    uint32_t lambda = 0;

    for (int i = 3; stats && size >= 4 && i >= 0; i--)
        lambda = lambda << 8 | stats[i];
    return (mfxU16)((lambda + FF_QP2LAMBDA / 2) / FF_QP2LAMBDA);
}

static mfxU16 slice_flags(mfxU32 codec, const struct nal *nal)
{
    int type = nal_type(codec, nal);

    if (codec == MFX_CODEC_AVC)
        return (mfxU16)((nal->unit[0] & 0x60 ? MFX_FRAMETYPE_REF : 0) |
                        (type == AVC_IDR ? MFX_FRAMETYPE_IDR : 0));
    if (type >= HEVC_IDR_FIRST && type <= HEVC_IDR_LAST)
        return MFX_FRAMETYPE_REF | MFX_FRAMETYPE_IDR;
    /* H.265 table 7-1: below the IRAP types, an even number is a picture no other of its layer refers to */
    return type >= HEVC_IRAP_FIRST || type & 1 ? MFX_FRAMETYPE_REF : 0;
}

static mfxU16 nal_frame_type(mfxU32 codec, const AVPacket *packet, struct encode_places *places)
{
    const uint8_t *end = packet->data + packet->size;
    struct nal nal;

    for (const uint8_t *at = packet->data; find_nal(packet->data, at, end, &nal); at = nal.end) {
        int type = nal_type(codec, &nal);

        places->slice_at = (size_t)(nal.start - packet->data);
        /* the first slice tells all, and is long: its end is not looked for */
        if (codec == MFX_CODEC_AVC ? type >= AVC_SLICE && type <= AVC_IDR : type <= HEVC_SLICE_LAST)
            return picture_type(packet) | slice_flags(codec, &nal);
        find_nal_end(&nal, end);
        if (type == (codec == MFX_CODEC_AVC ? AVC_AUD : HEVC_AUD)) {
            places->delimiter_at = (size_t)(nal.start - packet->data);
            places->delimiter_size = (size_t)(nal.end - nal.start);
        }
    }
    return picture_type(packet);
}

mfxU16 encode_frame_type(mfxU32 codec, const AVPacket *packet, struct encode_places *places)
{
    *places = (struct encode_places){0};
    switch (codec) {
    case MFX_CODEC_JPEG:
        return MFX_FRAMETYPE_I | MFX_FRAMETYPE_REF | MFX_FRAMETYPE_IDR;
    case MFX_CODEC_MPEG2:
        return encode_mpeg2_frame_type(packet);
    case MFX_CODEC_VP9:
        return encode_vp9_frame_type(packet);
    case MFX_CODEC_AV1:
        return encode_av1_frame_type(packet);
    default:
        return nal_frame_type(codec, packet, places);
    }
}
