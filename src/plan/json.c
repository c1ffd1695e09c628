/* A plan as JSON for programs: RFC 8259, in UTF-8 whatever the names are. */
#include "observe/text.h"
#include "plan/plan.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <vfa/format.h>

/* Bytes of the character of UTF-8 that `at` begins with, of at most `left`; 0: it is none. */
static size_t character(const unsigned char *at, size_t left)
{
    static const struct {
        unsigned char mask, lead;
        size_t bytes;
        uint32_t least; /* what fits into fewer bytes is not written so */
    } kinds[] = {{0x80, 0x00, 1, 0}, {0xe0, 0xc0, 2, 0x80}, {0xf0, 0xe0, 3, 0x800}, {0xf8, 0xf0, 4, 0x10000}};
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        if ((at[0] & kinds[k].mask) != kinds[k].lead || kinds[k].bytes > left)
            continue;
        uint32_t code = at[0] & (unsigned char)~kinds[k].mask;
        bool whole = true;
        for (size_t i = 1; i < kinds[k].bytes; i++) {
            whole = whole && (at[i] & 0xc0) == 0x80;
            code = code << 6 | (at[i] & 0x3f);
        }
        bool surrogate = code >= 0xd800 && code < 0xe000;
        return whole && code >= kinds[k].least && code <= 0x10ffff && !surrogate ? kinds[k].bytes : 0;
    }
    return 0;
}

/* `name` ends at its NUL, or at VFA_PLAN_NAME_MAX. */
static void add_string(struct vfa__text *text, const char *name)
{
    const char *nul = memchr(name, '\0', VFA_PLAN_NAME_MAX);
    size_t length = nul ? (size_t)(nul - name) : VFA_PLAN_NAME_MAX, bytes;
    vfa__text_add(text, "\"");
    for (size_t i = 0; i < length; i += bytes ? bytes : 1) {
        unsigned char c = (unsigned char)name[i];
        bytes = character((const unsigned char *)name + i, length - i);
        if (c == '"' || c == '\\')
            vfa__text_add(text, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            vfa__text_add(text, "\\u%04x", c);
        else
            vfa__text_add(text, "%.*s", (int)bytes, name + i);
    }
    vfa__text_add(text, "\"");
}

static void add_warnings(struct vfa__text *text, mfxU32 warnings)
{
    static const char *const words[] = {"depth_ignored", "depth_repeated", "below_depth",
                                        "below_min",     "saturated",      "depth_held"};
    const char *separator = "";
    vfa__text_add(text, "\"warnings\": [");
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (!(warnings & (mfxU32)1 << i))
            continue;
        vfa__text_add(text, "%s\"%s\"", separator, words[i]);
        separator = ", ";
    }
    vfa__text_add(text, "]");
}

static const char *kind_word(enum vfa_plan_term_kind kind)
{
    return kind == VFA_PLAN_HOLD ? "hold" : kind == VFA_PLAN_BRANCH ? "branch" : "component";
}

static void add_terms(struct vfa__text *text, const struct vfa_plan *plan)
{
    size_t count = plan->term_count <= VFA_PLAN_MAX_TERMS ? plan->term_count : 0;
    vfa__text_add(text, ",\n     \"terms\": [");
    for (size_t i = 0; i < count; i++) {
        const struct vfa_plan_term *term = &plan->term[i];
        vfa__text_add(text, "%s\n       {\"name\": ", i ? "," : "");
        add_string(text, term->name);
        vfa__text_add(text, ", \"kind\": \"%s\", \"min\": %u, \"suggested\": %u", kind_word(term->kind),
                      term->min, term->suggested);
        if (term->kind != VFA_PLAN_HOLD)
            vfa__text_add(text, ", \"async_depth\": %u, \"depth_times\": %u", term->async_depth,
                          term->depth_times);
        vfa__text_add(text, ", ");
        add_warnings(text, vfa__plan_warnings(plan, term));
        vfa__text_add(text, "}");
    }
    vfa__text_add(text, "]");
}

static void add_bytes(struct vfa__text *text, const char *name, bool known, uint64_t bytes)
{
    if (known)
        vfa__text_add(text, ", \"%s\": %" PRIu64, name, bytes);
    else
        vfa__text_add(text, ", \"%s\": null", name);
}

static void add_result(struct vfa__text *text, const struct vfa_plan_result *r)
{
    vfa__text_add(text,
                  ",\n     \"components\": %u, \"async_overlap\": %u, \"same_frames\": %u, \"between\": %u, "
                  "\"holds\": %u,\n     \"components_min\": %u, \"async_overlap_min\": %u, "
                  "\"same_frames_min\": %u,\n     \"suggested\": %u, \"min\": %u, \"surfaces\": %u",
                  r->components, r->async_overlap, r->same_frames, r->between, r->holds, r->components_min,
                  r->async_overlap_min, r->same_frames_min, r->suggested, r->min, r->surfaces);
    bool known = r->bytes_per_surface != 0;
    add_bytes(text, "bytes_per_surface", known, r->bytes_per_surface);
    add_bytes(text, "bytes", known, r->bytes);
    add_bytes(text, "bytes_min", known, r->bytes_min);
    vfa__text_add(text, ", ");
    add_warnings(text, r->warnings);
}

static void add_plan(struct vfa__text *text, const struct vfa_plan *plan,
                     const struct vfa_plan_result *result)
{
    const struct vfa_format *format = vfa_format_find(plan->info.FourCC);
    vfa__text_add(text, "    {\"name\": ");
    add_string(text, plan->name);
    vfa__text_add(text, ", \"format\": ");
    if (format)
        vfa__text_add(text, "\"%s\"", format->name);
    else
        vfa__text_add(text, "null");
    vfa__text_add(text, ", \"fourcc\": %" PRIu32, plan->info.FourCC);
    if (format && format->linear)
        vfa__text_add(text, ", \"buffer_size\": %" PRIu64, (uint64_t)plan->info.BufferSize);
    else
        vfa__text_add(text, ", \"width\": %u, \"height\": %u", plan->info.Width, plan->info.Height);
    vfa__text_add(text, ", \"type\": %u, \"alloc_id\": %" PRIu32, plan->type, plan->alloc_id);
    add_terms(text, plan);
    if (result)
        add_result(text, result);
    vfa__text_add(text, "}");
}

size_t vfa_plan_json(const struct vfa_plan *plans, size_t count, char *text, size_t bytes)
{
    struct vfa__text out;
    struct vfa_plan_total total = {0};
    vfa__text_init(&out, text, bytes);
    vfa__text_add(&out, "{\"pools\": [");
    for (size_t i = 0; plans && i < count; i++) {
        struct vfa_plan_result result;
        bool planned = vfa_plan_result(&plans[i], &result) == MFX_ERR_NONE;
        vfa__text_add(&out, i ? ",\n" : "\n");
        add_plan(&out, &plans[i], planned ? &result : NULL);
        if (planned)
            vfa__plan_total_add(&total, &result);
    }
    vfa__text_add(&out, "],\n  \"suggested\": %" PRIu64 ", \"min\": %" PRIu64 ", \"surfaces\": %" PRIu64,
                  total.suggested, total.min, total.surfaces);
    add_bytes(&out, "bytes", !total.unsized, total.bytes);
    add_bytes(&out, "bytes_min", !total.unsized, total.bytes_min);
    vfa__text_add(&out, "}\n");
    return out.length;
}
