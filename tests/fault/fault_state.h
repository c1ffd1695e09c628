/* What fault.c keeps, and fault_calls.c asks and counts. */
#ifndef VFA_TEST_FAULT_STATE_H
#define VFA_TEST_FAULT_STATE_H

#include "fault.h"

#include <stdatomic.h>

struct fault_state {
    atomic_long seen, at, every;
    atomic_bool on;
    atomic_int manner;
    _Atomic(const char *) hit;
    atomic_long blocks, mapped_bytes, locks, bad_closes;
    const char *prefix, *instead;
};
extern struct fault_state fault_state;

#endif
