/* What threads share, the lock, and the sets of surfaces: src/pool/internal.h, bits.h, bits.c. */

byte free_ = 0, pending = 0; /* with their gates */
byte lent = 0, retired = 0, absent = 0;
byte leases[CAPACITY];
bool marked[CAPACITY];        /* VFA__LEASES_LENT */
byte locked[CAPACITY];        /* Data.Locked */
byte flags[CAPACITY];
bool alive[CAPACITY];         /* ghost: the frame is there */
bool stale[CAPACITY];         /* ghost: was retired when it was taken */
byte batch[CAPACITY];         /* the batch of a place: an index is that of its first place */
byte batches = 0, retiring = 0;
byte count = 0, growing = 0, limit = LIMIT, generation = 0;

bool mutex = false;
byte queue[THREADS];
byte queued = 0;
byte outcome[THREADS];
byte handed[THREADS];
byte rest[THREADS];           /* AWAKE, ASLEEP, TOLD */
bool polls[THREADS];
bool failed[THREADS];
bool cancelled = false;
byte feeder = NOBODY;
byte inside = 0;
bool closed = false, destroyed = false;
bool gone = false;            /* the pool was freed */
bool records_gone = false;    /* before that: its slots and sets */
bool attached = true;         /* shared->pool: its interface knows the pool */
byte callers = 0;             /* shared->callers: who came that way and may touch the pool */
byte claiming = 0;            /* ghost: the limit has changed, and its pool was not told yet */

byte running = 0;             /* ghost: threads that are not done */
byte may_acquire = 0;         /* ghost: threads in a call, but for waiters: destroy is not for then */
bool no_more = false;         /* ghost: no thread begins an acquire any more */
byte kept = 0;                /* what the decoder holds for output or reference */
byte refs = 0;                /* references of the runtime */

/* The pool's memory is there; its records are. */
#define TOUCH assert(!gone)
#define TOUCH_RECORDS assert(!gone && !records_gone)

#define HEAD queue[0]
#define HOME ((free_ | pending | lent | retired | absent) & NUMBERS)
#define OPEN(word) (!((word)&GATE))
#ifdef MUTANT_GATE_IGNORED
#define MAY_TAKE(word, past) true
#else
#define MAY_TAKE(word, past) ((past) || OPEN(word))
#endif

#ifdef FEEDER
#ifdef MUTANT_ANYBODY_RECLAIMS
#define LENT_MAY_COME (lent != 0)
#else
#define LENT_MAY_COME (lent && feeder != NOBODY && in_queue[feeder])
#endif
bool in_queue[THREADS];
#else
#define LENT_MAY_COME false
#endif
#define WORTH_POLLING ((pending & NUMBERS) || LENT_MAY_COME)
#define MAY_GROW (!closed && count + growing < limit)

/* What holds whenever the lock is free. A waiter that sleeps, was not told and does not poll has nothing to wake
 * up for: no surface is free, none may become free unseen, none may be made. */
#define IDLE(w) (rest[w] == ASLEEP)
#define CHECK_QUEUE \
    assert(!queued || !closed); \
    assert(!queued || ((free_ & GATE) && (pending & GATE))); \
    assert(!queued || !(free_ & NUMBERS)); \
    assert(!queued || !IDLE(HEAD) || polls[HEAD] || !WORTH_POLLING); \
    assert(claiming || !queued || !MAY_GROW || !IDLE(HEAD) || failed[HEAD]); \
    assert(claiming || queued < 2 || !MAY_GROW || !IDLE(queue[1]) || failed[queue[1]] || !failed[HEAD]);

inline lock()
{
    atomic { TOUCH; !mutex -> mutex = true; }
}

inline unlock()
{
    d_step { TOUCH; CHECK_QUEUE mutex = false; }
}

inline signal(w)
{
    if
    :: rest[w] == ASLEEP -> rest[w] = TOLD;
    :: else -> skip;
    fi
}

/* bits.h: one compare-and-swap that succeeds. `past`: past the gate. Without the lock a look may be old. */
inline bits_take(word, past, out)
{
    atomic {
        TOUCH_RECORDS;
        if
        :: !MAY_TAKE(word, past) -> out = GATED;
        :: !(past) -> out = NONE;
        :: MAY_TAKE(word, past) && !(word & NUMBERS) -> out = NONE;
        :: MAY_TAKE(word, past) && (word & NUMBERS) ->
            assert((past) || !queued); /* nobody overtakes a waiter */
            out = 0;
            do
            :: !(word & BIT(out)) -> out++;
            :: else -> break;
            od
#ifdef MUTANT_TAKE_APART
            true; /* a load and a store: another thread may come in between */
        fi
    }
    if
    :: out < CAPACITY -> word = word & ~BIT(out);
    :: else -> skip;
    fi
}
#else
            word = word & ~BIT(out);
            stale[out] = flags[out] == RETIRED;
        fi
    }
}
#endif

inline bits_remove(word, past, number, out)
{
    atomic {
        TOUCH_RECORDS;
        if
        :: !MAY_TAKE(word, past) -> out = GATED;
        :: MAY_TAKE(word, past) && !(word & BIT(number)) -> out = NONE;
        :: MAY_TAKE(word, past) && (word & BIT(number)) ->
            assert((past) || !queued);
            word = word & ~BIT(number);
            stale[number] = flags[number] == RETIRED;
            out = number;
        fi
    }
}

/* A number that is in no other set, and its owner's. */
inline bits_give(word, past, number, given)
{
    atomic {
        TOUCH_RECORDS;
        assert(!(HOME & BIT(number)));
        if
        :: (past) || OPEN(word) -> word = word | BIT(number); given = true;
        :: else -> given = false;
        fi
    }
}

inline gates_shut()
{
    free_ = free_ | GATE;
    pending = pending | GATE;
}

inline gates_open()
{
    free_ = free_ & ~GATE;
    pending = pending & ~GATE;
}

/* internal.h: a moving surface becomes leased. */
inline lease(i)
{
    d_step {
        TOUCH_RECORDS;
        assert(!leases[i] && !marked[i] && !(HOME & BIT(i))); /* nobody else has it */
        assert(!locked[i]);
        assert(alive[i] && !stale[i] && !(flags[i] & ABSENT));
        leases[i] = 1;
    }
}
