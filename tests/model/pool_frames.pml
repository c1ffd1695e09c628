/* Frames that come and go in batches, and the pool's end: src/pool/frames.c, pool.c, resize.c. */

/* frames.c */
inline is_complete(m)
{
    /* m: the batch's first place; ok: the answer */
    ok = true;
    k = 0;
    do
    :: k < CAPACITY ->
        if
        :: batch[k] == m && (flags[k] & RETIRED) ->
            d_step { /* shelve: two removals and a give; past the gate, whoever else gives finds the bit moved */
                if
                :: (free_ | pending) & BIT(k) ->
                    free_ = free_ & ~BIT(k);
                    pending = pending & ~BIT(k);
                    retired = retired | BIT(k);
                :: else -> skip;
                fi
            }
            if
#ifdef MUTANT_FREED_OUT
            :: false -> skip;
#else
            :: !(retired & BIT(k)) || locked[k] -> ok = false;
#endif
            :: else -> skip;
            fi
        :: else -> skip;
        fi
        k++;
    :: else -> k = 0; break;
    od
}

/* pool.c: by one thread, once. */
inline free_pool()
{
    atomic { TOUCH_RECORDS; records_gone = true; }
    attached = false; /* vfa__interface_pool_detach */
#ifdef MUTANT_CALLERS_FORGOTTEN
    gone = true;
#else
    atomic { !callers -> assert(!gone); gone = true; }
#endif
}

/* Unlocks. over: whether the caller is to free the pool. */
inline leave_unfreed(over)
{
    atomic {
        over = destroyed && !inside && HOME == NUMBERS;
#ifdef MUTANT_END_EARLY
        over = destroyed && !inside;
#endif
        unlock();
    }
}

/* Frees the batches whose time has come. */
inline free_complete()
{
#ifdef RETIRES
    m = 0;
    do
    :: m < CAPACITY ->
        ok = false;
        if
        :: retiring & BIT(m) -> is_complete(m);
        :: else -> skip;
        fi
        if
        :: ok ->
            d_step {
                retiring = retiring & ~BIT(m);
                k = 0;
                do
                :: k < CAPACITY ->
                    if
                    :: batch[k] == m && (flags[k] & RETIRED) -> retired = retired & ~BIT(k); flags[k] = ABSENT;
                    :: else -> skip;
                    fi
                    k++;
                :: else -> break;
                od
                k = 0;
                inside++;
            }
            unlock();
            d_step { /* clear_surfaces, Free: calls that touch nothing which is shared */
                do
                :: k < CAPACITY ->
                    if
                    :: batch[k] == m && flags[k] == ABSENT && alive[k] ->
                        assert(!leases[k] && !marked[k] && !locked[k]); /* nobody uses a freed frame */
                        alive[k] = false;
                    :: else -> skip;
                    fi
                    k++;
                :: else -> break;
                od
                k = 0;
            }
            lock();
            d_step {
                do
                :: k < CAPACITY ->
                    if
                    :: batch[k] == m && flags[k] == ABSENT -> absent = absent | BIT(k);
                    :: else -> skip;
                    fi
                    k++;
                :: else -> break;
                od
                k = 0;
                inside--;
            }
            m = 0;
        :: else -> m++;
        fi
    :: else -> m = 0; break;
    od
    ok = false;
#else
    skip;
#endif
}

/* Frees the batches whose time has come, unlocks, frees the pool when it is over. */
inline leave()
{
    free_complete();
    leave_unfreed(b);
    if
    :: b -> free_pool();
    :: else -> skip;
    fi
    b = 0;
}

/* frames.c: a batch of one place. Under the lock; NONE: no place. */
inline make_batch(i)
{
    atomic {
        if
        :: absent & NUMBERS ->
            i = 0;
            do
            :: !(absent & BIT(i)) -> i++;
            :: else -> break;
            od
            absent = absent & ~BIT(i);
            batch[i] = i;
            assert(!alive[i]);
        :: else -> i = NONE;
        fi
    }
}

inline install(i)
{
    d_step { batches = batches | BIT(i); count++; flags[i] = 0; }
    put_locked(i);
}

/* Under the lock, the gates shut. m: a batch's first place. */
inline retire(m)
{
    d_step {
        batches = batches & ~BIT(m);
        retiring = retiring | BIT(m);
        k = 0;
        do
        :: k < CAPACITY ->
            if
            :: batch[k] == m && !(flags[k] & ABSENT) ->
                count--;
                flags[k] = RETIRED;
                if
                :: (free_ | pending) & BIT(k) ->
                    free_ = free_ & ~BIT(k);
                    pending = pending & ~BIT(k);
                    retired = retired | BIT(k);
                :: else -> skip;
                fi
            :: else -> skip;
            fi
            k++;
        :: else -> break;
        od
        k = 0;
    }
}

inline retire_unused(m)
{
    d_step { retiring = retiring | BIT(m); flags[m] = RETIRED; retired = retired | BIT(m); }
}
