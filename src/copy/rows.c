/* Copies of rows: plain, with streaming loads, with streaming stores. */
#include "copy/rows.h"

#include <string.h>

#if defined(__x86_64__) || defined(__i386__)
#define HAS_STREAMING 1
#include <immintrin.h>
#else
#define HAS_STREAMING 0
#endif

static void copy_plain(mfxU8 *to, mfxU8 *from, size_t bytes)
{
    memcpy(to, from, bytes);
}

#if HAS_STREAMING
/* Bytes up to the next address that is a multiple of `alignment`, but no more than there are. */
static size_t head_bytes(const mfxU8 *at, size_t bytes, size_t alignment)
{
    size_t head = (size_t)(-(uintptr_t)at) & (alignment - 1);
    return head < bytes ? head : bytes;
}

__attribute__((target("avx2"))) static void load_avx2(mfxU8 *to, mfxU8 *from, size_t bytes)
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

__attribute__((target("sse4.1"))) static void load_sse41(mfxU8 *to, mfxU8 *from, size_t bytes)
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

__attribute__((target("avx2"))) static void store_avx2(mfxU8 *to, mfxU8 *from, size_t bytes)
{
    size_t i = head_bytes(to, bytes, 32);
    memcpy(to, from, i);
    for (; bytes - i >= 128; i += 128) {
        const __m256i *line = (const __m256i *)(const void *)(from + i);
        __m256i *target = (__m256i *)(void *)(to + i);
        __m256i a = _mm256_loadu_si256(line), b = _mm256_loadu_si256(line + 1);
        __m256i c = _mm256_loadu_si256(line + 2), d = _mm256_loadu_si256(line + 3);
        _mm256_stream_si256(target, a);
        _mm256_stream_si256(target + 1, b);
        _mm256_stream_si256(target + 2, c);
        _mm256_stream_si256(target + 3, d);
    }
    memcpy(to + i, from + i, bytes - i);
}

__attribute__((target("sse2"))) static void store_sse2(mfxU8 *to, mfxU8 *from, size_t bytes)
{
    size_t i = head_bytes(to, bytes, 16);
    memcpy(to, from, i);
    for (; bytes - i >= 64; i += 64) {
        const __m128i *line = (const __m128i *)(const void *)(from + i);
        __m128i *target = (__m128i *)(void *)(to + i);
        __m128i a = _mm_loadu_si128(line), b = _mm_loadu_si128(line + 1);
        __m128i c = _mm_loadu_si128(line + 2), d = _mm_loadu_si128(line + 3);
        _mm_stream_si128(target, a);
        _mm_stream_si128(target + 1, b);
        _mm_stream_si128(target + 2, c);
        _mm_stream_si128(target + 3, d);
    }
    memcpy(to + i, from + i, bytes - i);
}

__attribute__((target("sse2"))) static void fence(void)
{
    _mm_sfence();
}
#endif

vfa__copy_row_fn *vfa__copier(enum vfa__copier copier)
{
    switch (copier) {
    case VFA__COPIER_PLAIN:
        return copy_plain;
#if HAS_STREAMING
    case VFA__COPIER_LOAD_SSE41:
        return __builtin_cpu_supports("sse4.1") ? load_sse41 : NULL;
    case VFA__COPIER_LOAD_AVX2:
        return __builtin_cpu_supports("avx2") ? load_avx2 : NULL;
    case VFA__COPIER_STORE_SSE2:
        return __builtin_cpu_supports("sse2") ? store_sse2 : NULL;
    case VFA__COPIER_STORE_AVX2:
        return __builtin_cpu_supports("avx2") ? store_avx2 : NULL;
#endif
    default:
        return NULL;
    }
}

static vfa__copy_row_fn *first_of(enum vfa__copier best, enum vfa__copier second)
{
    vfa__copy_row_fn *copier = vfa__copier(best);
    if (!copier)
        copier = vfa__copier(second);
    return copier ? copier : copy_plain;
}

vfa__copy_row_fn *vfa__copier_from_uncached(void)
{
    return first_of(VFA__COPIER_LOAD_AVX2, VFA__COPIER_LOAD_SSE41);
}

vfa__copy_row_fn *vfa__copier_past_cache(void)
{
    return first_of(VFA__COPIER_STORE_AVX2, VFA__COPIER_STORE_SSE2);
}

void vfa__copy_fence(void)
{
#if HAS_STREAMING
    if (__builtin_cpu_supports("sse2"))
        fence();
#endif
}
