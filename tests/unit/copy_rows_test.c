/* Row copies, with streaming loads and stores too: each copier that the processor has, for every size and
 * alignment that takes another turn in it. */
#include "copy/rows.h"
#include "fixture.h"

#define SIZE_MAX_TESTED 300
#define ALIGNMENTS      33
#define GUARD           64
#define ROOM            (GUARD + ALIGNMENTS + SIZE_MAX_TESTED + GUARD)

struct rows {
    _Alignas(64) mfxU8 from[ROOM];
    _Alignas(64) mfxU8 to[ROOM];
    mfxU8 from_before[ROOM];
};

static void check_copy(vfa__copy_row_fn *copy, struct rows *rows, size_t from, size_t to, size_t bytes)
{
    memset(rows->to, 0xee, sizeof rows->to);
    copy(rows->to + GUARD + to, rows->from + GUARD + from, bytes);
    vfa__copy_fence();
    assert_memory_equal(rows->to + GUARD + to, rows->from + GUARD + from, bytes);
    for (size_t i = 0; i < GUARD + to; i++)
        assert_int_equal(rows->to[i], 0xee);
    for (size_t i = GUARD + to + bytes; i < ROOM; i++)
        assert_int_equal(rows->to[i], 0xee);
}

static void check_copier(enum vfa__copier copier)
{
    vfa__copy_row_fn *copy = vfa__copier(copier);
    static struct rows rows;
    if (!copy) {
        print_message("SKIPPED: this processor lacks what copier %u needs\n", (unsigned int)copier);
        skip();
    }
    for (size_t i = 0; i < ROOM; i++)
        rows.from[i] = (mfxU8)(i * 7 + i / 251);
    memcpy(rows.from_before, rows.from, ROOM);
    for (size_t bytes = 0; bytes <= SIZE_MAX_TESTED; bytes++)
        for (size_t from = 0; from < ALIGNMENTS; from++)
            check_copy(copy, &rows, from, (from * 5 + bytes) % ALIGNMENTS, bytes);
    for (size_t to = 0; to < ALIGNMENTS; to++)
        check_copy(copy, &rows, 0, to, SIZE_MAX_TESTED);
    assert_memory_equal(rows.from, rows.from_before, ROOM);
}

static void plain_copies_touch_the_row_alone(void **state)
{
    (void)state;
    assert_non_null(vfa__copier(VFA__COPIER_PLAIN));
    check_copier(VFA__COPIER_PLAIN);
}

static void sse41_copies_touch_the_row_alone(void **state)
{
    (void)state;
    check_copier(VFA__COPIER_LOAD_SSE41);
}

static void avx2_copies_touch_the_row_alone(void **state)
{
    (void)state;
    check_copier(VFA__COPIER_LOAD_AVX2);
}

static void streaming_stores_touch_the_row_alone(void **state)
{
    (void)state;
    check_copier(VFA__COPIER_STORE_SSE2);
    check_copier(VFA__COPIER_STORE_AVX2);
}

/* Whatever lies before and behind it: a row is at the very edge of its block, where a checker sees a byte
 * too many. */
static void no_copier_reads_beyond_the_row(void **state)
{
    (void)state;
    for (unsigned int c = 0; c < VFA__COPIERS; c++) {
        vfa__copy_row_fn *copy = vfa__copier((enum vfa__copier)c);
        for (size_t bytes = 1; copy && bytes <= SIZE_MAX_TESTED; bytes++) {
            mfxU8 *from = malloc(bytes), *to = malloc(bytes);
            assert_non_null(from);
            assert_non_null(to);
            memset(from, (int)bytes, bytes);
            copy(to, from, bytes);
            vfa__copy_fence();
            assert_memory_equal(to, from, bytes);
            free(from);
            free(to);
        }
    }
}

static void a_copier_that_is_none_is_not_there(void **state)
{
    (void)state;
    assert_null(vfa__copier(VFA__COPIERS));
    assert_non_null(vfa__copier_from_uncached());
    assert_non_null(vfa__copier_past_cache());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_copies_touch_the_row_alone),
        cmocka_unit_test(sse41_copies_touch_the_row_alone),
        cmocka_unit_test(avx2_copies_touch_the_row_alone),
        cmocka_unit_test(streaming_stores_touch_the_row_alone),
        cmocka_unit_test(no_copier_reads_beyond_the_row),
        cmocka_unit_test(a_copier_that_is_none_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
