/* A driver that answers success, and something that cannot be: a table between the backend and another one,
 * which changes answers on their way. */
#ifndef VFA_TEST_LIAR_H
#define VFA_TEST_LIAR_H

#include "fake_va.h"

struct lie {
    const char *name;
    enum fake_call call;
    void (*tell)(VADisplay display, void *answer);
    bool harmless; /* whoever believes it comes to no harm, and need not see it */
};
extern const struct lie liar_lies[];
extern const size_t liar_lie_count;

/* Every entry of `api`, which is given as the true one, from now on may lie. */
void liar_wrap(struct vfa_va_api *api);

/* The n-th answer of the lie's call from now on is the lie (0: none is), and with `on` all after it. */
void liar_arm(const struct lie *lie, long n, bool on);

/* How often it was told since. */
long liar_told(void);

#endif
