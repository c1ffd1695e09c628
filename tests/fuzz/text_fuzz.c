/* Words that people type: the command lines of vfa-plan, sample_transcode and vfa-inspect, the shapes and
 * plans that follow from them, the failures that the tests' kernel shim is asked for, and the software
 * runtime's knobs. */
#include "fuzz.h"
#include "text_inspect.h"

#include "../../samples/plan/shape.h"
#include "../../samples/plan/words.h"
#include "../../samples/softrt/core/knobs.h"
#include "../support/i915/shim.h"

#include <getopt.h>

#define MOST_WORDS 32
#define MOST_TEXT  2048

const char program_name[] = "fuzz";

/* ioctls by name: those of the real table are behind the whole shim. */
int shim_ioctl_number(const char *name)
{
    static const char *const names[] = {"gem_create", "gem_wait", "gem_close", "execbuffer2"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (!strcmp(names[i], name))
            return (int)i;
    return -1;
}

/* --- the words of an input, one a line, in blocks of their own size, as getopt_long wants them */

struct words {
    int count;
    char *word[MOST_WORDS + 2];
};

static void add_word(struct words *words, const char *bytes, size_t length)
{
    char *word = malloc(length + 1);
    FUZZ_CHECK(word);
    if (length)
        memcpy(word, bytes, length);
    word[length] = '\0';
    words->word[words->count++] = word;
}

static void split(struct words *words, const char *text)
{
    memset(words, 0, sizeof *words);
    add_word(words, "fuzz", 4);
    while (*text && words->count <= MOST_WORDS) {
        size_t length = strcspn(text, "\n");
        add_word(words, text, length);
        text += length;
        text += *text == '\n';
    }
    optind = 0; /* getopt_long begins anew */
}

static void free_words(struct words *words)
{
    for (int i = 0; i < words->count; i++)
        free(words->word[i]);
}

/* --- vfa-plan */

typedef size_t writer(const struct vfa_plan *plans, size_t count, char *text, size_t bytes);

/* The same text whatever the room, cut. */
static void check_text(writer *write, const struct plan_set *set, size_t room)
{
    size_t length = write(set->plans, set->count, NULL, 0);
    char *whole = malloc(length + 1), *part = malloc(room + 1);
    FUZZ_CHECK(whole && part);
    FUZZ_SAME(write(set->plans, set->count, whole, length + 1), length);
    FUZZ_SAME(strlen(whole), length);
    FUZZ_SAME(write(set->plans, set->count, part, room + 1), length);
    FUZZ_SAME(strlen(part), length < room ? length : room);
    FUZZ_CHECK(!strncmp(whole, part, room < length ? room : length));
    free(whole);
    free(part);
}

static void check_plan(const char *text, size_t room)
{
    struct words words;
    struct command command;
    struct plan_set set = {.count = 0};
    struct vfa_plan_total total;
    split(&words, text);
    enum exit_code code = command_parse(&command, words.count, words.word);
    FUZZ_CHECK(code == EXIT_DONE || code == EXIT_USAGE);
    if (code == EXIT_DONE && !command.help && !command.source.input) {
        FUZZ_CHECK(command.stage_count >= 1 && command.stage_count <= MAX_STAGES);
        code = shape_plan(&command, &set);
        FUZZ_CHECK(code == EXIT_DONE || code == EXIT_USAGE || code == EXIT_UNSUPPORTED);
        FUZZ_CHECK(set.count <= MAX_STAGES + 1);
    }
    if (code == EXIT_DONE && set.count) {
        if (command.has_budget)
            FUZZ_CHECK(vfa_plan_fit(set.plans, set.count, command.budget, &total) <= MFX_ERR_NONE);
        check_text(vfa_plan_print, &set, room);
        check_text(vfa_plan_json, &set, room);
    }
    free_words(&words);
}

static void check_words(const char *word)
{
    const char *end;
    uint64_t number;
    struct need need;
    char name[VFA_PLAN_NAME_MAX];
    mfxU16 width, height;
    size_t length = strlen(word);
    if (read_number(word, 1000, &number, &end))
        FUZZ_CHECK(number <= 1000 && end > word && end <= word + length);
    if (read_need(word, &need, &end))
        FUZZ_CHECK((need.min || need.suggested) && end > word && end <= word + length);
    end = read_name(word, '=', name);
    FUZZ_CHECK(end >= word && end <= word + length && strnlen(name, sizeof name) < sizeof name);
    if (read_size(word, &width, &height))
        FUZZ_CHECK(width && height);
    (void)read_bytes(word, &number);
}

/* --- sample_transcode */

static void check_transcode(const char *text)
{
    struct words words;
    struct options o;
    bool help;
    split(&words, text);
    enum exit_code code = options_parse(&o, words.count, words.word, &help);
    FUZZ_CHECK(code == EXIT_DONE || code == EXIT_USAGE);
    if (code == EXIT_DONE && !help) {
        FUZZ_CHECK(o.input && o.output);
        FUZZ_CHECK(o.async_depth >= 1 && o.async_depth <= 64 && o.quality <= 100 &&
                   o.bitrate_kbps <= 4000000);
        FUZZ_CHECK(o.bframes >= -1 && o.bframes <= 16 && o.preset >= 1 && o.preset <= 7);
        FUZZ_CHECK(!o.width == !o.height && o.width <= 16384 && o.height <= 16384);
        FUZZ_CHECK(o.width % 2 == 0 && o.height % 2 == 0);
    }
    free_words(&words);
}

/* --- vfa-inspect */

static void check_inspect(const char *text)
{
    struct words words;
    split(&words, text);
    inspect_check(words.count, words.word);
    free_words(&words);
}

/* --- the shim's failures */

static void check_faults(const char *text)
{
    if (shim_fault_rules(text) != 0)
        return;
    for (int i = 0; i < 20; i++)
        FUZZ_CHECK(shim_fault_next(i % 4) <= 0);
    FUZZ_SAME(shim_fault_rules(""), 0);
    FUZZ_SAME(shim_fault_next(0), 0);
}

/* --- the software runtime's knobs */

static void check_knobs(const char *text)
{
    char message[SRT_KNOBS_MESSAGE];
    struct srt_knobs *knobs;
    mfxStatus status = srt_knobs_parse(text, &knobs, message);
    FUZZ_CHECK(status == MFX_ERR_NONE || status == MFX_ERR_UNSUPPORTED);
    FUZZ_SAME(status == MFX_ERR_NONE, message[0] == '\0');
    FUZZ_CHECK(status == MFX_ERR_NONE || !knobs);
    FUZZ_CHECK(!strpbrk(message, "\n\r\033"));
    for (int i = 0; knobs && i < 20; i++)
        for (int c = 0; c < SRT_KNOB_COMPONENTS; c++) {
            mfxStatus answer = srt_knobs_call(knobs, (enum srt_knob_component)c);
            FUZZ_CHECK(answer != MFX_ERR_MORE_DATA && answer != MFX_ERR_MORE_SURFACE);
            FUZZ_CHECK(srt_knobs_outcome(knobs, (enum srt_knob_component)c) <= MFX_ERR_NONE);
        }
    srt_knobs_free(&knobs);
    FUZZ_CHECK(!knobs);
}

/* What the programs say of mistakes, and their help, goes nowhere. glibc's stderr and stdout are variables.
 */
static FILE *nowhere;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    nowhere = fopen("/dev/null", "w");
    return nowhere ? 0 : 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    char text[MOST_TEXT + 1];
    FILE *out = stdout, *err = stderr;
    mfxU8 what = fuzz_u8(&in);
    size_t room = fuzz_u8(&in) * 4U;
    size_t length = in.left < MOST_TEXT ? in.left : MOST_TEXT;
    fuzz_take(&in, text, length);
    text[length] = '\0';
    stdout = stderr = nowhere;
    switch (what % 5) {
    case 0:
        check_plan(text, room);
        break;
    case 1:
        check_transcode(text);
        break;
    case 2:
        check_inspect(text);
        break;
    case 3:
        check_words(text);
        break;
    default:
        check_faults(text);
        check_knobs(text);
    }
    stdout = out;
    stderr = err;
    return 0;
}
