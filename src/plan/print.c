/* A plan as a table for people: every term of both columns, so that nobody has to guess where a number is
 * from. */
#include "observe/text.h"
#include "plan/plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <vfa/format.h>

#define GROUPED_MAX 32
#define LABEL_MAX   64

/* Digits in groups of three: "3 133 440". */
static const char *grouped(uint64_t number, char text[GROUPED_MAX])
{
    char digits[GROUPED_MAX];
    size_t length = (size_t)snprintf(digits, sizeof digits, "%" PRIu64, number), used = 0;
    for (size_t i = 0; i < length; i++) {
        if (i && (length - i) % 3 == 0)
            text[used++] = ' ';
        text[used++] = digits[i];
    }
    text[used] = '\0';
    return text;
}

static void add_readable_bytes(struct vfa__text *text, uint64_t bytes)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB"};
    size_t unit = 0;
    double amount = (double)bytes / 1000;
    while (amount >= 999.95 && unit + 1 < sizeof units / sizeof units[0]) {
        amount /= 1000;
        unit++;
    }
    vfa__text_add(text, "%.1f %s", amount, units[unit]);
}

/* One row. `sign` as printf's flag would put it: ' ' for a count, '+' or '-' for what is added or subtracted.
 */
static void add_row(struct vfa__text *text, const char *label, char sign, mfxU32 min, mfxU32 suggested)
{
    char columns[2][16];
    const char prefix[2] = {sign == ' ' ? '\0' : sign, '\0'};
    (void)snprintf(columns[0], sizeof columns[0], "%s%u", prefix, min);
    (void)snprintf(columns[1], sizeof columns[1], "%s%u", prefix, suggested);
    vfa__text_add(text, "  %-46s %7s %10s\n", label, columns[0], columns[1]);
}

static void add_heading(struct vfa__text *text, const struct vfa_plan *plan)
{
    char fourcc[VFA_FOURCC_TEXT_MAX], number[GROUPED_MAX];
    const struct vfa_format *format = vfa_format_find(plan->info.FourCC);
    vfa__text_add(text, "pool \"%s\": %s ", plan->name, vfa_fourcc_text(plan->info.FourCC, fourcc));
    if (format && format->linear)
        vfa__text_add(text, "%s bytes\n", grouped(plan->info.BufferSize, number));
    else
        vfa__text_add(text, "%ux%u\n", plan->info.Width, plan->info.Height);
    vfa__text_add(text, "  %-46s %7s %10s\n", "", "min", "suggested");
}

static void add_components(struct vfa__text *text, const struct vfa_plan *plan)
{
    char label[LABEL_MAX];
    for (size_t i = 0; i < plan->term_count; i++) {
        const struct vfa_plan_term *term = &plan->term[i];
        if (term->kind == VFA_PLAN_HOLD)
            continue;
        if (term->async_depth)
            (void)snprintf(label, sizeof label, "%s, AsyncDepth %u", term->name, term->async_depth);
        else
            (void)snprintf(label, sizeof label, "%s", term->name);
        add_row(text, label, ' ', term->min, term->suggested);
    }
}

static void add_holds(struct vfa__text *text, const struct vfa_plan *plan)
{
    char label[LABEL_MAX];
    for (size_t i = 0; i < plan->term_count; i++) {
        const struct vfa_plan_term *term = &plan->term[i];
        if (term->kind != VFA_PLAN_HOLD)
            continue;
        (void)snprintf(label, sizeof label, "held by %s", term->name);
        add_row(text, label, '+', term->suggested, term->suggested);
    }
}

static void add_bytes(struct vfa__text *text, const struct vfa_plan_result *result)
{
    char each[GROUPED_MAX];
    if (!result->bytes_per_surface) {
        vfa__text_add(text, "  %u surfaces of unknown size\n", result->surfaces);
        return;
    }
    vfa__text_add(text, "  %u surfaces of %s bytes: ", result->surfaces,
                  grouped(result->bytes_per_surface, each));
    add_readable_bytes(text, result->bytes);
    vfa__text_add(text, "\n");
}

const char *vfa_plan_warning_text(mfxU32 warnings)
{
    static const char *const texts[] = {
        "its request ignores AsyncDepth",
        "its request contains AsyncDepth more than once",
        "its NumFrameSuggested is below AsyncDepth, which is not reached",
        "its NumFrameSuggested is below its NumFrameMin, which is taken instead",
        "more than the 65535 surfaces a request can ask for",
        "as many as AsyncDepth, which counts operations not yet waited for already",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (warnings & (mfxU32)1 << i)
            return texts[i];
    return "";
}

static void add_warnings(struct vfa__text *text, const struct vfa_plan *plan,
                         const struct vfa_plan_result *result)
{
    for (size_t i = 0; i < plan->term_count; i++) {
        mfxU32 warnings = vfa__plan_warnings(plan, &plan->term[i]);
        for (; warnings; warnings &= warnings - 1) /* from the lowest on */
            vfa__text_add(text, "  warning: %s: %s\n", plan->term[i].name, vfa_plan_warning_text(warnings));
    }
    if (result->saturated)
        vfa__text_add(text, "  warning: %s\n", vfa_plan_warning_text(VFA_PLAN_WARN_SATURATED));
}

static void add_plan(struct vfa__text *text, const struct vfa_plan *plan,
                     const struct vfa_plan_result *result)
{
    add_heading(text, plan);
    add_components(text, plan);
    if (result->async_overlap || result->async_overlap_min)
        add_row(text, "AsyncDepth counted more than once", '-', result->async_overlap_min,
                result->async_overlap);
    if (result->same_frames || result->same_frames_min)
        add_row(text, "the same frames in several branches", '-', result->same_frames_min,
                result->same_frames);
    if (result->between)
        add_row(text, "on its way between components", '+', 0, result->between);
    add_holds(text, plan);
    add_row(text, "surfaces", ' ', result->min, result->suggested);
    if (result->surfaces < result->suggested)
        add_row(text, "surfaces within the budget", ' ', result->min, result->surfaces);
    add_bytes(text, result);
    add_warnings(text, plan, result);
}

static void add_total(struct vfa__text *text, uint64_t surfaces, uint64_t bytes)
{
    vfa__text_add(text, "total: %" PRIu64 " surfaces, ", surfaces);
    add_readable_bytes(text, bytes);
    vfa__text_add(text, "\n");
}

size_t vfa_plan_print(const struct vfa_plan *plans, size_t count, char *text, size_t bytes)
{
    struct vfa__text out;
    struct vfa_plan_total total = {0};
    vfa__text_init(&out, text, bytes);
    for (size_t i = 0; plans && i < count; i++) {
        struct vfa_plan_result result;
        if (vfa_plan_result(&plans[i], &result) != MFX_ERR_NONE) {
            vfa__text_add(&out, "pool \"%.*s\": no components\n", VFA_PLAN_NAME_MAX - 1, plans[i].name);
            continue;
        }
        add_plan(&out, &plans[i], &result);
        vfa__plan_total_add(&total, &result);
    }
    if (plans && count > 1)
        add_total(&out, total.surfaces, total.bytes);
    return out.length;
}
