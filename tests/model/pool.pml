/* The pool's surfaces: leases, the queue of waiters, lending to a decoder, frames that come and go, the end.
 *
 * Mirrors src/pool: each inline below has the name of the C function it follows, step by step; a step is one
 * atomic operation on memory that threads share without the lock, or what happens between two of those under the
 * lock. Sequentially consistent, but for one thing: a lock-free look at `free` may be old and find nothing.
 * Weaker orders cannot show here. The code needs few: number and gate share a word (bits.h), so "is somebody
 * waiting?" and "put it there" are one atomic operation, and all operations on one word have one order for all
 * threads; what travels with a surface goes with release and acquire on its bit, which ThreadSanitizer checks.
 *
 * Left out: more than one word of bits and its hints (the search that decides looks at every word, bits.c),
 * tokens (claimed leases are counted in the same word), Info of kept frames, statistics. A condition variable
 * does not wake up for nothing here: code that relied on that would be found.
 *
 * What takes part is chosen by macros: CAPACITY places, FIRST surfaces to begin with, LIMIT; APPS threads that
 * acquire, use and release ROUNDS times; RUNTIME (submitted surfaces are Locked for a while), FEEDER (a thread that
 * decodes and settles), REFS (its runtime takes references), TIMED and CANCELLED (sets of apps, as bits, that give
 * up), TRIM, RESET, CLOSE, DESTROY, CLAIM (a component says that it needs one surface more, and takes that back).
 * MUTANT_x: see run.sh. */

#ifndef CAPACITY
#define CAPACITY 2
#endif
#ifndef FIRST
#define FIRST CAPACITY
#endif
#ifndef LIMIT
#define LIMIT FIRST
#endif
#if LIMIT > FIRST || defined(CLAIM)
#define GROWS
#endif
#if defined(TRIM) || defined(RESET) || defined(GROWS)
#define RETIRES
#endif
#ifndef APPS
#define APPS 2
#endif
#ifndef ROUNDS
#define ROUNDS 1
#endif
#ifndef TIMED
#define TIMED 0
#endif
#ifndef CANCELLED
#define CANCELLED 0
#endif

#ifdef FEEDER
#define THREADS (APPS + 1)
#define FEEDER_ID APPS
#else
#define THREADS APPS
#endif
#define NOBODY 255

#define BIT(i) (1 << (i))
#define NUMBERS (BIT(CAPACITY) - 1)
#define GATE 128
#define NONE 254
#define GATED 253

/* Outcomes. */
#define QUEUED 0
#define HANDED 1
#define ABORTED 2
#define DISMISSED 3

/* slot.flags */
#define ABSENT 1
#define RETIRED 2

#define AWAKE 0
#define ASLEEP 1
#define TOLD 2

#include "pool_state.pml"
#include "pool_queue.pml"
#include "pool_frames.pml"
#include "pool_lease.pml"
#include "pool_threads.pml"

init
{
    byte i = 0;
    atomic {
        do
        :: i < CAPACITY ->
            if
            :: i < FIRST -> free_ = free_ | BIT(i); alive[i] = true; batch[i] = 0; batches = 1; count++;
            :: else -> absent = absent | BIT(i); flags[i] = ABSENT; batch[i] = i;
            fi
            i++;
        :: else -> break;
        od
        i = 0;
        do
        :: i < APPS -> running++; run app(i); i++;
        :: else -> break;
        od
        run runtime();
#ifdef FEEDER
        running++;
        run decode(FEEDER_ID);
#endif
#if CANCELLED
        running++;
        may_acquire++;
        run canceller();
#endif
#if defined(CLOSE) || defined(DESTROY)
        running++;
        run ender();
#endif
#ifdef CLAIM
        running++;
        run claimer();
#endif
#if defined(TRIM) || defined(RESET)
        running++;
        may_acquire++;
        run resizer();
#endif
        i = 0;
    }
    /* Everything ends, and comes home. Who waits for ever is found by this not being reached. */
    atomic {
        !running && !refs && !may_acquire;
        i = 0;
        do
        :: i < CAPACITY -> !locked[i] && !leases[i] -> i++;
        :: else -> break;
        od
    }
    atomic {
        assert(!callers && !claiming);
        assert(!queued && !inside && !growing && !mutex && !may_acquire);
#ifdef DESTROY
        assert(gone);
#else
        assert(HOME == NUMBERS);
        assert(closed || !((free_ | pending) & GATE));
#endif
    }
}
