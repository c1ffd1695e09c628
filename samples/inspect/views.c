/* A survey, the format table, and the statuses, as text or Markdown: which facts stand in which table. */
#include "views.h"

#include "table.h"
#include "words.h"

#include <stdio.h>
#include <string.h>

/* Prints what a table has, ends it, and says whether it was complete. */
static bool show(const struct options *options, const char *title, struct table *table)
{
    if (!table->failed && !table_is_empty(table)) {
        printf("\n%s%s%s", title, *title ? "\n" : "",
               *title && options->output == OUTPUT_MARKDOWN ? "\n" : "");
        table_print(table, options->output == OUTPUT_MARKDOWN);
    }
    bool complete = !table->failed;
    table_finish(table);
    return complete;
}

/* --- what works */

static void add_export(struct table *table, const struct finding *finding)
{
    char text[MODIFIER_TEXT_MAX];
    const struct round_trip *trip = &finding->round_trip;
    if (finding->status != MFX_ERR_NONE)
        table_add(table, "-");
    else if (finding->facts.export_refused != VA_STATUS_SUCCESS)
        table_add(table, "refused");
    else
        table_add(table, "%s", modifier_text(finding->facts.modifier, text));
    if (trip->layers || trip->separate_layers)
        table_add(table, "%u, %u", trip->layers, trip->separate_layers);
    else
        table_add(table, "-");
    table_add(table, "%s", round_trip_word(trip->end));
}

static bool show_ways(const struct survey *survey)
{
    struct table table;
    table_init(&table, "Format|Created|Derive|Image|Derive+copy|Image+copy|Export|Layers|Import");
    for (size_t i = 0; i < survey->count; i++) {
        const struct finding *finding = &survey->findings[i];
        bool created = finding->status == MFX_ERR_NONE;
        table_add(&table, "%s", finding->format->name);
        table_add(&table, "%s", created ? "yes" : "no");
        for (size_t w = VFA_VA_WAY_DERIVE; w < VFA_VA_WAYS; w++)
            table_add(&table, "%s", created ? way_state_word(&finding->facts.way[w]) : "-");
        add_export(&table, finding);
    }
    return show(survey->options, "", &table);
}

/* --- what it costs */

static void add_time(struct table *table, uint32_t ns)
{
    if (ns)
        table_add(table, "%.1f", ns / 1e3);
    else
        table_add(table, "-");
}

static bool show_times(const struct survey *survey)
{
    struct table table;
    char title[TABLE_CELL_MAX] = "";
    table_init(&table, "Format|Map to|>Derive|>Image|>Derive+copy|>Image+copy|Taken");
    for (size_t i = 0; i < survey->count; i++) {
        const struct vfa_va_facts *facts = &survey->findings[i].facts;
        if (survey->findings[i].status != MFX_ERR_NONE)
            continue;
        (void)snprintf(title, sizeof title,
                       "Least microseconds of a map of %dx%d, every byte touched once, and unmap",
                       facts->width, facts->height);
        for (size_t d = 0; d < VFA_VA_DIRECTIONS; d++) {
            table_add(&table, "%s", survey->findings[i].format->name);
            table_add(&table, "%s", direction_word((enum vfa_va_direction)d));
            for (size_t w = VFA_VA_WAY_DERIVE; w < VFA_VA_WAYS; w++)
                add_time(&table, facts->way[w].ns[d]);
            table_add(&table, "%s", way_word(facts->chosen[d]));
        }
    }
    return show(survey->options, title, &table);
}

/* --- why not */

/* What does not work of a format that is created, and why; NULL: it works. */
#define REASONS (VFA_VA_WAYS + 1)
struct reasons {
    const char *what[REASONS], *why[REASONS];
};

static struct reasons reasons_of(const struct finding *finding)
{
    const struct vfa_va_facts *facts = &finding->facts;
    struct reasons reasons;
    memset(&reasons, 0, sizeof reasons);
    for (size_t w = VFA_VA_WAY_DERIVE; w < VFA_VA_WAYS; w++) {
        const struct vfa_va_way_facts *way = &facts->way[w];
        reasons.what[w - 1] = way_word((enum vfa_va_way)w);
        reasons.why[w - 1] = way->refused != VA_STATUS_SUCCESS ? refusal_word(way->refused) : way->unfit;
    }
    reasons.what[REASONS - 2] = "export";
    reasons.why[REASONS - 2] = refusal_word(facts->export_refused);
    reasons.what[REASONS - 1] = "import";
    if (finding->round_trip.end == ROUND_TRIP_REFUSED)
        reasons.why[REASONS - 1] = finding->round_trip.why;
    return reasons;
}

/* One line a reason: "derive, derive+copy". */
static void add_reasons(struct table *table, const char *format, struct reasons reasons)
{
    for (size_t i = 0; i < REASONS; i++) {
        const char *why = reasons.why[i];
        char what[TABLE_CELL_MAX] = "";
        if (!why)
            continue;
        for (size_t j = i; j < REASONS; j++) {
            if (!reasons.why[j] || strcmp(reasons.why[j], why) != 0)
                continue;
            size_t used = strlen(what);
            (void)snprintf(what + used, sizeof what - used, "%s%s", used ? ", " : "", reasons.what[j]);
            reasons.why[j] = NULL;
        }
        table_add(table, "%s", format);
        table_add(table, "%s", what);
        table_add(table, "%s", why);
    }
}

static bool show_reasons(const struct survey *survey)
{
    struct table table;
    table_init(&table, "Format|What|Why not");
    for (size_t i = 0; i < survey->count; i++) {
        const struct finding *finding = &survey->findings[i];
        if (finding->status == MFX_ERR_NONE)
            add_reasons(&table, finding->format->name, reasons_of(finding));
        else
            add_reasons(&table, finding->format->name, (struct reasons){{"create"}, {finding->why}});
    }
    return show(survey->options, "Why not", &table);
}

bool view_survey(const struct survey *survey)
{
    const struct options *options = survey->options;
    bool markdown = options->output == OUTPUT_MARKDOWN;
    printf("%s%s%s", markdown ? "**" : "", vfa_va_vendor(survey->va), markdown ? "**. " : "\n");
    if (options->times)
        printf("%s. ", vfa_va_device(survey->va));
    printf("Surfaces of %dx%d, usage %s.\n", options->width, options->height, options->usage);
    bool complete = show_ways(survey);
    if (options->times)
        complete = show_times(survey) && complete;
    return show_reasons(survey) && complete;
}

/* --- the format table */

static void add_planes(struct table *table, const struct vfa_format *format)
{
    char text[TABLE_CELL_MAX];
    size_t used = 0;
    for (size_t i = 0; i < format->plane_count && used < sizeof text; i++) {
        const struct vfa_format_plane *plane = &format->plane[i];
        int written = snprintf(text + used, sizeof text - used, "%s%d/%d", i ? ", " : "", plane->unit_bytes,
                               plane->unit_px * plane->row_div);
        used += written > 0 ? (size_t)written : 0;
    }
    table_add(table, "%s", format->plane_count ? text : "-");
}

static void add_code(struct table *table, uint32_t code)
{
    char text[5] = {(char)code, (char)(code >> 8), (char)(code >> 16), (char)(code >> 24), '\0'};
    if (code)
        table_add(table, "%s", text);
    else
        table_add(table, "-");
}

/* Bytes of a frame of the size asked for, with the default rules. */
static void add_bytes(struct table *table, const struct options *options, const struct vfa_format *format)
{
    struct vfa_layout layout;
    mfxFrameInfo info = {.FourCC = format->fourcc};
    info.Width = options->width;
    info.Height = options->height;
    if (!format->linear && vfa_layout_compute(&info, NULL, &layout) == MFX_ERR_NONE)
        table_add(table, "%zu", layout.size_bytes);
    else
        table_add(table, "-");
}

bool view_formats(const struct options *options)
{
    struct table table;
    char headings[TABLE_CELL_MAX];
    (void)snprintf(headings, sizeof headings, "Format|What|>Bits|Bytes/pixels|>%dx%d|VA|DRM", options->width,
                   options->height);
    table_init(&table, headings);
    for (size_t i = 0; i < vfa_format_count(); i++) {
        const struct vfa_format *format = vfa_format_at(i);
        if (options->format && options->format != format)
            continue;
        table_add(&table, "%s", format->name);
        table_add(&table, "%s", format->summary);
        table_add(&table, "%d", format->bit_depth);
        add_planes(&table, format);
        add_bytes(&table, options, format);
        add_code(&table, format->va_rt_format ? format->va_fourcc : 0);
        add_code(&table, format->drm_fourcc);
    }
    if (!table.failed)
        table_print(&table, options->output == OUTPUT_MARKDOWN);
    table_finish(&table);
    return !table.failed;
}

/* --- statuses */

bool view_statuses(const struct options *options)
{
    struct table table;
    VAStatus status = VA_STATUS_SUCCESS;
    table_init(&table, "VAStatus|>Value|mfxStatus");
    while (next_status(&status)) {
        table_add(&table, "%s", vfa_va_status_name(status));
        table_add(&table, "0x%x", (unsigned int)status);
        table_add(&table, "%s", vfa_status_name(vfa_va_status(status)));
    }
    if (!table.failed)
        table_print(&table, options->output == OUTPUT_MARKDOWN);
    table_finish(&table);
    return !table.failed;
}
