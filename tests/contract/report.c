/* Writing the answer. Results are written as they come, so that a run that is cut off has told what it found.
 */
#include "report.h"

#include <stdio.h>

static const char *level_word(enum conform_level level)
{
    return level == MUST ? "must" : "should";
}

static const char *outcome_word(const struct conform_result *result)
{
    switch (result->outcome) {
    case CONFORM_PASSED:
        return "holds";
    case CONFORM_SKIPPED:
        return "skipped";
    default:
        return result->rule->level == MUST ? "BROKEN" : "broken";
    }
}

/* How many bytes the character that `s` begins with has in UTF-8; 0: it is none. */
static size_t utf8_bytes(const unsigned char *s)
{
    size_t bytes = s[0] < 0x80   ? 1
                   : s[0] < 0xc2 ? 0
                   : s[0] < 0xe0 ? 2
                   : s[0] < 0xf0 ? 3
                   : s[0] < 0xf5 ? 4
                                 : 0;
    for (size_t i = 1; i < bytes; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) || /* overlong, surrogates */
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))   /* overlong, beyond 0x10ffff */
        return 0;
    return bytes;
}

/* A string in quotes; what is no text is left to JSON's escapes, byte by byte. */
static void put_text(const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    putchar('"');
    while (*s) {
        size_t bytes = utf8_bytes(s);
        if (*s == '"' || *s == '\\')
            printf("\\%c", *s);
        else if (*s < ' ' || *s == 0x7f || !bytes)
            printf("\\u%04x", *s);
        else
            (void)fwrite(s, 1, bytes, stdout);
        s += bytes ? bytes : 1;
    }
    putchar('"');
}

/* Text in a line, which it cannot end. */
static void put_line(const char *text)
{
    for (; *text; text++)
        putchar((unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text);
}

static void put_rule(const struct conform_rule *rule)
{
    fputs("{\"rule\": ", stdout);
    put_text(rule->id);
    fputs(", \"section\": ", stdout);
    put_text(rule->section);
    fputs(", \"level\": ", stdout);
    put_text(level_word(rule->level));
    fputs(", \"sentence\": ", stdout);
    put_text(rule->sentence);
}

void report_rules(const struct options *options)
{
    size_t listed = 0;
    if (options->output == OUTPUT_JSON)
        fputs("{\"rules\": [", stdout);
    for (size_t i = 0; i < conform_rule_count; i++) {
        const struct conform_rule *rule = &conform_rules[i];
        if (!options_want(options, rule))
            continue;
        if (options->output == OUTPUT_JSON) {
            fputs(listed ? ",\n    " : "\n    ", stdout);
            put_rule(rule);
            putchar('}');
        } else {
            printf("%-9s  %-6s  %-45s  %s\n", rule->section, level_word(rule->level), rule->id,
                   rule->sentence);
        }
        listed++;
    }
    if (options->output == OUTPUT_JSON)
        fputs("\n  ]}\n", stdout);
}

static const char *memory_words(mfxU16 memory)
{
    bool system = memory & MFX_MEMTYPE_SYSTEM_MEMORY, video = memory & CONFORM_VIDEO_TARGETS;
    return system && video ? "system and video memory" : system ? "system memory" : "video memory";
}

static const char *subject_name(const struct options *options, const struct conform_verdict *subject)
{
    return subject->name[0] ? subject->name : options->run.source.plugin;
}

void report_trouble(const struct options *options, const char *why)
{
    fprintf(stderr, "vfa-conform: there is no allocator to judge: %s\n", why);
    if (options->output == OUTPUT_TAP) {
        fputs("TAP version 13\nBail out! ", stdout);
        put_line(why);
        putchar('\n');
    } else if (options->output == OUTPUT_JSON) {
        fputs("{\"error\": ", stdout);
        put_text(why);
        fputs("}\n", stdout);
    }
}

void report_begin(const struct options *options, const struct conform_verdict *subject, size_t count)
{
    const char *name = subject_name(options, subject);
    switch (options->output) {
    case OUTPUT_TABLE:
        put_line(name);
        printf(": %s%s, %zu rules\n", memory_words(subject->memory),
               subject->has_surfaces ? ", surfaces" : "", count);
        break;
    case OUTPUT_TAP:
        printf("TAP version 13\n1..%zu\n", count);
        break;
    case OUTPUT_JSON:
        fputs("{\"allocator\": ", stdout);
        put_text(name);
        fputs(", \"memory\": ", stdout);
        put_text(memory_words(subject->memory));
        printf(", \"surfaces\": %s,\n  \"results\": [", subject->has_surfaces ? "true" : "false");
        break;
    }
}

static void table_row(const struct options *options, const struct conform_result *result)
{
    if (result->outcome != CONFORM_FAILED && !options->verbose)
        return;
    printf("%-7s  %-6s  %s\n", outcome_word(result), level_word(result->rule->level), result->rule->id);
    if (result->outcome != CONFORM_PASSED)
        printf("                 %s\n", result->what);
    if (result->outcome == CONFORM_FAILED)
        printf("                 rule: %s\n", result->rule->sentence);
}

/* A broken rule of level "should" is TAP's "todo": known, and no failure. */
static void tap_line(const struct options *options, const struct conform_result *result, size_t number)
{
    bool broken = result->outcome == CONFORM_FAILED;
    printf("%s %zu - %s: %s", broken ? "not ok" : "ok", number, result->rule->id, result->rule->sentence);
    if (result->outcome == CONFORM_SKIPPED)
        printf(" # SKIP %s", result->what);
    else if (broken && result->rule->level == SHOULD && !options->strict)
        fputs(" # TODO level \"should\"", stdout);
    putchar('\n');
    if (broken)
        printf("# %s\n", result->what);
}

void report_result(const struct options *options, const struct conform_result *result, size_t number)
{
    switch (options->output) {
    case OUTPUT_TABLE:
        table_row(options, result);
        break;
    case OUTPUT_TAP:
        tap_line(options, result, number);
        break;
    case OUTPUT_JSON:
        fputs(number == 1 ? "\n    " : ",\n    ", stdout);
        put_rule(result->rule);
        printf(", \"result\": \"%s\"", result->outcome == CONFORM_PASSED    ? "holds"
                                       : result->outcome == CONFORM_SKIPPED ? "skipped"
                                                                            : "broken");
        if (result->outcome != CONFORM_PASSED) {
            fputs(", \"why\": ", stdout);
            put_text(result->what);
        }
        putchar('}');
        break;
    }
    (void)fflush(stdout);
}

void report_end(const struct options *options, const struct tally *tally)
{
    switch (options->output) {
    case OUTPUT_TABLE:
        printf("%zu hold, %zu broken (must), %zu broken (should), %zu skipped\n", tally->passed,
               tally->failed_must, tally->failed_should, tally->skipped);
        break;
    case OUTPUT_TAP:
        break;
    case OUTPUT_JSON:
        printf("\n  ],\n  \"hold\": %zu, \"broken_must\": %zu, \"broken_should\": %zu, \"skipped\": %zu}\n",
               tally->passed, tally->failed_must, tally->failed_should, tally->skipped);
        break;
    }
}
