/* Who uses the pool: the application's threads, a decoder and its runtime, and those that resize, cancel, close and
 * destroy. */

#define LOCALS byte k = 0, n = 0, s = 0, w = 0, m = 0, j = 0, g = 0; bool b = false, ok = false, c = false, \
    grew = false, expired = false

proctype app(byte me)
{
    byte i = NONE, rounds = ROUNDS;
    LOCALS;
    do
    :: atomic { rounds && !no_more -> may_acquire++; rounds--; }
        acquire(me, i);
        if
        :: i != NONE ->
            /* It uses the frame, and may submit it. */
            atomic {
                assert(leases[i] == 1 && alive[i]);
#ifdef RUNTIME
                if
                :: locked[i] = 1;
                :: true;
                fi
#endif
            }
            release(i);
            i = NONE;
        :: else -> skip;
        fi
    :: atomic { !rounds || no_more -> break; }
    od
    running--;
}

#ifdef FEEDER
proctype decode(byte me)
{
    byte i = NONE, out = NONE, rounds = ROUNDS;
    LOCALS;
    do
    :: atomic { rounds && !no_more -> may_acquire++; rounds--; }
        acquire(me, i);
        if
        :: i != NONE ->
            /* DecodeFrameAsync: the decoder may keep the work surface, and may show one that it keeps. */
            atomic {
                assert(leases[i] == 1 && alive[i]);
                out = NONE;
                if
                :: kept & 1 -> out = 0;
#if CAPACITY > 1
                :: kept & 2 -> out = 1;
#endif
                :: true;
                fi
                if
                :: out != NONE -> kept = kept & ~BIT(out);
                :: else -> skip;
                fi
                /* It keeps less than there is, or nothing would go on. */
                if
                :: (kept | BIT(i)) != NUMBERS -> kept = kept | BIT(i); locked[i] = 1;
#ifdef REFS
                :: (kept | BIT(i)) != NUMBERS ->
                    kept = kept | BIT(i);
                    refs = refs | BIT(i);
                    leases[i] = leases[i] + 1;
#endif
                :: true;
                fi
            }
            settle(me, i, out);
            if
            :: out != NONE -> release(out); out = NONE;
            :: else -> skip;
            fi
            i = NONE;
        :: else -> skip;
        fi
    :: atomic { !rounds || no_more -> break; }
    od
    atomic { kept = 0; running--; } /* the decoder closes */
}
#endif

/* The runtime lets go of what it does not keep, when it likes. */
proctype runtime()
{
    byte i = NONE;
    LOCALS;
end:
    do
    :: atomic { locked[0] && !(kept & BIT(0)) -> locked[0] = 0; }
#if CAPACITY > 1
    :: atomic { locked[1] && !(kept & BIT(1)) -> locked[1] = 0; }
#endif
#if CAPACITY > 2
    :: atomic { locked[2] && !(kept & BIT(2)) -> locked[2] = 0; }
#endif
#ifdef REFS
    :: atomic { refs & ~kept ->
            if
            :: (refs & ~kept) & 1 -> i = 0;
            :: (refs & ~kept) & 2 -> i = 1;
            fi
            refs = refs & ~BIT(i);
            may_acquire++;
        }
        release(i);
        i = NONE;
        may_acquire--;
#endif
    od
}

#if CANCELLED
proctype canceller()
{
    byte i = 0;
    LOCALS;
    lock();
    cancelled = true;
    do
    :: i < queued ->
        if
        :: CANCELLED & BIT(queue[i]) -> w = queue[i]; dismiss(w, DISMISSED);
        :: else -> i++;
        fi
    :: else -> break;
    od
#ifndef MUTANT_CANCEL_UNTOLD
    serve();
#endif
    leave();
    atomic { may_acquire--; running--; }
}
#endif

#if defined(CLOSE) || defined(DESTROY)
inline shut()
{
    if
    :: !closed ->
        closed = true;
#ifndef MUTANT_END_GATES_OPEN
        gates_shut();
#endif
        do
        :: queued ->
#ifdef MUTANT_CLOSE_UNTOLD
            w = HEAD;
            dequeue(w);
            outcome[w] = ABORTED;
#else
            w = HEAD;
            dismiss(w, ABORTED);
#endif
        :: else -> break;
        od
    :: else -> skip;
    fi
}

proctype ender()
{
    LOCALS;
#ifdef CLOSE
    lock();
    shut();
    leave();
#endif
#ifdef DESTROY
    atomic { !may_acquire -> no_more = true; } /* pool.h: threads may wait, and none may begin to */
    lock();
    shut();
    destroyed = true;
    leave();
#endif
    running--;
}
#endif

inline open_gates_again()
{
    if
    :: !queued && !closed -> gates_open();
    :: else -> skip;
    fi
}

#ifdef CLAIM
/* interface_pool.c: the pool follows the limit, which is read with or without its lock. */
inline follow_claims()
{
    atomic { callers = callers + attached; b = attached; } /* still under the interface's lock */
    if
    :: !b -> claiming--;
    :: else ->
        lock();
        if
#ifndef MUTANT_CLAIM_AT_END
        :: destroyed -> claiming--; b = 0; unlock();
#endif
        :: else ->
            /* resize.c: shrink */
            if
            :: count > limit ->
                gates_shut();
                s = FIRST;
                do
                :: s < CAPACITY ->
                    if
                    :: (batches & BIT(s)) && count > limit -> retire(s);
                    :: else -> skip;
                    fi
                    s++;
                :: else -> s = 0; break;
                od
                open_gates_again();
            :: else -> skip;
            fi
            claiming--;
#ifndef MUTANT_CLAIM_UNTOLD
            serve();
#endif
            free_complete();
            leave_unfreed(b);
        fi
        callers--;
        if
        :: b -> free_pool();
        :: else -> skip;
        fi
    fi
    b = 0;
}

proctype claimer()
{
    LOCALS;
    atomic { limit++; claiming++; } /* SetNumSurfaces */
    follow_claims();
    atomic { limit--; claiming++; } /* RevokeSurfaces */
    follow_claims();
    running--;
}
#endif

#if defined(TRIM) || defined(RESET)

proctype resizer()
{
    byte i = NONE;
    LOCALS;
#ifdef TRIM
    lock();
    gates_shut();
    i = FIRST; /* those of the beginning stay */
    do
    :: i < CAPACITY ->
        if
        :: (batches & BIT(i)) && !locked[i] && ((free_ | pending) & BIT(i)) -> retire(i);
        :: else -> skip;
        fi
        i++;
    :: else -> break;
    od
    open_gates_again();
    serve();
    leave();
#endif
#ifdef RESET
    i = NONE;
    lock();
    if
    :: closed -> skip;
    :: else ->
        inside++;
        make_batch(i); /* without the lock in the code; it takes it for the place */
        unlock();
        if
        :: i != NONE -> alive[i] = true;
        :: else -> skip;
        fi
        lock();
        inside--;
        if
        :: i == NONE -> skip;
        :: i != NONE && closed -> retire_unused(i);
        :: else ->
            gates_shut();
            s = 0;
            do
            :: s < CAPACITY ->
                if
                :: batches & BIT(s) -> retire(s);
                :: else -> skip;
                fi
                s++;
            :: else -> s = 0; break;
            od
            generation = 1;
            install(i);
            open_gates_again();
        fi
    fi
    serve();
    leave();
#endif
    atomic { may_acquire--; running--; }
}
#endif
