/* What the software runtime parses by itself: start codes and markers, NAL units of what it encodes, messages
 * for GetPayload; against plain searches. */
#include "fuzz.h"

#include "../../samples/softrt/decode/decode.h"
#include "../../samples/softrt/encode/encode.h"

static const mfxU32 codecs[] = {MFX_CODEC_AVC,  MFX_CODEC_HEVC, MFX_CODEC_MPEG2,
                                MFX_CODEC_JPEG, MFX_CODEC_VP9,  MFX_CODEC_AV1};

/* --- where headers and pictures begin */

/* A plain search for what scan does with memchr. */
static size_t first_code(const struct srt_decode_codec *codec, const uint8_t *data, size_t size, size_t from,
                         bool (*is)(uint8_t code))
{
    if (codec->framing == SRT_MARKERS) {
        for (size_t i = from; i + 1 < size; i++)
            if (data[i] == 0xff && data[i + 1] != 0xff && is(data[i + 1]))
                return i;
        return SIZE_MAX;
    }
    for (size_t i = from; i + 3 < size; i++)
        if (!data[i] && !data[i + 1] && data[i + 2] == 1 && is(data[i + 3]))
            return i;
    return SIZE_MAX;
}

static void check_scans(const struct srt_decode_codec *codec, const uint8_t *data, size_t size, size_t from)
{
    size_t header = first_code(codec, data, size, from, codec->is_header);
    size_t picture = first_code(codec, data, size, from, codec->is_picture);
    FUZZ_SAME(srt_scan_header(codec, data, size, from), header);
    FUZZ_SAME(srt_scan_picture(codec, data, size, from), picture);
    FUZZ_CHECK(srt_scan_partial(codec, data, size) <= size);
}

static void check_unit(const struct srt_decode_codec *codec, const uint8_t *data, size_t size)
{
    const uint8_t *unit;
    size_t unit_size;
    if (!srt_scan_unit(data, size, codec->is_header, &unit, &unit_size))
        return;
    FUZZ_CHECK(unit >= data && unit_size >= 3 && unit_size <= size - (size_t)(unit - data));
    FUZZ_CHECK(!unit[0] && !unit[1] && unit[2] == 1);
}

static void check_find(const struct srt_decode_codec *codec, const uint8_t *data, size_t size, size_t from,
                       bool whole)
{
    struct srt_header header;
    mfxStatus status = srt_find_header(codec, data, size, from, whole, &header);
    switch (status) {
    case MFX_ERR_NONE:
        FUZZ_CHECK(header.begin >= from && header.begin < header.end && header.end <= size);
        FUZZ_CHECK(header.info.width > 0 && header.info.height > 0);
        break;
    case MFX_ERR_MORE_DATA:
        FUZZ_CHECK(!whole && header.begin >= from && header.begin < size);
        break;
    default:
        FUZZ_SAME(status, MFX_ERR_NOT_FOUND);
    }
}

/* --- what an encoder made */

static void check_give(const struct encode_headers *headers, struct fuzz_input *in)
{
    mfxU16 room = fuzz_u16(in) % 512;
    mfxU8 *sets_bytes = malloc(room + 1U), *vps_bytes = malloc(room + 1U);
    mfxExtCodingOptionSPSPPS sets = {
        .Header = {MFX_EXTBUFF_CODING_OPTION_SPSPPS, sizeof sets},
        .SPSBuffer = sets_bytes,
        .PPSBuffer = sets_bytes,
        .SPSBufSize = room,
        .PPSBufSize = room,
    };
    mfxExtCodingOptionVPS vps = {.Header = {MFX_EXTBUFF_CODING_OPTION_VPS, sizeof vps}};
    mfxExtBuffer *buffers[] = {&sets.Header, &vps.Header};
    mfxVideoParam par = {.ExtParam = buffers, .NumExtParam = 2};
    FUZZ_CHECK(sets_bytes && vps_bytes);
    vps.VPSBuffer = vps_bytes;
    vps.VPSBufSize = room;
    mfxStatus status = encode_headers_give(headers, &par);
    if (status == MFX_ERR_NONE) {
        FUZZ_SAME(sets.SPSBufSize, headers->sps_size);
        FUZZ_SAME(sets.PPSBufSize, headers->pps_size);
        FUZZ_SAME(vps.VPSBufSize, headers->vps_size);
    } else if (headers->data) {
        FUZZ_SAME(status, MFX_ERR_NOT_ENOUGH_BUFFER);
    } else {
        FUZZ_SAME(status, MFX_ERR_UNSUPPORTED);
    }
    free(sets_bytes);
    free(vps_bytes);
}

/* MPEG-2 is none of them: its header comes from a picture that an encoder made. */
static void check_headers(struct fuzz_input *in, mfxU32 codec, const uint8_t *data, size_t size)
{
    struct encode_codec library = {.headers = data, .headers_size = size};
    struct encode_params params = {.par.mfx.CodecId = codec};
    struct encode_headers headers;
    params.co.AUDelimiter = size & 1 ? MFX_CODINGOPTION_ON : MFX_CODINGOPTION_OFF;
    FUZZ_SAME(encode_headers_read(&headers, &library, &params), MFX_ERR_NONE);
    FUZZ_SAME(headers.size, headers.vps_size + headers.sps_size + headers.pps_size);
    FUZZ_CHECK(headers.size <= size);
    check_give(&headers, in);
    encode_headers_free(&headers);
}

/* The data itself, not a padded copy: a packet's bytes are all that may be looked at. */
static void check_frame_type(mfxU32 codec, const uint8_t *data, size_t size)
{
    struct encode_places places;
    AVPacket *packet = av_packet_alloc();
    FUZZ_CHECK(packet);
    packet->data = (uint8_t *)(uintptr_t)data;
    packet->size = (int)size;
    (void)encode_frame_type(codec, packet, &places);
    FUZZ_CHECK(places.delimiter_at <= size && places.delimiter_size <= size - places.delimiter_at);
    FUZZ_CHECK(places.slice_at <= size);
    packet->data = NULL;
    packet->size = 0;
    av_packet_free(&packet);
}

/* --- messages */

static void check_payloads(struct fuzz_input *in)
{
    struct srt_payload_queue queue = {0};
    unsigned int frames = fuzz_below(in, 100);
    for (unsigned int i = 0; i < frames; i++) {
        AVFrame *frame = av_frame_alloc();
        size_t size = fuzz_u16(in) % 1024;
        AVFrameSideData *side =
            frame ? av_frame_new_side_data(frame, AV_FRAME_DATA_SEI_UNREGISTERED, size ? size : 1) : NULL;
        FUZZ_CHECK(side);
        fuzz_take(in, side->data, side->size);
        srt_payload_collect(&queue, frame, i);
        av_frame_free(&frame);
    }
    FUZZ_CHECK(queue.count <= 64);
    for (unsigned int i = 0; i < frames; i++) {
        mfxU64 time_stamp;
        size_t room = fuzz_u16(in) % 2048;
        mfxPayload payload = {.Data = malloc(room + 1), .BufSize = (mfxU16)room};
        size_t before = queue.count;
        FUZZ_CHECK(payload.Data);
        mfxStatus status = srt_payload_take(&queue, &time_stamp, &payload);
        FUZZ_CHECK(payload.NumBit <= room * 8);
        FUZZ_SAME(queue.count, before - (status == MFX_ERR_NONE && before));
        if (!before)
            FUZZ_CHECK(time_stamp == (mfxU64)MFX_TIMESTAMP_UNKNOWN);
        free(payload.Data);
    }
    srt_payload_clear(&queue);
    FUZZ_CHECK(!queue.count && !queue.first && !queue.last);
}

static const mfxU32 coded[] = {MFX_CODEC_HEVC, MFX_CODEC_AVC, MFX_CODEC_MPEG2, MFX_CODEC_VP9, MFX_CODEC_AV1};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    av_log_set_level(AV_LOG_QUIET);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    const struct srt_decode_codec *codec = srt_decode_codec_find(FUZZ_PICK(&in, codecs));
    unsigned int what = fuzz_u8(&in);
    size_t from = fuzz_u8(&in);
    if (!codec)
        return 0;
    uint8_t *bytes = malloc(in.left ? in.left : 1); /* of exactly that size */
    FUZZ_CHECK(bytes);
    size_t count = in.left;
    if (count)
        memcpy(bytes, in.at, count);
    if (codec->framing != SRT_PACKETS)
        check_scans(codec, bytes, count, from);
    if (codec->framing == SRT_START_CODES)
        check_unit(codec, bytes, count);
    switch (what % 4) {
    case 0:
        check_find(codec, bytes, count, from, what & 4);
        break;
    case 1:
        check_headers(&in,
                      what & 8   ? MFX_CODEC_AV1
                      : what & 4 ? MFX_CODEC_AVC
                                 : MFX_CODEC_HEVC,
                      bytes, count);
        break;
    case 2:
        check_frame_type(coded[(what >> 2) % (sizeof(coded) / sizeof(coded[0]))], bytes, count);
        break;
    default:
        check_payloads(&in);
    }
    free(bytes);
    return 0;
}
