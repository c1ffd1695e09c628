/* How calls are counted, and which of them fail. */
#include "fault_state.h"

#include <stdlib.h>
#include <string.h>

struct fault_state fault_state;

void fault_arm(long n, bool on)
{
    atomic_store(&fault_state.seen, 0);
    atomic_store(&fault_state.hit, NULL);
    atomic_store(&fault_state.on, on);
    atomic_store(&fault_state.at, n);
}

void fault_in_manner(int manner)
{
    atomic_store(&fault_state.manner, manner);
}

void fault_arm_every(long n)
{
    fault_arm(0, false);
    atomic_store(&fault_state.every, n);
}

long fault_disarm(void)
{
    atomic_store(&fault_state.every, 0);
    atomic_store(&fault_state.at, 0);
    return atomic_load(&fault_state.seen);
}

const char *fault_hit(void)
{
    return atomic_load(&fault_state.hit);
}

/* Names of functions that failed, each one for all calls of it; there is room for all. */
#define NAMES_MAX 64
static _Atomic(const char *) met[NAMES_MAX];

static void remember(const char *name)
{
    for (size_t i = 0; i < NAMES_MAX; i++) {
        const char *none = NULL;
        if (atomic_compare_exchange_strong(&met[i], &none, name) || strcmp(none, name) == 0)
            return;
    }
    abort();
}

bool fault_met(const char *name)
{
    for (size_t i = 0; i < NAMES_MAX && atomic_load(&met[i]); i++)
        if (strcmp(atomic_load(&met[i]), name) == 0)
            return true;
    return false;
}

bool fault_meets(const char *name)
{
    long n = atomic_fetch_add(&fault_state.seen, 1) + 1, at = atomic_load(&fault_state.at);
    long every = atomic_load(&fault_state.every);
    bool fails = (at && (atomic_load(&fault_state.on) ? n >= at : n == at)) || (every && n % every == 0);
    const char *none = NULL;
    if (fails) {
        (void)atomic_compare_exchange_strong(&fault_state.hit, &none, name);
        remember(name);
    }
    return fails;
}

struct fault_live fault_live(void)
{
    return (struct fault_live){.blocks = atomic_load(&fault_state.blocks),
                               .mapped_bytes = atomic_load(&fault_state.mapped_bytes),
                               .locks = atomic_load(&fault_state.locks)};
}

long fault_bad_closes(void)
{
    return atomic_exchange(&fault_state.bad_closes, 0);
}

void fault_redirect(const char *prefix, const char *instead)
{
    fault_state.prefix = prefix;
    fault_state.instead = instead;
}
