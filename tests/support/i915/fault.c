/* Failures on purpose: the rules of VFA_I915_FAIL, and VFA_I915_BUSY. */
#include "shim.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_RULES = 16,
    ANY_IOCTL = -1,
    LAST_ERRNO = 133
};

struct rule {
    int number; /* of the ioctl, or ANY_IOCTL */
    unsigned long first, last;
    unsigned long seen;
    int error;
};

/* What a kernel that has lost its GPU still does: it ends all waits, and lets go of buffers. */
static const char *const never_any[] = {"gem_wait", "gem_close"};

static struct rule rules[MAX_RULES];
static unsigned rule_count;
static unsigned busy_times;

static int error_of(const char *text)
{
    for (int error = 1; error <= LAST_ERRNO; error++) {
        const char *name = strerrorname_np(error);
        if (name && strcmp(name, text) == 0)
            return error;
    }
    char *end;
    long value = strtol(text, &end, 10);
    return *end == '\0' && value >= 1 && value <= LAST_ERRNO ? (int)value : 0;
}

/* KIND:N:ERROR or KIND:N+:ERROR; takes the text apart. */
static int parse_rule(char *text, struct rule *rule)
{
    char *rest;
    const char *kind = strtok_r(text, ":", &rest);
    char *count = strtok_r(NULL, ":", &rest);
    const char *error = strtok_r(NULL, ":", &rest);
    if (!kind || !count || !error || strtok_r(NULL, ":", &rest))
        return -1;
    char *end;
    *rule = (struct rule){.number = ANY_IOCTL, .first = strtoul(count, &end, 10), .error = error_of(error)};
    rule->last = *end == '+' ? (unsigned long)-1 : rule->first;
    end += *end == '+';
    if (strcmp(kind, "any") != 0 && (rule->number = shim_ioctl_number(kind)) < 0)
        return -1;
    return *end == '\0' && rule->first >= 1 && rule->error ? 0 : -1;
}

int shim_fault_rules(const char *text)
{
    char copy[1024];
    struct rule parsed[MAX_RULES];
    unsigned count = 0;
    if (strlen(text) >= sizeof copy)
        return -1;
    strcpy(copy, text);
    char *rest;
    for (char *one = strtok_r(copy, ",", &rest); one; one = strtok_r(NULL, ",", &rest))
        if (count == MAX_RULES || parse_rule(one, &parsed[count++]) != 0)
            return -1;
    if (count)
        memcpy(rules, parsed, count * sizeof *rules);
    rule_count = count;
    return 0;
}

void shim_fault_busy(unsigned times)
{
    busy_times = times;
}

static bool applies(const struct rule *rule, int number)
{
    for (size_t i = 0; rule->number == ANY_IOCTL && i < sizeof never_any / sizeof *never_any; i++)
        if (shim_ioctl_number(never_any[i]) == number)
            return false;
    return rule->number == ANY_IOCTL || rule->number == number;
}

int shim_fault_next(int number)
{
    int result = 0;
    for (unsigned i = 0; i < rule_count; i++) {
        struct rule *rule = &rules[i];
        if (!applies(rule, number))
            continue;
        rule->seen++;
        if (!result && rule->seen >= rule->first && rule->seen <= rule->last)
            result = -rule->error;
    }
    return result;
}

bool shim_fault_is_busy(void)
{
    if (!busy_times)
        return false;
    busy_times--;
    return true;
}
