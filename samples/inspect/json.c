/* A survey, the format table, and the statuses, as one JSON object. */
#include "json.h"

#include "words.h"

#include <inttypes.h>
#include <stdio.h>

/* A string in quotes; what ASCII has no letter for is left to JSON's escapes, byte by byte. */
static void put_text(const char *text)
{
    putchar('"');
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            printf("\\%c", c);
        else if (c < ' ' || c > '~')
            printf("\\u%04x", c);
        else
            putchar(c);
    }
    putchar('"');
}

/* A name and its colon. */
static void put_name(const char *name)
{
    put_text(name);
    fputs(": ", stdout);
}

static void put_optional(const char *name, const char *text)
{
    put_name(name);
    if (text)
        put_text(text);
    else
        fputs("null", stdout);
}

static void put_way(const struct vfa_va_way_facts *way, bool times)
{
    printf("{\"works\": %s, \"writes_back\": %s, ", way_works(way) ? "true" : "false",
           way->writes_back ? "true" : "false");
    put_optional("refused", refusal_word(way->refused));
    fputs(", ", stdout);
    put_optional("unfit", way->unfit);
    for (size_t d = 0; times && d < VFA_VA_DIRECTIONS; d++) {
        fputs(d == 0 ? ", \"ns\": {" : ", ", stdout);
        put_name(direction_word((enum vfa_va_direction)d));
        if (way->ns[d])
            printf("%" PRIu32, way->ns[d]);
        else
            fputs("null", stdout);
    }
    fputs(times ? "}}" : "}", stdout);
}

static void put_chosen(const struct vfa_va_facts *facts)
{
    fputs(",\n     \"taken\": {", stdout);
    for (size_t d = 0; d < VFA_VA_DIRECTIONS; d++) {
        fputs(d == 0 ? "" : ", ", stdout);
        put_optional(direction_word((enum vfa_va_direction)d),
                     facts->chosen[d] ? way_word(facts->chosen[d]) : NULL);
    }
    printf("}, \"measured_on\": {\"width\": %d, \"height\": %d}, \"probe_ns\": %" PRIu32, facts->width,
           facts->height, facts->probe_ns);
}

static void put_export(const struct finding *finding)
{
    const struct vfa_va_facts *facts = &finding->facts;
    const struct round_trip *trip = &finding->round_trip;
    char text[MODIFIER_TEXT_MAX];
    fputs(",\n     \"export\": {", stdout);
    put_optional("refused", refusal_word(facts->export_refused));
    if (facts->export_refused == VA_STATUS_SUCCESS) {
        printf(", \"modifier\": \"0x%016" PRIx64 "\", ", facts->modifier);
        put_optional("modifier_name", modifier_text(facts->modifier, text));
        printf(", \"layers\": %" PRIu32 ", \"separate_layers\": %" PRIu32, trip->layers,
               trip->separate_layers);
    }
    fputs("},\n     \"import\": {", stdout);
    put_optional("result", trip->end == ROUND_TRIP_NOT_TRIED ? NULL : round_trip_word(trip->end));
    fputs(", ", stdout);
    put_optional("why", trip->end == ROUND_TRIP_REFUSED ? trip->why : NULL);
    fputs("}", stdout);
}

static void put_finding(const struct finding *finding, bool times)
{
    const struct vfa_va_facts *facts = &finding->facts;
    bool created = finding->status == MFX_ERR_NONE;
    fputs("    {", stdout);
    put_optional("name", finding->format->name);
    printf(", \"fourcc\": %" PRIu32 ", \"created\": %s, ", finding->format->fourcc,
           created ? "true" : "false");
    put_optional("status", vfa_status_name(finding->status));
    fputs(", ", stdout);
    put_optional("why", created ? NULL : finding->why);
    if (created) {
        printf(", \"usage\": %" PRIu32 ",\n     \"ways\": {", facts->usage);
        for (size_t w = VFA_VA_WAY_DERIVE; w < VFA_VA_WAYS; w++) {
            fputs(w == VFA_VA_WAY_DERIVE ? "" : ",\n              ", stdout);
            put_name(way_word((enum vfa_va_way)w));
            put_way(&facts->way[w], times);
        }
        fputs("}", stdout);
        if (times)
            put_chosen(facts);
        put_export(finding);
    }
    fputs("}", stdout);
}

void json_survey(const struct survey *survey)
{
    const struct options *options = survey->options;
    fputs("{", stdout);
    put_optional("vendor", vfa_va_vendor(survey->va));
    fputs(",\n  ", stdout);
    put_optional("device", vfa_va_device(survey->va));
    printf(",\n  \"width\": %d, \"height\": %d, ", options->width, options->height);
    put_optional("usage", options->usage);
    fputs(",\n  \"formats\": [", stdout);
    for (size_t i = 0; i < survey->count; i++) {
        fputs(i == 0 ? "\n" : ",\n", stdout);
        put_finding(&survey->findings[i], options->times);
    }
    fputs("\n  ]}\n", stdout);
}

/* --- the format table */

static void put_planes(const struct vfa_format *format, const struct vfa_layout *layout)
{
    fputs(",\n     \"planes\": [", stdout);
    for (size_t i = 0; i < format->plane_count; i++)
        printf("%s{\"unit_pixels\": %d, \"unit_bytes\": %d, \"row_divisor\": %d, "
               "\"offset\": %zu, \"pitch\": %zu, \"rows\": %zu}",
               i == 0 ? "" : ", ", format->plane[i].unit_px, format->plane[i].unit_bytes,
               format->plane[i].row_div, layout->plane[i].offset_bytes, layout->plane[i].pitch_bytes,
               layout->plane[i].rows);
    fputs("]", stdout);
}

static void put_format(const struct options *options, const struct vfa_format *format)
{
    struct vfa_layout layout;
    mfxFrameInfo info = {.FourCC = format->fourcc};
    info.Width = options->width;
    info.Height = options->height;
    fputs("    {", stdout);
    put_optional("name", format->name);
    printf(", \"fourcc\": %" PRIu32 ", ", format->fourcc);
    put_optional("summary", format->summary);
    printf(", \"bit_depth\": %d, \"container_bits\": %d, \"linear\": %s", format->bit_depth,
           format->container_bits, format->linear ? "true" : "false");
    printf(", \"va_fourcc\": %" PRIu32 ", \"va_rt_format\": %" PRIu32 ", \"drm_fourcc\": %" PRIu32,
           format->va_fourcc, format->va_rt_format, format->drm_fourcc);
    if (!format->linear && vfa_layout_compute(&info, NULL, &layout) == MFX_ERR_NONE) {
        printf(", \"bytes\": %zu", layout.size_bytes);
        put_planes(format, &layout);
    }
    fputs("}", stdout);
}

void json_formats(const struct options *options)
{
    bool first = true;
    printf("{\"width\": %d, \"height\": %d,\n  \"formats\": [", options->width, options->height);
    for (size_t i = 0; i < vfa_format_count(); i++) {
        if (options->format && options->format != vfa_format_at(i))
            continue;
        fputs(first ? "\n" : ",\n", stdout);
        put_format(options, vfa_format_at(i));
        first = false;
    }
    fputs("\n  ]}\n", stdout);
}

/* --- statuses */

void json_statuses(void)
{
    bool first = true;
    VAStatus status = VA_STATUS_SUCCESS;
    fputs("{\"statuses\": [", stdout);
    while (next_status(&status)) {
        fputs(first ? "\n    {" : ",\n    {", stdout);
        put_optional("name", vfa_va_status_name(status));
        printf(", \"value\": %u, ", (unsigned int)status);
        put_optional("status", vfa_status_name(vfa_va_status(status)));
        fputs("}", stdout);
        first = false;
    }
    fputs("\n  ]}\n", stdout);
}
