/* From which size on it pays to write past the caches: found by trying. */
#include "base/clock.h"
#include "copy/rows.h"
#include "memory/gate.h"

#include <string.h>
#include <vfa/copy.h>

#define BUFFERS         16u /* half of them sources: more than one picture is on its way in any pipeline */
#define LARGEST_BYTES   ((size_t)12 << 20)
#define SMALLEST_BYTES  ((size_t)64 << 10)
#define ROUNDS          5u
#define ROW_BYTES       4096u
#define ALIGNMENT_BYTES 4096u

/* By how much it must be faster, in sixteenths: what is not cached is read again some day. */
#define GAIN_16THS 15u

static void copy_all(vfa__copy_row_fn *copy_row, mfxU8 *buffers, size_t stride, size_t bytes)
{
    for (unsigned int i = 0; i < BUFFERS; i += 2)
        for (size_t at = 0; at < bytes; at += ROW_BYTES)
            copy_row(buffers + (i + 1) * stride + at, buffers + i * stride + at,
                     bytes - at < ROW_BYTES ? bytes - at : ROW_BYTES);
    vfa__copy_fence();
}

/* The least time of several. */
static uint64_t time_copy(vfa__copy_row_fn *copy_row, mfxU8 *buffers, size_t stride, size_t bytes)
{
    uint64_t least = UINT64_MAX;
    for (unsigned int i = 0; i < ROUNDS; i++) {
        uint64_t start = vfa__thread_ns();
        copy_all(copy_row, buffers, stride, bytes);
        uint64_t took = vfa__thread_ns() - start;
        if (took < least)
            least = took;
    }
    return least;
}

/* The least size from which on, up to the largest, it always pays; 0: none. */
static size_t find_crossover(mfxU8 *buffers, size_t largest)
{
    vfa__copy_row_fn *plain = vfa__copier(VFA__COPIER_PLAIN), *past = vfa__copier_past_cache();
    size_t crossover = 0;
    if (past == plain)
        return 0;
    for (size_t bytes = largest; bytes >= SMALLEST_BYTES; bytes /= 2) {
        uint64_t cached = time_copy(plain, buffers, largest, bytes);
        if (time_copy(past, buffers, largest, bytes) > cached / 16 * GAIN_16THS)
            break;
        crossover = bytes;
    }
    return crossover;
}

mfxStatus vfa_copy_measure(struct vfa_copy_config *config, const struct vfa_memory *memory,
                           size_t largest_bytes)
{
    struct vfa__gate gate;
    if (!config)
        return MFX_ERR_NULL_PTR;
    if (config->size != sizeof *config)
        return MFX_ERR_INVALID_VIDEO_PARAM;
    mfxStatus status = vfa__gate_init(&gate, memory);
    if (status != MFX_ERR_NONE)
        return status;
    size_t largest = largest_bytes ? largest_bytes : LARGEST_BYTES;
    if (largest > SIZE_MAX / BUFFERS)
        return MFX_ERR_MEMORY_ALLOC;
    mfxU8 *buffers = vfa__gate_allocate(&gate, largest * BUFFERS, ALIGNMENT_BYTES, VFA_MEMORY_FRAME);
    if (!buffers)
        return MFX_ERR_MEMORY_ALLOC;
    memset(buffers, 1, largest * BUFFERS);
    config->bypass_bytes = find_crossover(buffers, largest);
    vfa__gate_release(&gate, buffers, largest * BUFFERS, VFA_MEMORY_FRAME);
    return MFX_ERR_NONE;
}
