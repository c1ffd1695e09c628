/* Logs, status names, text, the version. */
#include "../support/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>
#include <observe/log.h>
#include <observe/text.h>

static void every_status_of_the_api_has_its_name(void **state)
{
    (void)state;
    assert_string_equal(vfa_status_name(MFX_ERR_NONE), "MFX_ERR_NONE");
    assert_string_equal(vfa_status_name(MFX_ERR_NONE_PARTIAL_OUTPUT), "MFX_ERR_NONE_PARTIAL_OUTPUT");
    assert_string_equal(vfa_status_name(MFX_ERR_RESOURCE_MAPPED), "MFX_ERR_RESOURCE_MAPPED");
    assert_string_equal(vfa_status_name(MFX_ERR_MORE_DATA_SUBMIT_TASK), "MFX_ERR_MORE_DATA_SUBMIT_TASK");
    /* mfxdefs.h defines -1 to -24 without -19 and -20, and 1 to 13 without 7's and 11's gaps. */
    for (int s = -24; s <= 13; s++) {
        int defined = s != -19 && s != -20 && s != 11;
        assert_int_equal(strcmp(vfa_status_name((mfxStatus)s), "MFX_STATUS_UNKNOWN") != 0, defined);
    }
    assert_string_equal(vfa_status_name((mfxStatus)12345), "MFX_STATUS_UNKNOWN");
}

static void a_log_gets_what_it_wants_and_no_more(void **state)
{
    (void)state;
    struct test_log sink;
    struct vfa_log log = test_log_sink(&sink, VFA_LOG_NONE); /* 0: warnings and errors */
    vfa__log(&log, VFA_LOG_ERROR, "an %s", "error");
    vfa__log(&log, VFA_LOG_WARNING, "a warning");
    vfa__log(&log, VFA_LOG_INFO, "not this");
    assert_string_equal(sink.text, "an error\na warning\n");
    log.level = VFA_LOG_DEBUG;
    assert_true(vfa__log_wants(&log, VFA_LOG_DEBUG));
    struct vfa_log nowhere = {0};
    assert_false(vfa__log_wants(&nowhere, VFA_LOG_ERROR));
    vfa__log(&nowhere, VFA_LOG_ERROR, "lost");
    pthread_mutex_destroy(&sink.lock);
}

/* What the ready-made logger writes; longer than a pipe takes at once it must not be. */
struct logged {
    enum vfa_log_level level;
    const char *message;
};

static size_t log_to_stderr(const struct logged *lines, size_t count, char *text, size_t bytes)
{
    int ends[2], saved = dup(STDERR_FILENO);
    assert_int_equal(pipe(ends), 0);
    assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
    for (size_t i = 0; i < count; i++)
        vfa_log_stderr(NULL, lines[i].level, lines[i].message);
    assert_true(dup2(saved, STDERR_FILENO) >= 0);
    close(saved);
    close(ends[1]);
    ssize_t n = read(ends[0], text, bytes - 1);
    close(ends[0]);
    assert_true(n >= 0);
    text[n] = '\0';
    return (size_t)n;
}

static void the_stderr_logger_names_the_level(void **state)
{
    (void)state;
    const struct logged lines[] = {{VFA_LOG_ERROR, "one"},  {VFA_LOG_WARNING, "two"}, {VFA_LOG_INFO, "three"},
                                   {VFA_LOG_DEBUG, "four"}, {VFA_LOG_NONE, "five"},   {VFA_LOG_ERROR, NULL}};
    char text[256];
    (void)log_to_stderr(lines, sizeof lines / sizeof *lines, text, sizeof text);
    assert_string_equal(text, "vfa: error: one\nvfa: warning: two\nvfa: info: three\nvfa: debug: four\n"
                              "vfa: log: five\n");
}

static void the_stderr_logger_writes_whole_lines(void **state)
{
    (void)state;
    static char huge[2000];
    memset(huge, 'x', sizeof huge - 1);
    const struct logged lines[] = {{VFA_LOG_ERROR, "Lock failed"}, {VFA_LOG_INFO, huge}};
    char text[4096];
    size_t n = log_to_stderr(lines, 2, text, sizeof text);
    assert_memory_equal(text, "vfa: error: Lock failed\nvfa: info: xxx", 38);
    assert_int_equal(text[n - 1], '\n');
    assert_ptr_equal(strchr(text + 30, '\n'), &text[n - 1]);
}

static void text_is_cut_but_its_length_is_known(void **state)
{
    (void)state;
    char small[8];
    struct vfa__text text;
    vfa__text_init(&text, small, sizeof small);
    vfa__text_add(&text, "12345");
    vfa__text_add(&text, "6789%c", 'a');
    assert_string_equal(small, "1234567");
    vfa__text_add(&text, "b");
    assert_int_equal(text.length, 11);
    vfa__text_init(&text, NULL, 100);
    vfa__text_add(&text, "nowhere");
    assert_int_equal(text.length, 7);
}

static void a_request_reads_as_one_phrase(void **state)
{
    (void)state;
    char line[128];
    struct vfa__text text;
    mfxFrameAllocRequest request;
    memset(&request, 0, sizeof request);
    request.Info.FourCC = MFX_FOURCC_NV12;
    request.Info.Width = 1920;
    request.Info.Height = 1088;
    request.Type = 0x242;
    request.AllocId = 7;
    request.NumFrameMin = 4;
    request.NumFrameSuggested = 9;
    vfa__text_init(&text, line, sizeof line);
    vfa__text_add_request(&text, &request);
    assert_string_equal(line, "NV12 1920x1088, type 0x0242, AllocId 7, 4 to 9 frames");
    request.Info.FourCC = MFX_FOURCC_P8;
    request.Info.BufferSize = 123456;
    vfa__text_init(&text, line, sizeof line);
    vfa__text_add_request(&text, &request);
    assert_non_null(strstr(line, "123456 bytes"));
}

static void the_version_is_that_of_the_headers(void **state)
{
    (void)state;
    assert_int_equal(vfa_version() >> 16, VFA_VERSION_MAJOR);
    assert_int_equal(vfa_version() >> 8 & 0xff, VFA_VERSION_MINOR);
    assert_int_equal(vfa_version() & 0xff, VFA_VERSION_PATCH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_of_the_api_has_its_name),
        cmocka_unit_test(a_log_gets_what_it_wants_and_no_more),
        cmocka_unit_test(the_stderr_logger_names_the_level),
        cmocka_unit_test(the_stderr_logger_writes_whole_lines),
        cmocka_unit_test(text_is_cut_but_its_length_is_known),
        cmocka_unit_test(a_request_reads_as_one_phrase),
        cmocka_unit_test(the_version_is_that_of_the_headers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
