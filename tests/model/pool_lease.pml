/* Acquire, release and settle: src/pool/lease.c, settle.c, and of wait.c (stay_in_queue, acquire_locked) and resize.c
 * (grow) what an acquire does. */

/* lease.c: put_slowly, a try without the lock that ends in ok. */
inline try_put(i)
{
    b = locked[i] != 0;
    ok = !(flags[i] & RETIRED);
    if
#ifdef MUTANT_GATE_APART
    /* As with a flag "somebody waits" beside the set: looked at, then acted upon. */
    :: ok && b -> ok = !(pending & GATE); if :: ok -> bits_give(pending, true, i, ok); :: else -> skip; fi
    :: ok && !b -> ok = !(free_ & GATE); if :: ok -> bits_give(free_, true, i, ok); :: else -> skip; fi
#else
    :: ok && b -> bits_give(pending, false, i, ok);
    :: ok && !b -> bits_give(free_, false, i, ok);
#endif
    :: else -> skip;
    fi
    b = 0;
}

/* lease.c: put. After a give that succeeded the pool is not touched. */
inline put(i)
{
#ifndef MUTANT_GATE_APART
    ok = !locked[i];
    ok = ok && !flags[i]; /* is_plain: two looks */
    if
    :: ok -> bits_give(free_, false, i, ok);
    :: else -> skip;
    fi
#endif
    if
    :: ok -> skip;
    :: else -> try_put(i);
    fi
    if
    :: ok ->
        ok = false;
#ifdef MUTANT_PUT_LOOKS_AFTER
        TOUCH;
#endif
    :: else ->
        lock();
        put_locked(i);
#ifndef MUTANT_PUT_UNTOLD
        serve();
#endif
        leave();
    fi
}

/* lease.c: take and what it is made of, without the lock. NONE and GATED are one here: both go to the lock. */
inline is_usable(i)
{
    ok = !locked[i];
    ok = ok && !flags[i];
    if
    :: ok -> skip;
#ifndef MUTANT_LOCKED_ONCE
    :: !ok && locked[i] != 0 ->
        bits_give(pending, false, i, ok);
        if
        :: ok -> ok = false;
        :: else -> put(i); ok = false;
        fi
#endif
    :: else ->
        if
#ifdef MUTANT_LEASED_RETIRED
        :: true -> ok = true;
#else
        :: !flags[i] -> ok = true;
        :: else ->
            lock();
            if
            :: flags[i] & RETIRED -> put_locked(i); c = false;
            :: else -> c = true;
            fi
            leave();
            ok = c;
            c = false;
#endif
        fi
    fi
}

inline take(i)
{
    do
    :: true ->
        bits_take(free_, false, i);
        if
        :: i == NONE || i == GATED -> break;
        :: else ->
            is_usable(i);
            if
            :: ok -> ok = false; break;
            :: else -> skip;
            fi
        fi
    od
    if
    :: i == NONE ->
        j = 0;
        do
        :: j < CAPACITY && i == NONE ->
            if
            :: (pending & BIT(j)) && !locked[j] ->
                bits_remove(pending, false, j, i);
                if
                :: i != NONE && i != GATED ->
                    is_usable(i);
                    if
                    :: ok -> ok = false;
                    :: else -> i = NONE;
                    fi
                :: else -> skip;
                fi
            :: else -> skip;
            fi
            j++;
        :: else -> j = 0; break;
        od
    :: else -> skip;
    fi
}

/* resize.c: what a waiter does before it sleeps; grew: it left the lock. */
inline grow(me, i)
{
    grew = false;
#ifdef GROWS
    if
    :: !failed[me] && MAY_GROW ->
        growing++;
        g = generation;
        unlock();
        if
        :: i = 0; /* Alloc gives a frame */
#ifndef NO_FAIL
        :: i = NONE;
#endif
        fi
        lock();
        if
        :: i != NONE -> make_batch(i);
        :: else -> skip;
        fi
        growing--;
        if
        :: i == NONE -> failed[me] = true;
        :: else ->
            alive[i] = true;
            if
            :: closed || g != generation || count >= limit -> retire_unused(i);
            :: else -> install(i);
            fi
        fi
        i = NONE;
        g = 0;
        grew = true;
    :: else -> skip;
    fi
#endif
}

inline sleep(me)
{
    d_step {
        polls[me] = HEAD == me && WORTH_POLLING;
#ifdef MUTANT_NOBODY_POLLS
        polls[me] = false;
#endif
        rest[me] = ASLEEP;
        CHECK_QUEUE
        mutex = false;
    }
    atomic {
        if
        :: rest[me] == TOLD;
        :: rest[me] == ASLEEP && polls[me];
        :: rest[me] == ASLEEP && (TIMED & BIT(me)) -> expired = true;
        fi
        rest[me] = AWAKE;
    }
    lock();
    polls[me] = false;
}

inline stay_in_queue(me, i)
{
    enqueue(me);
    inside++;
#ifndef MUTANT_NO_SECOND_LOOK
    serve();
#endif
    do
    :: outcome[me] == QUEUED ->
        grow(me, i);
        if
        :: !grew && expired -> break;
        :: !grew && !expired -> sleep(me);
        :: else -> skip;
        fi
        grew = false;
#ifdef MUTANT_GROWN_UNTOLD
        if
        :: outcome[me] == QUEUED -> serve();
        :: else -> skip;
        fi
#else
        serve();
#endif
    :: else -> break;
    od
    if
#ifdef MUTANT_TIMEOUT_LOSES
    :: expired && outcome[me] == HANDED -> outcome[me] = QUEUED;
#endif
    :: outcome[me] == QUEUED ->
        dequeue(me);
#ifndef MUTANT_LEAVES_UNTOLD
        serve();
#endif
    :: else -> skip;
    fi
    inside--;
    failed[me] = false;
    expired = false;
    i = (outcome[me] == HANDED -> handed[me] : NONE);
    handed[me] = 0;
    outcome[me] = QUEUED;
}

inline acquire_slowly(me, i)
{
    lock();
    i = NONE;
    if
    :: closed -> may_acquire--;
    :: else ->
#ifdef FEEDER
        if
        :: feeder == me -> reclaim_lent(); serve();
        :: else -> skip;
        fi
#endif
        if
#ifdef MUTANT_JUMPS_QUEUE
        :: true ->
#else
        :: !queued ->
#endif
            take_locked(i);
            if
            :: i != NONE ->
                assert(!queued); /* nobody overtakes a waiter */
                lease(i);
                may_acquire--;
            :: else -> skip;
            fi
        :: else -> skip;
        fi
        if
        :: i == NONE && (CANCELLED & BIT(me)) && cancelled -> may_acquire--;
        :: i == NONE && !((CANCELLED & BIT(me)) && cancelled) -> stay_in_queue(me, i);
        :: else -> skip;
        fi
    fi
    leave();
}

inline acquire(me, i)
{
    take(i);
    if
    :: i == NONE || i == GATED -> acquire_slowly(me, i);
    :: else -> lease(i); may_acquire--;
    fi
}

/* lease.c */
inline release(i)
{
    b = false;
    do
    :: true ->
        atomic {
            assert(leases[i] > 0 && alive[i] && !gone);
            if
#ifndef MUTANT_MARK_IGNORED
            :: marked[i] -> b = true;
#endif
            :: else -> leases[i] = leases[i] - 1; b = leases[i] == 0; c = true;
            fi
        }
        if
        :: c && b -> c = false; put(i); break;
        :: c && !b -> c = false; break;
        :: else -> /* end_lent */
            lock();
            atomic {
                c = marked[i];
                if
                :: c ->
                    leases[i] = leases[i] - 1;
                    b = leases[i] == 0;
                    if
                    :: b -> marked[i] = false;
                    :: else -> skip;
                    fi
                :: else -> skip;
                fi
            }
            if
            :: c && b -> bits_give(lent, true, i, b); serve();
            :: else -> skip;
            fi
            b = false;
            leave();
            if
            :: c -> c = false; break;
            :: else -> skip;
            fi
        fi
    od
    b = false;
}

#ifdef FEEDER
/* settle.c */
inline settle(me, work, out)
{
    lock();
    /* end_lease */
    atomic {
        assert(leases[work] && !marked[work]);
        c = leases[work] == 1;
        leases[work] = leases[work] - 1;
        if
        :: c -> skip;
        :: else -> marked[work] = true;
        fi
    }
    /* take_output */
    if
    :: out == NONE -> skip;
    :: else ->
        atomic {
            if
            :: marked[out] -> marked[out] = false; leases[out] = leases[out] + 1; b = true;
            :: else ->
                b = ((lent | pending | retired) & BIT(out)) != 0;
                lent = lent & ~BIT(out);
                pending = pending & ~BIT(out);
                retired = retired & ~BIT(out);
                assert(b); /* what the decoder outputs is given to nobody else */
                assert(!leases[out] && alive[out]);
                leases[out] = 1;
            fi
            b = false;
        }
    fi
    if
    :: c -> bits_give(lent, true, work, c);
    :: else -> skip;
    fi
    c = false;
    feeder = me;
    reclaim_lent();
    serve();
    leave();
}
#endif
