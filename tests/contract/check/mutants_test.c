/* The rules can fail: each mutant is caught by the rule that it is made for, each rule has a mutant, and a
 * correct allocator keeps all of them. mutants_test PLUGIN            the plug-in of mutants.c */
#include "formats.h"
#include "run.h"

#include <dlfcn.h>
#include <stdio.h>
#include <vfa/format.h>

static unsigned failures;

static void complain(const char *what, const char *name, const char *why)
{
    failures++;
    printf("FAILED: %s %s: %s\n", what, name, why);
}

static const struct conform_rule *find_rule(const char *id)
{
    for (size_t i = 0; i < conform_rule_count; i++)
        if (!strcmp(conform_rules[i].id, id))
            return &conform_rules[i];
    return NULL;
}

/* The kit's table of formats and the library's were written apart: neither knows a format that the other does
 * not. */
static void the_same_formats_are_known(void)
{
    if (conform_format_count != vfa_format_count())
        complain("formats", "", "the kit has another number of them than the library");
    for (size_t i = 0; i < vfa_format_count(); i++)
        if (!conform_format_find(vfa_format_at(i)->fourcc))
            complain("format", vfa_format_at(i)->name, "the kit does not try it");
}

static void reference_keeps_every_rule(const struct conform_run *run)
{
    struct conform_verdict probed;
    struct conform_result result;
    if (conform_probe(run, &probed) != CONFORM_PASSED) {
        complain("reference", "", probed.what);
        return;
    }
    for (size_t i = 0; i < conform_rule_count; i++) {
        conform_run_rule(run, &probed, &conform_rules[i], &result);
        if (result.outcome == CONFORM_FAILED)
            complain("the reference breaks", conform_rules[i].id, result.what);
    }
}

enum catching {
    MISSED,
    CAUGHT,
    UNFIT, /* the rule cannot be tried under the checker that this build is for */
};

static enum catching hunt_with(const struct conform_run *run, const struct conform_rule *rule,
                               struct conform_result *result)
{
    struct conform_verdict probed;
    if (conform_probe(run, &probed) != CONFORM_PASSED) {
        (void)snprintf(result->what, sizeof result->what, "%.200s", probed.what);
        return MISSED;
    }
    conform_run_rule(run, &probed, rule, result);
    if (result->outcome == CONFORM_FAILED)
        return CAUGHT;
    return result->outcome == CONFORM_SKIPPED && strstr(result->what, "checker") ? UNFIT : MISSED;
}

static enum catching hunt(const struct conform_run *like, const char *name, const char *id)
{
    static const char *const words[] = {"missed", "caught", "unfit"};
    struct conform_run run = *like;
    struct conform_result result = {.outcome = CONFORM_RUNNING};
    const struct conform_rule *rule = find_rule(id);
    run.source.options = name;
    enum catching caught = rule ? hunt_with(&run, rule, &result) : MISSED;
    printf("%-7s %-36s %-32s %s\n", words[caught], name, id, result.what);
    (void)fflush(stdout);
    if (caught == MISSED)
        complain("mutant", name, rule ? "its rule does not catch it" : "there is no such rule");
    return caught;
}

typedef bool mutant_at_fn(size_t index, const char **name, const char **rule);

static mutant_at_fn *mutants_of(const char *plugin)
{
    void *library = dlopen(plugin, RTLD_NOW | RTLD_LOCAL), *symbol;
    mutant_at_fn *function = NULL;
    if (library && (symbol = dlsym(library, "conform_mutant_at")))
        memcpy(&function, &symbol, sizeof function);
    return function;
}

static bool has_mutant(mutant_at_fn *mutant_at, const char *id)
{
    const char *name, *rule;
    for (size_t i = 0; mutant_at(i, &name, &rule); i++)
        if (!strcmp(rule, id))
            return true;
    return false;
}

int main(int argc, char **argv)
{
    struct conform_run run = {.quiet = true, .limit_s = 30};
    mutant_at_fn *mutant_at = argc == 2 ? mutants_of(argv[1]) : NULL;
    const char *name, *rule;
    size_t tried = 0, caught = 0, unfit = 0, interfaces = 0;
    if (!mutant_at) {
        fprintf(stderr, "mutants_test: wants the plug-in of the mutants\n");
        return 2;
    }
    run.source.plugin = argv[1];
    the_same_formats_are_known();
    reference_keeps_every_rule(&run);
    for (size_t i = 0; i < conform_rule_count; i++)
        if (!has_mutant(mutant_at, conform_rules[i].id))
            complain("rule", conform_rules[i].id, "no mutant shows that it can fail");
    for (; mutant_at(tried, &name, &rule); tried++) {
        struct conform_run patient = run;
        if (!strcmp(name, "null_hangs"))
            patient.limit_s = 1;
        enum catching end = hunt(&patient, name, rule);
        caught += end == CAUGHT;
        unfit += end == UNFIT;
        interfaces += end == CAUGHT && !strcmp(find_rule(rule)->section, "surface");
    }
    printf("FIGURE rules_checked %zu\nFIGURE mutants_caught %zu\nFIGURE mutants %zu\n", conform_rule_count,
           caught, tried - unfit);
    printf("FIGURE interface_mutants_caught %zu\n", interfaces);
    return failures != 0;
}
