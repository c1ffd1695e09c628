/* Writes the figures of a benchmark as JSON, one figure a line. */
#include "figures.h"

#include "machine.h"
#include "summary.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PATH_BYTES    4096
#define LIBRARIES_MAX 8

struct figures {
    FILE *to; /* NULL: nothing is written */
    char path[PATH_BYTES], part[PATH_BYTES];
    const char *subject;
    struct {
        const char *name, *version;
    } library[LIBRARIES_MAX];
    size_t libraries, count;
};

static void text(FILE *to, const char *value)
{
    fputc('"', to);
    for (; *value; value++) {
        if (*value == '"' || *value == '\\')
            fprintf(to, "\\%c", *value);
        else if ((unsigned char)*value < ' ')
            fprintf(to, "\\u%04x", (unsigned int)(unsigned char)*value);
        else
            fputc(*value, to);
    }
    fputc('"', to);
}

static void text_field(FILE *to, const char *indent, const char *name, const char *value)
{
    fprintf(to, "%s\"%s\": ", indent, name);
    text(to, value);
}

static void write_head(struct figures *f)
{
    struct machine machine;
    char when[32] = "";
    time_t now = time(NULL);
    struct tm utc;
    const char *sources = getenv("VFA_BENCH_SOURCES");
    if (gmtime_r(&now, &utc))
        (void)strftime(when, sizeof when, "%Y-%m-%d %H:%M", &utc);
    machine_describe(&machine);
    fputs("{\n", f->to);
    text_field(f->to, "  ", "subject", f->subject);
    text_field(f->to, ",\n  ", "when", when);
    text_field(f->to, ",\n  ", "sources", sources ? sources : "unknown");
    fprintf(f->to, ",\n  \"machine\": {");
    for (size_t i = 0; i < MACHINE_FACTS; i++)
        text_field(f->to, i ? ",\n    " : "\n    ", machine_fact_name(i), machine.fact[i]);
    fputs("\n  },\n  \"figures\": [", f->to);
}

struct figures *figures_open(const char *subject)
{
    const char *folder = getenv("VFA_BENCH_FIGURES");
    struct figures *f = calloc(1, sizeof *f);
    if (!f) {
        fprintf(stderr, "%s: out of memory\n", subject);
        return NULL;
    }
    f->subject = subject;
    if (!folder || !*folder)
        return f;
    int length = snprintf(f->path, sizeof f->path, "%s/%s.json", folder, subject);
    if (length > 0 && (size_t)length + sizeof ".part" <= sizeof f->part) {
        memcpy(f->part, f->path, (size_t)length);
        memcpy(f->part + length, ".part", sizeof ".part");
        f->to = fopen(f->part, "w");
    } else {
        errno = ENAMETOOLONG;
    }
    if (!f->to) {
        fprintf(stderr, "%s.json cannot be written into %s: %s\n", subject, folder, strerror(errno));
        free(f);
        return NULL;
    }
    write_head(f);
    return f;
}

void figures_library(struct figures *figures, const char *name, const char *version)
{
    if (!figures || !version || figures->libraries == LIBRARIES_MAX)
        return;
    figures->library[figures->libraries].name = name;
    figures->library[figures->libraries++].version = version;
}

static void write_figure(struct figures *f, const struct figure *figure, const struct summary *s,
                         size_t rounds)
{
    if (!f || !f->to)
        return;
    fputs(f->count++ ? ",\n    {" : "\n    {", f->to);
    text_field(f->to, "", "name", figure->name);
    text_field(f->to, ", ", "text", figure->text);
    text_field(f->to, ", ", "unit", figure->unit);
    fprintf(f->to,
            ", \"median\": %.6g, \"lowest\": %.6g, \"lower_quartile\": %.6g, \"upper_quartile\": %.6g, "
            "\"highest\": %.6g, \"rounds\": %zu, \"calls\": %zu}",
            s->median, s->lowest, s->lower_quartile, s->upper_quartile, s->highest, rounds,
            figure->calls ? figure->calls : 1);
}

void figures_add(struct figures *figures, const struct figure *figure, const double *values, size_t rounds)
{
    double sorted[SUMMARY_MAX_ROUNDS];
    memcpy(sorted, values, rounds * sizeof *values);
    struct summary s = summarise(sorted, rounds);
    write_figure(figures, figure, &s, rounds);
}

void figures_add_ratio(struct figures *figures, const char *name, const char *text, const double *of,
                       const double *to, size_t rounds)
{
    struct summary s = summarise_ratio(of, to, rounds);
    write_figure(figures, &(struct figure){name, text, "ratio", 0}, &s, rounds);
}

static void write_tail(struct figures *f)
{
    fputs("\n  ],\n  \"libraries\": {", f->to);
    for (size_t i = 0; i < f->libraries; i++)
        text_field(f->to, i ? ",\n    " : "\n    ", f->library[i].name, f->library[i].version);
    fputs(f->libraries ? "\n  }\n}\n" : "}\n}\n", f->to);
}

int figures_close(struct figures *figures, int complete)
{
    int failed = !figures;
    if (figures && figures->to) {
        write_tail(figures);
        failed = ferror(figures->to) != 0;
        failed |= fclose(figures->to) != 0;
        if (!failed && complete)
            failed = rename(figures->part, figures->path) != 0;
        if (failed)
            fprintf(stderr, "%s: %s\n", figures->path, strerror(errno));
        if (failed || !complete)
            (void)remove(figures->part);
    }
    free(figures);
    return failed ? -1 : 0;
}
