/* What the program tells about its work, for programs: one JSON object. */
#include "formats.h"
#include "report.h"

/* A string as JSON wants it: quotes, backslashes and control characters escaped. */
static void text(FILE *to, const char *string)
{
    fputc('"', to);
    for (; *string; string++) {
        unsigned char c = (unsigned char)*string;
        if (c == '"' || c == '\\')
            fprintf(to, "\\%c", c);
        else if (c < 0x20)
            fprintf(to, "\\u%04x", c);
        else
            fputc(c, to);
    }
    fputc('"', to);
}

static void text_field(FILE *to, const char *name, const char *value)
{
    fprintf(to, "  \"%s\": ", name);
    text(to, value);
    fputs(",\n", to);
}

static void number_field(FILE *to, const char *name, uint64_t value)
{
    fprintf(to, "  \"%s\": %llu,\n", name, (unsigned long long)value);
}

static void pools(FILE *to, const struct pipeline *p)
{
    fputs("  \"pools\": [", to);
    for (size_t i = 0; i < p->pools.count; i++) {
        const struct pool_entry *entry = &p->pools.entries[i];
        struct vfa_pool_stats s = {0};
        char fourcc[VFA_FOURCC_TEXT_MAX];
        (void)vfa_pool_stats(entry->pool, &s);
        fputs(i ? ",\n    {\"name\": " : "\n    {\"name\": ", to);
        text(to, entry->plan.name);
        fprintf(
            to,
            ", \"format\": \"%s\", \"planned\": %u, \"planned_most\": %u, \"surfaces\": %u, \"peak\": %u, "
            "\"made\": %llu, \"bytes\": %llu, \"acquired\": %llu, \"waits\": %llu, \"timeouts\": %llu}",
            vfa_fourcc_text(entry->plan.info.FourCC, fourcc), entry->result.suggested, entry->most,
            s.surfaces, s.peak, (unsigned long long)s.made, (unsigned long long)entry->result.bytes,
            (unsigned long long)s.acquired, (unsigned long long)s.waits, (unsigned long long)s.timeouts);
    }
    fputs("\n  ],\n", to);
}

static void allocator(FILE *to, struct pipeline *p)
{
    struct vfa_stats a = {0};

    (void)vfa_allocator_stats(p->runtime.allocator, &a);
    fprintf(to,
            "  \"allocator\": {\"frames_planned\": %llu, \"frames_live\": %llu, \"frames_peak\": %llu, "
            "\"frame_bytes\": %llu, \"frame_bytes_peak\": %llu, \"allocs\": %llu, \"shared\": %llu, "
            "\"frees\": %llu, "
            "\"locks\": %llu, "
            "\"failed\": %llu},\n",
            (unsigned long long)p->frames_planned, (unsigned long long)p->frames_live,
            (unsigned long long)a.frames_peak, (unsigned long long)a.frame_bytes,
            (unsigned long long)a.frame_bytes_peak, (unsigned long long)a.alloc_calls,
            (unsigned long long)a.alloc_shared, (unsigned long long)a.free_calls,
            (unsigned long long)a.lock_calls, (unsigned long long)a.failed_calls);
}

/* Where frames live; "va" is empty when it is not in a device. */
static void memory(FILE *to, const struct runtime *runtime)
{
    struct device_figure figures[DEVICE_FIGURES];
    size_t count = runtime->video ? device_figures(&runtime->device, figures) : 0;

    text_field(to, "memory", runtime->video ? "va" : "system");
    text_field(to, "memory_reason", runtime->why_system);
    text_field(to, "device", runtime->video ? device_path(&runtime->device) : "");
    text_field(to, "vendor", runtime->video ? device_vendor(&runtime->device) : "");
    fputs("  \"va\": {", to);
    for (size_t i = 0; i < count; i++)
        fprintf(to, "%s\"%s\": %llu", i ? ", " : "", figures[i].name, (unsigned long long)figures[i].value);
    fputs("},\n", to);
}

static void video(FILE *to, const struct pipeline *p)
{
    const AVCodecParameters *par = p->output.video->codecpar;
    char fourcc[VFA_FOURCC_TEXT_MAX];

    text_field(to, "codec", report_codec(p));
    number_field(to, "width", (uint64_t)par->width);
    number_field(to, "height", (uint64_t)par->height);
    text_field(to, "format", vfa_fourcc_text(p->sink.info.FourCC, fourcc));
}

void report_json(FILE *to, struct pipeline *p, double seconds, enum exit_code code)
{
    fputs("{\n", to);
    text_field(to, "input", p->options->input);
    text_field(to, "output", p->options->output);
    text_field(to, "runtime", p->runtime.name);
    memory(to, &p->runtime);
    video(to, p);
    number_field(to, "frames", p->sink.frames);
    number_field(to, "bytes", (uint64_t)p->output.bytes);
    number_field(to, "damaged_frames", p->decoder.damaged_frames);
    number_field(to, "undecodable_pictures", p->decoder.errors);
    number_field(to, "size_changes", p->size_changes);
    number_field(to, "moved_times", p->times->bent);
    fprintf(to, "  \"truncated_input\": %s,\n", p->input.broke_off ? "true" : "false");
    fprintf(to, "  \"seconds\": %.3f,\n  \"fps\": %.2f,\n", seconds,
            seconds > 0 ? (double)p->sink.frames / seconds : 0);
    text_field(to, "md5", p->hash);
    pools(to, p);
    allocator(to, p);
    fprintf(to, "  \"exit\": %d\n}\n", code);
}
