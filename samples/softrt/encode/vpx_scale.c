/* VPL's numbers on the scales of libvpx and libaom.
 *
 * Both count 64 quantisers, which stand for the quantiser indices 0, 4, 8 ... 244, 249 and 255 of the
 * streams. The first is lossless coding, which nobody asks for by a quantiser. */
#include "encode/engine.h"

enum {
    LAST_QUANTISER = 63,
    EVEN_STEPS = 61,
    BEST_ICQ = 1,
    WORST_ICQ = 51
};

static mfxU16 index_of(int quantiser)
{
    static const mfxU16 last[] = {249, 255};

    return quantiser > EVEN_STEPS ? last[quantiser - EVEN_STEPS - 1] : (mfxU16)(quantiser * 4);
}

int encode_vpx_quantiser(mfxU16 index)
{
    int quantiser = 1;

    while (quantiser < LAST_QUANTISER && index_of(quantiser + 1) - index <= index - index_of(quantiser))
        quantiser++;
    return quantiser;
}

mfxU16 encode_vpx_nearest_qp(mfxU16 qp)
{
    return index_of(encode_vpx_quantiser(qp));
}

/* ICQ's 1 to 51 spread over 0 to 63. */
int encode_vpx_quality(mfxU16 icq)
{
    return ((icq - BEST_ICQ) * LAST_QUANTISER + (WORST_ICQ - BEST_ICQ) / 2) / (WORST_ICQ - BEST_ICQ);
}

int encode_vpx_log2(mfxU16 tiles)
{
    int log2 = 0;

    while (tiles >> (log2 + 1))
        log2++;
    return log2;
}
