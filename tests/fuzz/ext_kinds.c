/* Extension buffers of every kind. */
#define ONEVPL_EXPERIMENTAL /* those, too */
#include "ext_kinds.h"

#include <stdbool.h>
#include <stddef.h>
#include <vpl/mfxbrc.h>
#include <vpl/mfxencodestats.h>
#include <vpl/mfxjpeg.h>
#include <vpl/mfxmvc.h>
#include <vpl/mfxpcp.h>
#include <vpl/mfxsurfacepool.h>
#include <vpl/mfxvp8.h>

#define KIND(name, type)                         \
    {                                            \
        MFX_EXTBUFF_##name, (mfxU32)sizeof(type) \
    }

static const struct {
    mfxU32 id, size;
} kinds[] = {
    KIND(BRC, mfxExtBRC),
    KIND(THREADS_PARAM, mfxExtThreadsParam),
    KIND(JPEG_QT, mfxExtJPEGQuantTables),
    KIND(JPEG_HUFFMAN, mfxExtJPEGHuffmanTables),
    KIND(MVC_SEQ_DESC, mfxExtMVCSeqDesc),
    KIND(MVC_TARGET_VIEWS, mfxExtMVCTargetViews),
    KIND(CENC_PARAM, mfxExtCencParam),
    KIND(CODING_OPTION, mfxExtCodingOption),
    KIND(CODING_OPTION_SPSPPS, mfxExtCodingOptionSPSPPS),
    KIND(VPP_DONOTUSE, mfxExtVPPDoNotUse),
    KIND(VPP_AUXDATA, mfxExtVppAuxData),
    KIND(VPP_DENOISE2, mfxExtVPPDenoise2),
    KIND(VPP_SCENE_ANALYSIS, mfxExtBuffer),
    KIND(VPP_PROCAMP, mfxExtVPPProcAmp),
    KIND(VPP_DETAIL, mfxExtVPPDetail),
    KIND(VIDEO_SIGNAL_INFO, mfxExtVideoSignalInfo),
    KIND(VIDEO_SIGNAL_INFO_IN, mfxExtVideoSignalInfo),
    KIND(VIDEO_SIGNAL_INFO_OUT, mfxExtVideoSignalInfo),
    KIND(VPP_DOUSE, mfxExtVPPDoUse),
    KIND(AVC_REFLIST_CTRL, mfxExtAVCRefListCtrl),
    KIND(VPP_FRAME_RATE_CONVERSION, mfxExtVPPFrameRateConversion),
    KIND(PICTURE_TIMING_SEI, mfxExtPictureTimingSEI),
    KIND(AVC_TEMPORAL_LAYERS, mfxExtAvcTemporalLayers),
    KIND(CODING_OPTION2, mfxExtCodingOption2),
    KIND(VPP_IMAGE_STABILIZATION, mfxExtVPPImageStab),
    KIND(ENCODER_CAPABILITY, mfxExtEncoderCapability),
    KIND(ENCODER_RESET_OPTION, mfxExtEncoderResetOption),
    KIND(ENCODED_FRAME_INFO, mfxExtAVCEncodedFrameInfo),
    KIND(VPP_COMPOSITE, mfxExtVPPComposite),
    KIND(VPP_VIDEO_SIGNAL_INFO, mfxExtVPPVideoSignalInfo),
    KIND(ENCODER_ROI, mfxExtEncoderROI),
    KIND(VPP_DEINTERLACING, mfxExtVPPDeinterlacing),
    KIND(AVC_REFLISTS, mfxExtAVCRefLists),
    KIND(DEC_VIDEO_PROCESSING, mfxExtDecVideoProcessing),
    KIND(VPP_FIELD_PROCESSING, mfxExtVPPFieldProcessing),
    KIND(CODING_OPTION3, mfxExtCodingOption3),
    KIND(CHROMA_LOC_INFO, mfxExtChromaLocInfo),
    KIND(MBQP, mfxExtMBQP),
    KIND(MB_FORCE_INTRA, mfxExtMBForceIntra),
    KIND(HEVC_TILES, mfxExtHEVCTiles),
    KIND(MB_DISABLE_SKIP_MAP, mfxExtMBDisableSkipMap),
    KIND(HEVC_PARAM, mfxExtHEVCParam),
    KIND(DECODED_FRAME_INFO, mfxExtDecodedFrameInfo),
    KIND(TIME_CODE, mfxExtTimeCode),
    KIND(HEVC_REGION, mfxExtHEVCRegion),
    KIND(PRED_WEIGHT_TABLE, mfxExtPredWeightTable),
    KIND(DIRTY_RECTANGLES, mfxExtDirtyRect),
    KIND(MOVING_RECTANGLES, mfxExtMoveRect),
    KIND(CODING_OPTION_VPS, mfxExtCodingOptionVPS),
    KIND(VPP_ROTATION, mfxExtVPPRotation),
    KIND(ENCODED_SLICES_INFO, mfxExtEncodedSlicesInfo),
    KIND(VPP_SCALING, mfxExtVPPScaling),
    KIND(VPP_MIRRORING, mfxExtVPPMirroring),
    KIND(MV_OVER_PIC_BOUNDARIES, mfxExtMVOverPicBoundaries),
    KIND(VPP_COLORFILL, mfxExtVPPColorFill),
    KIND(DECODE_ERROR_REPORT, mfxExtDecodeErrorReport),
    KIND(VPP_COLOR_CONVERSION, mfxExtColorConversion),
    KIND(CONTENT_LIGHT_LEVEL_INFO, mfxExtContentLightLevelInfo),
    KIND(MASTERING_DISPLAY_COLOUR_VOLUME, mfxExtMasteringDisplayColourVolume),
    KIND(MASTERING_DISPLAY_COLOUR_VOLUME_IN, mfxExtMasteringDisplayColourVolume),
    KIND(MASTERING_DISPLAY_COLOUR_VOLUME_OUT, mfxExtMasteringDisplayColourVolume),
    KIND(ENCODED_UNITS_INFO, mfxExtEncodedUnitsInfo),
    KIND(VPP_MCTF, mfxExtVppMctf),
    KIND(VP9_SEGMENTATION, mfxExtVP9Segmentation),
    KIND(VP9_TEMPORAL_LAYERS, mfxExtVP9TemporalLayers),
    KIND(VP9_PARAM, mfxExtVP9Param),
    KIND(AVC_ROUNDING_OFFSET, mfxExtAVCRoundingOffset),
    KIND(PARTIAL_BITSTREAM_PARAM, mfxExtPartialBitstreamParam),
    KIND(ENCODER_IPCM_AREA, mfxExtEncoderIPCMArea),
    KIND(INSERT_HEADERS, mfxExtInsertHeaders),
    KIND(DEVICE_AFFINITY_MASK, mfxExtDeviceAffinityMask),
    KIND(CROPS, mfxExtInCrops),
    KIND(AV1_BITSTREAM_PARAM, mfxExtAV1BitstreamParam),
    KIND(AV1_RESOLUTION_PARAM, mfxExtAV1ResolutionParam),
    KIND(AV1_TILE_PARAM, mfxExtAV1TileParam),
    KIND(AV1_SEGMENTATION, mfxExtAV1Segmentation),
    KIND(AV1_FILM_GRAIN_PARAM, mfxExtAV1FilmGrainParam),
    KIND(HYPER_MODE_PARAM, mfxExtHyperModeParam),
    KIND(UNIVERSAL_TEMPORAL_LAYERS, mfxExtTemporalLayers),
    KIND(ENCODESTATS, mfxExtEncodeStatsOutput),
    KIND(VPP_3DLUT, mfxExtVPP3DLut),
    KIND(ALLOCATION_HINTS, mfxExtAllocationHints),
    KIND(VP8_CODING_OPTION, mfxExtVP8CodingOption),
    {MFX_MAKEFOURCC('M', 'F', 'R', 'P'), 128},                      /* mfxExtMultiFrameParam of API 1.x */
    {MFX_MAKEFOURCC('D', 'N', 'I', 'S'), sizeof(mfxExtVPPDenoise)}, /* deprecated */
};

#define KINDS (sizeof kinds / sizeof kinds[0])

/* Where the pointers of a struct of the right size are: what they point to is the application's to get right,
 * and is there, as large as the number beside it says, or they are NULL, whatever it says. */
#define AT(type, field) ((mfxU16)offsetof(type, field))
static const struct {
    mfxU32 id;
    mfxU16 at[6]; /* 0: no more */
} pointers[] = {
    {MFX_EXTBUFF_BRC,
     {AT(mfxExtBRC, pthis), AT(mfxExtBRC, Init), AT(mfxExtBRC, Reset), AT(mfxExtBRC, Close),
      AT(mfxExtBRC, GetFrameCtrl), AT(mfxExtBRC, Update)}},
    {MFX_EXTBUFF_MVC_SEQ_DESC,
     {AT(mfxExtMVCSeqDesc, View), AT(mfxExtMVCSeqDesc, ViewId), AT(mfxExtMVCSeqDesc, OP)}},
    {MFX_EXTBUFF_MBQP, {AT(mfxExtMBQP, QP)}},
    {MFX_EXTBUFF_MB_FORCE_INTRA, {AT(mfxExtMBForceIntra, Map)}},
    {MFX_EXTBUFF_MB_DISABLE_SKIP_MAP, {AT(mfxExtMBDisableSkipMap, Map)}},
    {MFX_EXTBUFF_ENCODED_SLICES_INFO, {AT(mfxExtEncodedSlicesInfo, SliceSize)}},
    {MFX_EXTBUFF_ENCODED_UNITS_INFO, {AT(mfxExtEncodedUnitsInfo, UnitInfo)}},
    {MFX_EXTBUFF_VP9_SEGMENTATION, {AT(mfxExtVP9Segmentation, SegmentId)}},
    {MFX_EXTBUFF_AV1_SEGMENTATION, {AT(mfxExtAV1Segmentation, SegmentIds)}},
    {MFX_EXTBUFF_ENCODER_IPCM_AREA, {AT(mfxExtEncoderIPCMArea, Areas)}},
    {MFX_EXTBUFF_DEVICE_AFFINITY_MASK, {AT(mfxExtDeviceAffinityMask, Mask)}},
    {MFX_EXTBUFF_UNIVERSAL_TEMPORAL_LAYERS, {AT(mfxExtTemporalLayers, Layers)}},
    {MFX_EXTBUFF_ENCODESTATS, {AT(mfxExtEncodeStatsOutput, EncodeStatsContainer)}},
    {MFX_EXTBUFF_VPP_3DLUT,
     {AT(mfxExtVPP3DLut, SystemBuffer.Channel[0].Data), AT(mfxExtVPP3DLut, SystemBuffer.Channel[1].Data),
      AT(mfxExtVPP3DLut, SystemBuffer.Channel[2].Data)}},
};

static void clear_pointers(mfxExtBuffer *buffer)
{
    for (size_t i = 0; i < sizeof pointers / sizeof pointers[0]; i++)
        for (size_t k = 0; pointers[i].id == buffer->BufferId && k < 6 && pointers[i].at[k]; k++)
            memset((uint8_t *)buffer + pointers[i].at[k], 0, sizeof(void *));
}

/* Those that softrt and its like read through. */
static void point(struct fuzz_input *in, struct ext_list *list, mfxExtBuffer *buffer)
{
    bool there = fuzz_u8(in) & 1;
    uint8_t *bytes = there ? list->bytes : NULL;
    mfxU16 size = there ? fuzz_u16(in) % (sizeof list->bytes + 1) : fuzz_u16(in);

    clear_pointers(buffer);
    switch (buffer->BufferId) {
    case MFX_EXTBUFF_CODING_OPTION_SPSPPS: {
        mfxExtCodingOptionSPSPPS *sets = (mfxExtCodingOptionSPSPPS *)buffer;
        sets->SPSBuffer = sets->PPSBuffer = bytes;
        sets->SPSBufSize = sets->PPSBufSize = size;
        break;
    }
    case MFX_EXTBUFF_CODING_OPTION_VPS:
        ((mfxExtCodingOptionVPS *)buffer)->VPSBuffer = bytes;
        ((mfxExtCodingOptionVPS *)buffer)->VPSBufSize = size;
        break;
    case MFX_EXTBUFF_VPP_DONOTUSE:
    case MFX_EXTBUFF_VPP_DOUSE: { /* both have these two fields */
        mfxExtVPPDoUse *use = (mfxExtVPPDoUse *)buffer;
        use->AlgList = (mfxU32 *)(void *)bytes;
        use->NumAlg = there ? size / (mfxU32)sizeof(mfxU32) : size * 65537U;
        break;
    }
    case MFX_EXTBUFF_VPP_COMPOSITE: {
        mfxExtVPPComposite *composite = (mfxExtVPPComposite *)buffer;
        composite->InputStream = (mfxVPPCompInputStream *)(void *)bytes;
        composite->NumInputStream = there ? size / (mfxU16)sizeof(mfxVPPCompInputStream) : size;
        break;
    }
    case MFX_EXTBUFF_ALLOCATION_HINTS: { /* few, and no long waits */
        mfxExtAllocationHints *hints = (mfxExtAllocationHints *)buffer;
        hints->NumberToPreAllocate %= 9;
        hints->DeltaToAllocateOnTheFly %= 9;
        hints->Wait %= 5;
        break;
    }
    default:
        break;
    }
}

static mfxExtBuffer *make_buffer(struct fuzz_input *in, struct ext_list *list)
{
    mfxU8 kind = fuzz_u8(in), how = fuzz_u8(in);
    mfxU32 size = kinds[kind % KINDS].size;
    mfxExtBuffer *buffer;
    if (how == 0)
        return NULL;
    if (how >= 224)
        size = fuzz_u16(in) % 2048;
    buffer = calloc(1, size < sizeof *buffer ? sizeof *buffer : size);
    FUZZ_CHECK(buffer);
    if (how & 1) {
        fuzz_take(in, buffer, size);
    } else {
        for (unsigned int i = fuzz_below(in, 6); i > 0 && size; i--)
            ((mfxU8 *)buffer)[fuzz_u16(in) % size] = fuzz_u8(in);
    }
    *buffer = (mfxExtBuffer){kind < 250 ? kinds[kind % KINDS].id : fuzz_u32(in), size};
    if (size == kinds[kind % KINDS].size)
        point(in, list, buffer);
    return buffer;
}

void ext_make(struct fuzz_input *in, struct ext_list *list, mfxExtBuffer ***ext, mfxU16 *count)
{
    mfxU8 how = fuzz_u8(in);
    memset(list, 0, sizeof *list);
    fuzz_take(in, list->bytes, how & 15); /* what is pointed to: a little, then zeros */
    *count = (how >> 4) % (EXT_MOST + 1);
    *ext = how == 255 ? NULL : list->list;
    for (mfxU16 i = 0; i < *count; i++)
        list->list[i] = make_buffer(in, list);
    if (how == 255)
        *count = fuzz_u16(in);
}

void ext_free(struct ext_list *list)
{
    for (size_t i = 0; i < EXT_MOST; i++)
        free(list->list[i]);
}
