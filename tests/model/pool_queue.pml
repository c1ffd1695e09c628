/* The queue of waiters, and what is done for it under the lock: src/pool/wait.c, and of lease.c and settle.c what
 * runs under the lock. */

/* lease.c: under the lock, past the gate. */
inline put_locked(i)
{
    b = locked[i] != 0;
    d_step {
        TOUCH_RECORDS;
        assert(!(HOME & BIT(i)));
        if
        :: flags[i] & RETIRED -> retired = retired | BIT(i);
        :: else ->
            if
            :: b -> pending = pending | BIT(i);
            :: else -> free_ = free_ | BIT(i);
            fi
        fi
        b = 0;
    }
}

/* settle.c: a lent surface whose Locked is 0 comes home. */
inline reclaim_lent()
{
#ifdef FEEDER
    k = 0;
    do
    :: k < CAPACITY ->
        if
        :: (lent & BIT(k)) && !locked[k] -> lent = lent & ~BIT(k); put_locked(k);
        :: else -> skip;
        fi
        k++;
    :: else -> k = 0; break;
    od
#else
    skip;
#endif
}

/* lease.c: take, is_usable, put_back and catch_up under the lock. */
inline is_usable_locked(i)
{
    if
#ifndef MUTANT_LOCKED_ONCE
    :: locked[i] != 0 -> bits_give(pending, true, i, ok); ok = false;
#endif
    :: else ->
        if
        :: flags[i] & RETIRED -> put_locked(i); ok = false;
        :: else -> ok = true;
        fi
    fi
}

inline take_locked(i)
{
    do
    :: true ->
        bits_take(free_, true, i);
        if
        :: i == NONE -> break;
        :: else ->
            is_usable_locked(i);
            if
            :: ok -> break;
            :: else -> skip;
            fi
        fi
    od
    if
    :: i == NONE ->
        k = 0;
        do
        :: k < CAPACITY && i == NONE ->
            if
            :: (pending & BIT(k)) && !locked[k] ->
                bits_remove(pending, true, k, i);
                if
                :: i != NONE ->
                    is_usable_locked(i);
                    if
                    :: ok -> skip;
                    :: else -> i = NONE;
                    fi
                :: else -> skip;
                fi
            :: else -> skip;
            fi
            k++;
        :: else -> k = 0; break;
        od
    :: else -> skip;
    fi
    ok = false;
}

/* wait.c */
inline enqueue(me)
{
    if
    :: !queued ->
#ifndef MUTANT_NO_GATE
        gates_shut();
#else
        skip;
#endif
    :: else -> skip;
    fi
    d_step {
        queue[queued] = me;
        queued++;
        outcome[me] = QUEUED;
#ifdef FEEDER
        in_queue[me] = true;
#endif
        may_acquire--;
    }
}

inline dequeue(w)
{
    atomic {
        n = 0;
        do
        :: queue[n] != w -> n++;
        :: else -> break;
        od
        queued--;
        do
        :: n < queued -> queue[n] = queue[n + 1]; n++;
        :: else -> break;
        od
        queue[queued] = 0;
        n = 0;
#ifdef FEEDER
        in_queue[w] = false;
#endif
    }
    if
    :: !queued && !closed -> gates_open();
    :: else -> skip;
    fi
}

inline dismiss(w, how)
{
    dequeue(w);
    d_step { outcome[w] = how; signal(w); }
}

/* Those who may make a surface are told that there may be one more. */
inline tell_growers()
{
#if !defined(MUTANT_GROWERS_UNTOLD) && defined(GROWS)
    d_step {
        n = 0;
        do
        :: n < queued && MAY_GROW ->
            if
            :: !failed[queue[n]] -> signal(queue[n]); break;
            :: else -> n++;
            fi
        :: else -> break;
        od
        n = 0;
    }
#else
    skip;
#endif
}

inline serve()
{
    if
    :: LENT_MAY_COME -> reclaim_lent();
    :: else -> skip;
    fi
    do
    :: queued ->
        take_locked(s);
        if
        :: s == NONE -> break;
        :: else ->
            w = HEAD;
#ifdef MUTANT_LAST_FIRST
            w = queue[queued - 1];
#endif
            assert(w == HEAD); /* who came first */
            lease(s);
            handed[w] = s;
            dismiss(w, HANDED);
        fi
    :: else -> break;
    od
    s = 0; w = 0;
#ifndef MUTANT_NOBODY_POLLS
    d_step {
        if
        :: queued && !polls[HEAD] && WORTH_POLLING -> signal(HEAD);
        :: else -> skip;
        fi
    }
#endif
    tell_growers();
}
