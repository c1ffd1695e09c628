/* What the program tells about its work, for people. */
#include "report.h"

#include "formats.h"

#include <stdlib.h>

void report_plan(FILE *to, const struct pipeline *p)
{
    struct vfa_plan plans[2];
    size_t count = 0;

    for (size_t i = 0; i < p->pools.count && count < 2; i++)
        if (!p->pools.entries[i].retired)
            plans[count++] = p->pools.entries[i].plan;
    size_t bytes = vfa_plan_print(plans, count, NULL, 0) + 1;
    char *text = malloc(bytes);
    if (!text)
        return;
    vfa_plan_print(plans, count, text, bytes);
    fputs(text, to);
    fflush(to);
    free(text);
}

/* Where frames live, and in a device what the backend did there. */
static void report_memory(FILE *to, const struct runtime *runtime)
{
    struct device_figure figures[DEVICE_FIGURES];
    const char *why = runtime->why_system;

    if (!runtime->video) {
        fprintf(to, "memory     system%s%s\n", why[0] ? ": " : "", why);
        return;
    }
    fprintf(to, "memory     VA-API surfaces, %s, %s\n          ", device_path(&runtime->device),
            device_vendor(&runtime->device));
    size_t count = device_figures(&runtime->device, figures);
    for (size_t i = 0; i < count; i++)
        if (figures[i].value)
            fprintf(to, " %s=%llu", figures[i].name, (unsigned long long)figures[i].value);
    fputc('\n', to);
}

static double megabytes(uint64_t bytes)
{
    return (double)bytes / 1e6;
}

void report_stats(FILE *to, struct pipeline *p)
{
    struct vfa_stats a = {0};

    (void)vfa_allocator_stats(p->runtime.allocator, &a);
    fprintf(to, "runtime    %s, API %u.%u, %s\n", p->runtime.name, p->runtime.version.Major,
            p->runtime.version.Minor, p->runtime.impl == MFX_IMPL_TYPE_HARDWARE ? "hardware" : "software");
    report_memory(to, &p->runtime);
    fprintf(
        to,
        "allocator  %llu frames live of %llu planned, peak %llu; %.1f MB, peak %.1f MB; book %llu bytes\n",
        (unsigned long long)p->frames_live, (unsigned long long)p->frames_planned,
        (unsigned long long)a.frames_peak, megabytes(a.frame_bytes), megabytes(a.frame_bytes_peak),
        (unsigned long long)a.book_bytes_peak);
    fprintf(to,
            "           %llu allocs (%llu shared, %llu short), %llu frees, %llu locks, %llu failed calls\n",
            (unsigned long long)a.alloc_calls, (unsigned long long)a.alloc_shared,
            (unsigned long long)a.alloc_short, (unsigned long long)a.free_calls,
            (unsigned long long)a.lock_calls, (unsigned long long)a.failed_calls);
    for (size_t i = 0; i < p->pools.count; i++) {
        const struct pool_entry *entry = &p->pools.entries[i];
        struct vfa_pool_stats s = {0};
        (void)vfa_pool_stats(entry->pool, &s);
        fprintf(to,
                "pool       %s: %u surfaces, peak %u in use; %llu acquired, %llu waits of %.1f ms, %llu "
                "timeouts\n",
                entry->plan.name, s.surfaces, s.peak, (unsigned long long)s.acquired,
                (unsigned long long)s.waits, (double)s.waited_ns / 1e6, (unsigned long long)s.timeouts);
    }
    fprintf(to, "source     %llu frames, %llu damaged, %llu undecodable pictures, %llu size changes\n",
            (unsigned long long)(p->raw_in ? p->reader.frames : p->decoder.frames),
            (unsigned long long)p->decoder.damaged_frames, (unsigned long long)p->decoder.errors,
            (unsigned long long)p->size_changes);
}

/* libavcodec knows two kinds of raw video, which differ in what a packet is. */
const char *report_codec(const struct pipeline *p)
{
    return p->sink.raw ? "raw" : avcodec_get_name(p->output.video->codecpar->codec_id);
}

void report_summary(FILE *to, struct pipeline *p, double seconds)
{
    const AVCodecParameters *video = p->output.video->codecpar;
    struct vfa_stats a = {0};

    (void)vfa_allocator_stats(p->runtime.allocator, &a);
    if (p->hash[0])
        fprintf(to, "md5 of the frames: %s\n", p->hash);
    fprintf(to, "%s: %llu frames, %s %dx%d, %.1f s, %.1f fps; peak frame memory %.1f MB in %llu surfaces\n",
            p->output.path, (unsigned long long)p->sink.frames, report_codec(p), video->width, video->height,
            seconds, seconds > 0 ? (double)p->sink.frames / seconds : 0, megabytes(a.frame_bytes_peak),
            (unsigned long long)a.frames_peak);
}
