/* Copies of rows, by the ways the processor has: which, is asked at run time. */
#ifndef VFA_COPY_ROWS_H
#define VFA_COPY_ROWS_H

#include <vfa/defs.h>

/* Copies one row. `from` is only read; it is not const because the intrinsics' parameter is not. */
typedef void vfa__copy_row_fn(mfxU8 *to, mfxU8 *from, size_t bytes);

enum vfa__copier {
    VFA__COPIER_PLAIN,
    VFA__COPIER_LOAD_SSE41, /* streaming loads, for memory that is not cached */
    VFA__COPIER_LOAD_AVX2,
    VFA__COPIER_STORE_SSE2, /* streaming stores, which go past the caches; vfa__copy_fence after the last */
    VFA__COPIER_STORE_AVX2,
    VFA__COPIERS
};

/* NULL: the processor lacks what it needs, or there is none such. */
vfa__copy_row_fn *vfa__copier(enum vfa__copier copier);

/* The best ones that the processor has; the plain one where it has none. */
vfa__copy_row_fn *vfa__copier_from_uncached(void);
vfa__copy_row_fn *vfa__copier_past_cache(void);

/* What streaming stores wrote is there for other threads, once this one has told them. */
void vfa__copy_fence(void);

#endif
