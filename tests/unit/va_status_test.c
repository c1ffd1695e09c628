/* The status table: every status that va.h defines, read out of that very header, has a row. */
#include "../support/fake_va.h"
#include "fixture.h"

#include <ctype.h>
#include <stdio.h>

/* Calls `check` for each "#define VA_STATUS_... 0x..." of va.h, and returns how many there are. */
static size_t for_each_defined(void (*check)(const char *name, VAStatus status))
{
    char line[512], name[64], number[32];
    size_t count = 0;
    FILE *header = fopen(VFA_TEST_VA_H, "r");
    assert_non_null(header);
    while (fgets(line, sizeof line, header))
        if (sscanf(line, "#define VA_STATUS_%40s %30s", name, number) == 2 &&
            isdigit((unsigned char)number[0])) {
            char full[80];
            (void)snprintf(full, sizeof full, "VA_STATUS_%s", name);
            check(full, (VAStatus)strtoul(number, NULL, 0));
            count++;
        }
    (void)fclose(header);
    return count;
}

static void check_row(const char *name, VAStatus status)
{
    assert_string_equal(vfa_va_status_name(status), name);
    if (status == VA_STATUS_SUCCESS)
        assert_int_equal(vfa_va_status(status), MFX_ERR_NONE);
    else
        assert_true(vfa_va_status(status) < MFX_ERR_NONE);
}

static void every_status_of_the_header_has_a_row(void **state)
{
    (void)state;
    assert_true(for_each_defined(check_row) > 30);
}

static void the_fake_fails_with_every_status_of_the_header(void **state)
{
    (void)state;
    assert_int_equal(for_each_defined(check_row), fake_va_status_count + 1); /* and success */
}

static void only_an_unknown_status_means_unknown(void **state)
{
    (void)state;
    for (size_t i = 0; i < fake_va_status_count; i++)
        if (fake_va_statuses[i] != (VAStatus)VA_STATUS_ERROR_UNKNOWN)
            assert_int_not_equal(vfa_va_status(fake_va_statuses[i]), MFX_ERR_UNKNOWN);
    assert_int_equal(vfa_va_status((VAStatus)VA_STATUS_ERROR_UNKNOWN), MFX_ERR_UNKNOWN);
    assert_int_equal(vfa_va_status(0x1234), MFX_ERR_UNKNOWN);
    assert_string_equal(vfa_va_status_name(0x1234), "a status that va.h does not define");
}

/* Whoever has to react: free memory, wait and try again, ask for something else, give up the device. */
static void remedies_are_told_apart(void **state)
{
    (void)state;
    const struct {
        VAStatus va;
        mfxStatus mfx;
    } rows[] = {
        {VA_STATUS_ERROR_ALLOCATION_FAILED, MFX_ERR_MEMORY_ALLOC},
        {VA_STATUS_ERROR_MAX_NUM_EXCEEDED, MFX_ERR_NOT_ENOUGH_BUFFER},
        {VA_STATUS_ERROR_HW_BUSY, MFX_ERR_RESOURCE_MAPPED},
        {VA_STATUS_ERROR_SURFACE_BUSY, MFX_ERR_LOCK_MEMORY},
        {VA_STATUS_ERROR_TIMEDOUT, MFX_ERR_GPU_HANG},
        {VA_STATUS_ERROR_DECODING_ERROR, MFX_ERR_ABORTED},
        {VA_STATUS_ERROR_OPERATION_FAILED, MFX_ERR_DEVICE_FAILED},
        {VA_STATUS_ERROR_INVALID_DISPLAY, MFX_ERR_DEVICE_LOST},
        {VA_STATUS_ERROR_UNSUPPORTED_RT_FORMAT, MFX_ERR_UNSUPPORTED},
        {VA_STATUS_ERROR_UNIMPLEMENTED, MFX_ERR_NOT_IMPLEMENTED},
        {VA_STATUS_ERROR_INVALID_PARAMETER, MFX_ERR_INVALID_VIDEO_PARAM},
        {VA_STATUS_ERROR_INVALID_IMAGE_FORMAT, MFX_ERR_INCOMPATIBLE_VIDEO_PARAM},
        {VA_STATUS_ERROR_INVALID_SURFACE, MFX_ERR_INVALID_HANDLE},
        {VA_STATUS_ERROR_INVALID_CONTEXT, MFX_ERR_NOT_INITIALIZED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(vfa_va_status(rows[i].va), rows[i].mfx);
        for (size_t k = 0; k < i; k++)
            assert_int_not_equal(rows[i].mfx, rows[k].mfx);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_of_the_header_has_a_row),
        cmocka_unit_test(the_fake_fails_with_every_status_of_the_header),
        cmocka_unit_test(only_an_unknown_status_means_unknown),
        cmocka_unit_test(remedies_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
