/* Test knobs: the words that set them, and what they do. */
#include "core/knobs.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <vfa/observe.h>

#define MOST_FAILURES   16
#define MOST_LATENCY_US 10000000U
#define MOST_COUNT      1000000000U

/* The first..last call, or operation, of a component fails. */
struct failure {
    enum srt_knob_component component;
    bool call; /* else the operation */
    unsigned int first, last;
    mfxStatus status;
};

/* Constant but for the counts. */
struct srt_knobs {
    unsigned int latency_us[SRT_KNOB_COMPONENTS];
    unsigned int busy_every[SRT_KNOB_COMPONENTS]; /* 0: never */
    struct failure failures[MOST_FAILURES];
    size_t num_failures;
    bool drop_locked;
    bool drop_locked_given;
    atomic_uint calls[SRT_KNOB_COMPONENTS];
    atomic_uint operations[SRT_KNOB_COMPONENTS];
};

/* --- words: a piece of the text, not ended by a zero */

struct word {
    const char *at;
    size_t size;
};

struct reader {
    struct word setting; /* as the user wrote it */
    struct srt_knobs *knobs;
    char *message;
};

static bool is(struct word word, const char *text)
{
    return word.size == strlen(text) && !memcmp(word.at, text, word.size);
}

/* Takes the word up to `end`, and `end` itself. False: there is no `end`, and the word is all the rest. */
static bool take_word(struct word *rest, char end, struct word *word)
{
    const char *found = rest->size ? memchr(rest->at, end, rest->size) : NULL;

    *word = (struct word){rest->at, found ? (size_t)(found - rest->at) : rest->size};
    rest->at += word->size + (found != NULL);
    rest->size -= word->size + (found != NULL);
    return found;
}

/* Words are shown up to a length, and without what would upset a terminal. */
static int show(char *to, size_t room, struct word word)
{
    enum {
        most = 60
    };
    char copy[most + 1];
    size_t size = word.size < most ? word.size : most;

    for (size_t i = 0; i < size; i++)
        copy[i] = word.at[i] >= ' ' && word.at[i] <= '~' ? word.at[i] : '?';
    copy[size] = '\0';
    return snprintf(to, room, "'%s%s'", copy, word.size > most ? "..." : "");
}

/* "in 'setting': 'word' is not ..." */
__attribute__((format(printf, 3, 4))) static mfxStatus refuse(struct reader *reader, struct word word,
                                                              const char *format, ...)
{
    char *at = reader->message;
    size_t room = SRT_KNOBS_MESSAGE;
    va_list args;
    int used = snprintf(at, room, "in ");

    used += show(at + used, room - (size_t)used, reader->setting);
    used += snprintf(at + used, room - (size_t)used, ": ");
    used += show(at + used, room - (size_t)used, word);
    va_start(args, format);
    (void)vsnprintf(at + used, room - (size_t)used, format, args);
    va_end(args);
    return MFX_ERR_UNSUPPORTED;
}

/* Digits alone, from 1 to `most`. */
static bool read_number(struct word word, unsigned int most, unsigned int *out)
{
    unsigned long long value = 0;

    for (size_t i = 0; i < word.size; i++) {
        if (word.at[i] < '0' || word.at[i] > '9')
            return false;
        value = value * 10 + (unsigned)(word.at[i] - '0');
        if (value > most)
            return false;
    }
    *out = (unsigned int)value;
    return value > 0;
}

static const char *const component_names[SRT_KNOB_COMPONENTS] = {"decode", "encode", "vpp"};

/* The components a word names: bits. 0: none. */
static unsigned int components_of(struct word word)
{
    for (unsigned int c = 0; c < SRT_KNOB_COMPONENTS; c++)
        if (is(word, component_names[c]))
            return 1U << c;
    return is(word, "any") ? (1U << SRT_KNOB_COMPONENTS) - 1 : 0;
}

/* "COMPONENT:" at the front of a value. */
static mfxStatus take_components(struct reader *reader, struct word *value, unsigned int *components)
{
    struct word word;
    bool more = take_word(value, ':', &word);

    *components = components_of(word);
    if (!*components)
        return refuse(reader, word,
                      " is not a component; there are decode, encode, vpp, and any for all of them");
    if (!more)
        return refuse(reader, word, " wants a value behind it, as in %s:5", component_names[0]);
    return MFX_ERR_NONE;
}

/* One number for each component; a second one would only hide the first. */
static mfxStatus set_numbers(struct reader *reader, unsigned int numbers[SRT_KNOB_COMPONENTS],
                             unsigned int components, unsigned int number)
{
    for (unsigned int c = 0; c < SRT_KNOB_COMPONENTS; c++) {
        if (!(components & 1U << c))
            continue;
        if (numbers[c])
            return refuse(reader, reader->setting, " sets what is set before for %s", component_names[c]);
        numbers[c] = number;
    }
    return MFX_ERR_NONE;
}

/* latency=COMPONENT:TIME */
static mfxStatus set_latency(struct reader *reader, struct word value)
{
    static const struct {
        const char *name;
        unsigned int us;
    } units[] = {{"us", 1}, {"ms", 1000}, {"s", 1000000}};
    unsigned int components, number;
    mfxStatus status = take_components(reader, &value, &components);
    size_t digits = 0;

    if (status != MFX_ERR_NONE)
        return status;
    while (digits < value.size && value.at[digits] >= '0' && value.at[digits] <= '9')
        digits++;
    for (size_t u = 0; u < sizeof(units) / sizeof(units[0]); u++)
        if (is((struct word){value.at + digits, value.size - digits}, units[u].name) &&
            read_number((struct word){value.at, digits}, MOST_LATENCY_US / units[u].us, &number))
            return set_numbers(reader, reader->knobs->latency_us, components, number * units[u].us);
    return refuse(reader, value, " is not a time of at most 10s, as 200us, 5ms or 1s");
}

/* busy=COMPONENT:N */
static mfxStatus set_busy(struct reader *reader, struct word value)
{
    unsigned int components, number;
    mfxStatus status = take_components(reader, &value, &components);

    if (status != MFX_ERR_NONE)
        return status;
    if (!read_number(value, MOST_COUNT, &number))
        return refuse(reader, value, " is not a number from 1 on: each so many calls one is answered busy");
    return set_numbers(reader, reader->knobs->busy_every, components, number);
}

/* Which errors an operation may end with; which answers, but for those that say what a call has done with its
 * arguments, a call may give. */
static bool is_allowed(mfxStatus status, bool call)
{
    switch (status) {
    case MFX_ERR_NONE:
    case MFX_ERR_MORE_DATA:
    case MFX_ERR_MORE_SURFACE:
    case MFX_ERR_MORE_BITSTREAM:
    case MFX_ERR_MORE_DATA_SUBMIT_TASK:
        return false;
    default:
        return call || status < MFX_ERR_NONE;
    }
}

static bool read_status(struct word word, bool call, mfxStatus *out)
{
    enum {
        lowest = -64,
        highest = 64
    };

    for (int s = lowest; s <= highest; s++)
        if (is_allowed((mfxStatus)s, call) && is(word, vfa_status_name((mfxStatus)s)) &&
            !is(word, "MFX_STATUS_UNKNOWN")) {
            *out = (mfxStatus)s;
            return true;
        }
    return false;
}

static mfxStatus add_failure(struct reader *reader, const struct failure *failure, unsigned int components)
{
    struct srt_knobs *knobs = reader->knobs;

    for (unsigned int c = 0; c < SRT_KNOB_COMPONENTS; c++) {
        if (!(components & 1U << c))
            continue;
        if (knobs->num_failures == MOST_FAILURES)
            return refuse(reader, reader->setting,
                          " is one failure too many: there may be %d, and any counts "
                          "as three",
                          MOST_FAILURES);
        knobs->failures[knobs->num_failures] = *failure;
        knobs->failures[knobs->num_failures++].component = (enum srt_knob_component)c;
    }
    return MFX_ERR_NONE;
}

/* fail=COMPONENT:N[+]:STATUS, fail_call=... */
static mfxStatus set_failure(struct reader *reader, struct word value, bool call)
{
    struct failure failure = {.call = call};
    struct word number;
    unsigned int components;
    mfxStatus status = take_components(reader, &value, &components);
    bool more = take_word(&value, ':', &number);
    struct word digits = number;
    bool on = digits.size && digits.at[digits.size - 1] == '+';

    if (status != MFX_ERR_NONE)
        return status;
    digits.size -= on;
    if (!read_number(digits, MOST_COUNT, &failure.first))
        return refuse(reader, number,
                      " is not a number from 1 on, or with a + for that one and all later ones");
    failure.last = on ? UINT32_MAX : failure.first;
    if (!more)
        return refuse(reader, number, " wants a status behind it, as MFX_ERR_GPU_HANG");
    if (!read_status(value, call, &failure.status))
        return refuse(reader, value,
                      call
                          ? " is not a status that a call may be made to answer: MFX_ERR_... or MFX_WRN_..., "
                            "but not one that asks for more"
                          : " is not an error that an operation may end with: MFX_ERR_..., but not one that "
                            "asks for more");
    return add_failure(reader, &failure, components);
}

static mfxStatus set_drop_locked(struct reader *reader, struct word value)
{
    if (!is(value, "0") && !is(value, "1"))
        return refuse(reader, value, " is neither 0 nor 1");
    if (reader->knobs->drop_locked_given)
        return refuse(reader, reader->setting, " sets what is set before");
    reader->knobs->drop_locked_given = true;
    reader->knobs->drop_locked = is(value, "1");
    return MFX_ERR_NONE;
}

static mfxStatus set(struct reader *reader)
{
    struct word value = reader->setting;
    struct word name;

    if (!take_word(&value, '=', &name))
        return refuse(reader, name, " is not a setting of the form NAME=VALUE");
    if (is(name, "latency"))
        return set_latency(reader, value);
    if (is(name, "busy"))
        return set_busy(reader, value);
    if (is(name, "fail") || is(name, "fail_call"))
        return set_failure(reader, value, is(name, "fail_call"));
    if (is(name, "drop_locked"))
        return set_drop_locked(reader, value);
    return refuse(reader, name, " is not a knob; there are latency, busy, fail, fail_call and drop_locked");
}

mfxStatus srt_knobs_parse(const char *text, struct srt_knobs **out, char message[SRT_KNOBS_MESSAGE])
{
    struct word rest = {text, text ? strlen(text) : 0};
    struct reader reader = {.message = message};
    mfxStatus status = MFX_ERR_NONE;
    bool more = true;

    *out = NULL;
    message[0] = '\0';
    if (!rest.size)
        return status;
    reader.knobs = calloc(1, sizeof(*reader.knobs));
    if (!reader.knobs)
        return MFX_ERR_MEMORY_ALLOC;
    while (more && status == MFX_ERR_NONE) {
        more = take_word(&rest, ',', &reader.setting);
        status = set(&reader);
    }
    if (status == MFX_ERR_NONE)
        *out = reader.knobs;
    else
        free(reader.knobs);
    return status;
}

mfxStatus srt_knobs_read(struct srt_knobs **out)
{
    char message[SRT_KNOBS_MESSAGE];
    mfxStatus status = srt_knobs_parse(getenv(SRT_KNOBS_VARIABLE), out, message);

    if (status == MFX_ERR_UNSUPPORTED)
        (void)fprintf(stderr, "vpl-softrt: %s, %s; no session is made\n", SRT_KNOBS_VARIABLE, message);
    return status;
}

void srt_knobs_free(struct srt_knobs **slot)
{
    free(*slot);
    *slot = NULL;
}

/* --- what they do */

static mfxStatus failure_at(const struct srt_knobs *knobs, enum srt_knob_component component, bool call,
                            unsigned int number)
{
    for (size_t i = 0; i < knobs->num_failures; i++) {
        const struct failure *f = &knobs->failures[i];

        if (f->component == component && f->call == call && number >= f->first && number <= f->last)
            return f->status;
    }
    return MFX_ERR_NONE;
}

static unsigned int count(atomic_uint *counter)
{
    return atomic_fetch_add_explicit(counter, 1, memory_order_relaxed) + 1;
}

mfxStatus srt_knobs_call(struct srt_knobs *knobs, enum srt_knob_component component)
{
    mfxStatus status;
    unsigned int number;

    if (!knobs)
        return MFX_ERR_NONE;
    number = count(&knobs->calls[component]);
    status = failure_at(knobs, component, true, number);
    if (status != MFX_ERR_NONE)
        return status;
    return knobs->busy_every[component] && number % knobs->busy_every[component] == 0 ? MFX_WRN_DEVICE_BUSY
                                                                                      : MFX_ERR_NONE;
}

void srt_knobs_delay(const struct srt_knobs *knobs, enum srt_knob_component component)
{
    struct timespec left;

    if (!knobs || !knobs->latency_us[component])
        return;
    left.tv_sec = (time_t)(knobs->latency_us[component] / 1000000);
    left.tv_nsec = (long)(knobs->latency_us[component] % 1000000) * 1000;
    (void)nanosleep(&left, NULL); /* workers take no signals */
}

mfxStatus srt_knobs_outcome(struct srt_knobs *knobs, enum srt_knob_component component)
{
    return knobs ? failure_at(knobs, component, false, count(&knobs->operations[component])) : MFX_ERR_NONE;
}

bool srt_knobs_drop_locked(const struct srt_knobs *knobs)
{
    return knobs && knobs->drop_locked;
}
