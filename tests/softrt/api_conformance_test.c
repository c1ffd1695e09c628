/* Every function that the runtime exports, called in every way that is wrong: what it answers is what VPL's
 * headers say. The tables are in api_functions.c and api_values.c; here it is seen to that they leave nothing
 * out. */
#include "api_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum category {
    GOOD,   /* as it should be called */
    HANDLE, /* with what is no session */
    NUL,    /* NULL for one pointer */
    BEFORE, /* too early */
    AFTER,  /* after Close */
    AGAIN,  /* a second time */
    VALUE,  /* with a value that is not taken */
    CATEGORIES
};

static const char *const category_names[CATEGORIES] = {"good",  "handle", "null", "before",
                                                       "after", "again",  "value"};

static unsigned rows[CATEGORIES];
static unsigned wrong;
static mfxSession stale; /* closed */

static void fetch(const struct world *w, const struct api_function *f, uintptr_t *a)
{
    for (size_t i = 0; i < API_ARGUMENTS; i++) {
        const struct api_argument *argument = &f->arguments[i];
        const char *at = (const char *)w + argument->at;

        a[i] = 0;
        if (argument->kind == API_POINTER)
            a[i] = (uintptr_t)at;
        else if (argument->kind != API_UNUSED)
            memcpy(&a[i], at, sizeof(a[i]));
    }
}

/* A plain number that the function takes. */
static mfxU64 good_number(const struct api_function *f)
{
    static const struct {
        const char *name;
        mfxU64 number;
    } numbers[] = {
        {"MFXInit", MFX_IMPL_SOFTWARE},
        {"MFXQueryImplsDescription", MFX_IMPLCAPS_IMPLDESCSTRUCTURE},
        {"MFXSetPriority", MFX_PRIORITY_HIGH},
        {"MFXVideoCORE_SetHandle", MFX_HANDLE_VA_DISPLAY},
        {"MFXVideoCORE_GetHandle", MFX_HANDLE_VA_DISPLAY},
        {"MFXVideoCORE_SyncOperation", 60000},
        {"MFXVideoDECODE_SetSkipMode", MFX_SKIPMODE_MORE},
    };

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        if (!strcmp(numbers[i].name, f->name))
            return numbers[i].number;
    return 1; /* how many channels */
}

static void open_for(struct world *w, const struct api_function *f, enum api_state state)
{
    world_open(w, state);
    w->number = good_number(f);
    w->channel = API_CHANNEL;
}

static bool is_accepted(mfxStatus status)
{
    return status >= MFX_ERR_NONE || status == MFX_ERR_MORE_DATA || status == MFX_ERR_MORE_SURFACE;
}

static void call(struct world *w, const struct api_function *f, const uintptr_t *a, enum category category,
                 const char *what, mfxStatus expected)
{
    api_call function = api_find(f->name);
    mfxStatus status = f->call ? f->call(function, a) : function(a[0], a[1], a[2], a[3], a[4]);
    bool right = expected == API_ACCEPTED ? is_accepted(status) : status == expected;

    (void)w;
    rows[category]++;
    if (right)
        return;
    wrong++;
    printf("%s, %s: %s: answers %d, not %d\n", f->name, category_names[category], what, status, expected);
}

static void run_plain(const struct api_function *f, enum api_state state, enum category category,
                      const char *what, mfxStatus expected)
{
    struct world *w = calloc(1, sizeof(*w));
    uintptr_t a[API_ARGUMENTS];

    assert_non_null(w);
    open_for(w, f, state);
    fetch(w, f, a);
    call(w, f, a, category, what, expected);
    world_close(w);
    free(w);
}

static void run_with(const struct api_function *f, size_t argument, uintptr_t value, enum category category,
                     const char *what, mfxStatus expected)
{
    struct world *w = calloc(1, sizeof(*w));
    uintptr_t a[API_ARGUMENTS];

    assert_non_null(w);
    open_for(w, f, f->state);
    fetch(w, f, a);
    a[argument] = value;
    call(w, f, a, category, what, expected);
    world_close(w);
    free(w);
}

static void a_good_call_is_accepted(void **state)
{
    (void)state;
    for (size_t i = 0; i < api_function_count; i++)
        run_plain(&api_functions[i], api_functions[i].state, GOOD, "as it should be",
                  api_functions[i].flags & API_REFUSED ? MFX_ERR_UNSUPPORTED : API_ACCEPTED);
    assert_int_equal(wrong, 0);
}

static void no_function_trusts_a_session_handle(void **state)
{
    static const char room[4096];
    const uintptr_t handles[] = {0, (uintptr_t)stale, (uintptr_t)room, 1, UINTPTR_MAX};

    (void)state;
    for (size_t i = 0; i < api_function_count; i++)
        for (size_t k = 0; k < API_ARGUMENTS; k++)
            for (size_t h = 0; h < sizeof(handles) / sizeof(handles[0]); h++)
                if (api_functions[i].arguments[k].kind == API_SESSION)
                    run_with(&api_functions[i], k, handles[h], HANDLE, "a handle of no session",
                             MFX_ERR_INVALID_HANDLE);
    assert_int_equal(wrong, 0);
}

static mfxStatus null_answer(const struct api_function *f, size_t argument)
{
    for (size_t i = 0; i < api_null_count; i++)
        if (!strcmp(api_nulls[i].name, f->name) && api_nulls[i].argument == argument)
            return api_nulls[i].expected;
    return MFX_ERR_NULL_PTR;
}

/* A struct that is passed by value is no pointer of the function's. */
static bool can_be_null(const struct api_function *f, size_t argument)
{
    bool by_value = argument == 0 && (!strcmp(f->name, "MFXInitEx") || !strcmp(f->name, "MFXInitialize"));

    return !by_value &&
           (f->arguments[argument].kind == API_POINTER || f->arguments[argument].kind == API_SYNC);
}

static void null_is_refused_where_it_means_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < api_function_count; i++)
        for (size_t k = 0; k < API_ARGUMENTS; k++) {
            char what[32];

            if (!can_be_null(&api_functions[i], k))
                continue;
            (void)snprintf(what, sizeof(what), "argument %zu", k + 1);
            run_with(&api_functions[i], k, 0, NUL, what, null_answer(&api_functions[i], k));
        }
    assert_int_equal(wrong, 0);
}

static bool is_component(enum api_state state)
{
    return state == API_DECODER || state == API_ENCODER || state == API_VPP || state == API_DECODE_VPP;
}

static void what_comes_too_early_says_so(void **state)
{
    (void)state;
    for (size_t i = 0; i < api_function_count; i++)
        if (api_functions[i].before)
            run_plain(&api_functions[i], API_FRESH, BEFORE, "too early", api_functions[i].before);
    assert_int_equal(wrong, 0);
}

static void after_close_it_is_as_before_init(void **state)
{
    (void)state;
    for (size_t i = 0; i < api_function_count; i++) {
        const struct api_function *f = &api_functions[i];
        struct world *w = calloc(1, sizeof(*w));
        uintptr_t a[API_ARGUMENTS];

        assert_non_null(w);
        if (is_component(f->state)) {
            open_for(w, f, f->state);
            world_close_component(w, f->state);
            fetch(w, f, a);
            call(w, f, a, AFTER, "after Close", f->before);
            world_close(w);
        }
        free(w);
    }
    assert_int_equal(wrong, 0);
}

static void what_is_done_once_is_refused_a_second_time(void **state)
{
    (void)state;
    for (size_t i = 0; i < api_function_count; i++)
        if (api_functions[i].flags & API_ONCE)
            run_plain(&api_functions[i], api_functions[i].again_state, AGAIN, "a second time",
                      api_functions[i].again);
    assert_int_equal(wrong, 0);
}

static const struct api_function *find_function(const char *name)
{
    for (size_t i = 0; i < api_function_count; i++)
        if (!strcmp(api_functions[i].name, name))
            return &api_functions[i];
    return NULL;
}

static void values_that_are_not_taken_are_answered_as_documented(void **state)
{
    (void)state;
    for (size_t i = 0; i < api_value_count; i++) {
        const struct api_value *v = &api_values[i];
        const struct api_function *f = find_function(v->name);
        struct world *w = calloc(1, sizeof(*w));
        uintptr_t a[API_ARGUMENTS];

        assert_non_null(w);
        assert_non_null(f);
        open_for(w, f, v->state == API_FRESH ? f->state : v->state);
        memcpy((char *)w + v->at, &v->value, v->size); /* the low bytes come first */
        fetch(w, f, a);
        call(w, f, a, VALUE, v->what, v->expected);
        world_close(w);
        free(w);
    }
    assert_int_equal(wrong, 0);
}

/* --- nothing is left out */

static unsigned count_values(const char *name)
{
    unsigned count = 0;

    for (size_t i = 0; i < api_value_count; i++)
        count += !strcmp(api_values[i].name, name);
    return count;
}

/* What the built library exports, by nm: all of it is in the table, and nothing else. */
static void the_table_has_every_function_that_is_exported(void **state)
{
    char command[4096], line[512], name[512];
    unsigned exported = 0;
    FILE *nm;

    (void)state;
    (void)snprintf(command, sizeof(command), "LD_PRELOAD= nm -D --defined-only '%s'",
                   getenv("SOFTRT_LIBRARY"));
    nm = popen(command, "r");
    assert_non_null(nm);
    while (fgets(line, sizeof(line), nm)) {
        if (sscanf(line, "%*x T %511s", name) != 1 || strncmp(name, "MFX", 3) != 0)
            continue;
        exported++;
        if (!find_function(name))
            fail_msg("%s is exported, and has no rows", name);
    }
    assert_int_equal(pclose(nm), 0);
    assert_int_equal(exported, api_function_count);
}

static void every_function_has_rows_of_every_kind_that_applies(void **state)
{
    (void)state;
    for (size_t i = 0; i < api_function_count; i++) {
        const struct api_function *f = &api_functions[i];
        bool session = f->arguments[0].kind == API_SESSION;

        if (session != !(f->flags & API_NO_SESSION))
            fail_msg("%s: no row with a bad session", f->name);
        if (!count_values(f->name) != !!(f->flags & API_NO_VALUES))
            fail_msg("%s: %u rows of values", f->name, count_values(f->name));
        if (is_component(f->state) && !f->before)
            fail_msg("%s: no rows before Init and after Close", f->name);
        if (strstr(f->name, "_Init") && !(f->flags & (API_ONCE | API_REFUSED)))
            fail_msg("%s: no row for a second Init", f->name);
        for (size_t k = 0; k < api_value_count; k++)
            if (!find_function(api_values[k].name))
                fail_msg("%s: no such function", api_values[k].name);
    }
    for (size_t i = 0; i < api_null_count; i++)
        if (!find_function(api_nulls[i].name) ||
            !can_be_null(find_function(api_nulls[i].name), api_nulls[i].argument))
            fail_msg("%s: no pointer is argument %zu", api_nulls[i].name, api_nulls[i].argument);
}

static int begin(void **state)
{
    struct world *w = calloc(1, sizeof(*w));

    (void)state;
    assert_non_null(w);
    api_open();
    world_open(w, API_FRESH);
    stale = w->session;
    world_close(w);
    free(w);
    return 0;
}

static int end(void **state)
{
    unsigned all = 0;

    (void)state;
    api_close();
    for (size_t i = 0; i < CATEGORIES; i++) {
        all += rows[i];
        printf("%s %u, ", category_names[i], rows[i]);
    }
    printf("rows of %zu functions\n", api_function_count);
    printf("FIGURE api_conformance_calls %u\n", all);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_has_every_function_that_is_exported),
        cmocka_unit_test(every_function_has_rows_of_every_kind_that_applies),
        cmocka_unit_test(a_good_call_is_accepted),
        cmocka_unit_test(no_function_trusts_a_session_handle),
        cmocka_unit_test(null_is_refused_where_it_means_nothing),
        cmocka_unit_test(what_comes_too_early_says_so),
        cmocka_unit_test(after_close_it_is_as_before_init),
        cmocka_unit_test(what_is_done_once_is_refused_a_second_time),
        cmocka_unit_test(values_that_are_not_taken_are_answered_as_documented),
    };

    return cmocka_run_group_tests_name("softrt api conformance", tests, begin, end);
}
