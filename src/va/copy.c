/* Copies between an open image and host memory. Where a mapping is write-combined, plain loads go to memory
 * one by one; streaming loads fetch whole lines. Which instructions the processor has is asked at run time.
 */
#include "va/internal.h"

#include <string.h>

#if defined(__x86_64__) || defined(__i386__)
#define HAS_STREAMING_LOADS 1
#include <immintrin.h>
#else
#define HAS_STREAMING_LOADS 0
#endif

static void copy_row_plain(mfxU8 *to, mfxU8 *from, size_t bytes)
{
    memcpy(to, from, bytes);
}

#if HAS_STREAMING_LOADS
/* Bytes up to the next address that is a multiple of `alignment`, but no more than there are. */
static size_t head_bytes(const mfxU8 *from, size_t bytes, size_t alignment)
{
    size_t head = (size_t)(-(uintptr_t)from) & (alignment - 1);
    return head < bytes ? head : bytes;
}

__attribute__((target("avx2"))) static void copy_row_avx2(mfxU8 *to, mfxU8 *from, size_t bytes)
{
    size_t i = head_bytes(from, bytes, 32);
    memcpy(to, from, i);
    for (; bytes - i >= 128; i += 128) {
        __m256i *line = (__m256i *)(void *)(from + i);
        __m256i a = _mm256_stream_load_si256(line), b = _mm256_stream_load_si256(line + 1);
        __m256i c = _mm256_stream_load_si256(line + 2), d = _mm256_stream_load_si256(line + 3);
        _mm256_storeu_si256((__m256i *)(void *)(to + i), a);
        _mm256_storeu_si256((__m256i *)(void *)(to + i + 32), b);
        _mm256_storeu_si256((__m256i *)(void *)(to + i + 64), c);
        _mm256_storeu_si256((__m256i *)(void *)(to + i + 96), d);
    }
    memcpy(to + i, from + i, bytes - i);
}

__attribute__((target("sse4.1"))) static void copy_row_sse41(mfxU8 *to, mfxU8 *from, size_t bytes)
{
    size_t i = head_bytes(from, bytes, 16);
    memcpy(to, from, i);
    for (; bytes - i >= 64; i += 64) {
        __m128i *line = (__m128i *)(void *)(from + i);
        __m128i a = _mm_stream_load_si128(line), b = _mm_stream_load_si128(line + 1);
        __m128i c = _mm_stream_load_si128(line + 2), d = _mm_stream_load_si128(line + 3);
        _mm_storeu_si128((__m128i *)(void *)(to + i), a);
        _mm_storeu_si128((__m128i *)(void *)(to + i + 16), b);
        _mm_storeu_si128((__m128i *)(void *)(to + i + 32), c);
        _mm_storeu_si128((__m128i *)(void *)(to + i + 48), d);
    }
    memcpy(to + i, from + i, bytes - i);
}
#endif

vfa__va_copy_row_fn *vfa__va_copier(enum vfa__va_copier copier)
{
#if HAS_STREAMING_LOADS
    if (copier == VFA__VA_COPIER_AVX2)
        return __builtin_cpu_supports("avx2") ? copy_row_avx2 : NULL;
    if (copier == VFA__VA_COPIER_SSE41)
        return __builtin_cpu_supports("sse4.1") ? copy_row_sse41 : NULL;
#endif
    return copier == VFA__VA_COPIER_PLAIN ? copy_row_plain : NULL;
}

/* The best that the processor has. */
static vfa__va_copy_row_fn *streaming_copy(void)
{
    vfa__va_copy_row_fn *copy_row = NULL;
    for (unsigned int copier = VFA__VA_COPIERS; !copy_row; copier--) /* the plain one is always there */
        copy_row = vfa__va_copier((enum vfa__va_copier)(copier - 1));
    return copy_row;
}

const char *vfa__va_copy_unfit(const struct vfa__va_shape *shape, const VAImage *image)
{
    const struct vfa_format *format = shape->format;
    if (image->format.fourcc != shape->image_format.fourcc)
        return "an image of another format";
    if (image->num_planes < format->plane_count)
        return "fewer planes than the format has";
    for (uint32_t i = 0; i < format->plane_count; i++) {
        const struct vfa_layout_plane *plane = &shape->layout.plane[i];
        uint64_t rows =
            ((size_t)shape->info.Height + format->plane[i].row_div - 1) / format->plane[i].row_div;
        if (image->pitches[i] < plane->row_bytes)
            return "a pitch shorter than a row";
        if (image->offsets[i] + image->pitches[i] * (rows - 1) + plane->row_bytes > image->data_size)
            return "an image smaller than its planes";
    }
    return NULL;
}

/* Copies the rows of the picture, plane by plane; `out`: from the image. */
static void copy_planes(const struct vfa__va_shape *shape, const struct vfa__va_access *access, mfxU8 *copy,
                        bool out, vfa__va_copy_row_fn *copy_row)
{
    for (uint32_t i = 0; i < shape->layout.plane_count; i++) {
        const struct vfa_layout_plane *plane = &shape->layout.plane[i];
        size_t row_div = shape->format->plane[i].row_div;
        size_t rows = (shape->info.Height + row_div - 1) / row_div;
        mfxU8 *host = copy + plane->offset_bytes;
        mfxU8 *image = (mfxU8 *)access->bytes + access->image.offsets[i];
        for (size_t y = 0; y < rows; y++) {
            copy_row(out ? host : image, out ? image : host, plane->row_bytes);
            host += plane->pitch_bytes;
            image += access->image.pitches[i];
        }
    }
}

void vfa__va_copy_out(const struct vfa__va_shape *shape, const struct vfa__va_access *access, void *copy)
{
    copy_planes(shape, access, copy, true, streaming_copy());
}

void vfa__va_copy_in(const struct vfa__va_shape *shape, const struct vfa__va_access *access, void *copy)
{
    copy_planes(shape, access, copy, false, copy_row_plain);
}

void vfa__va_fill(const struct vfa__va_shape *shape, const struct vfa__va_access *access, mfxU8 byte)
{
    for (uint32_t i = 0; i < shape->layout.plane_count; i++) {
        size_t row_div = shape->format->plane[i].row_div;
        size_t rows = (shape->info.Height + row_div - 1) / row_div;
        mfxU8 *image = (mfxU8 *)access->bytes + access->image.offsets[i];
        for (size_t y = 0; y < rows; y++)
            memset(image + y * access->image.pitches[i], byte, shape->layout.plane[i].row_bytes);
    }
}
