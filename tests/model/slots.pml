/* The allocator's frames: locked by handles that may be old, freed while locked, their slots used again.
 *
 * Mirrors src/allocator: slots.c (the state word: each inline is one compare-and-swap that succeeds), lock.c and
 * quick.h (Lock and Unlock of frames that are always mapped, and with MAP of those that their first lock maps), frames.c
 * (sets: made, retired, ended) and of book.c that one Free of a response finds it. Sequentially consistent: a frame's
 * facts are written before the release that publishes it and read after the acquire that locks it, and the last unlock
 * acquires what the others released; ThreadSanitizer checks that these orders are asked for.
 *
 * A handle is (slot, generation); set number k is made of all slots in their k-th generation. Left out: chunks (slots
 * stay until the allocator ends), sets that share slots with others, shared references (counted under the book's
 * lock), rights of maps.
 *
 * SLOTS in a set, SETS made one after the other; USERS threads that lock and unlock ROUNDS times, each with the newest
 * handle or the one it had; MAP; PIN (a thread that pins); FREES threads that free each set, one of which must be
 * told that it was freed before. MUTANT_x: see run.sh. */

#ifndef SLOTS
#define SLOTS 2
#endif
#ifndef SETS
#define SETS 2
#endif
#ifndef USERS
#define USERS 2
#endif
#ifndef ROUNDS
#define ROUNDS 1
#endif
#ifndef FREES
#define FREES 1
#endif

/* The state word of each slot. */
byte generation[SLOTS];
bool live[SLOTS], dying[SLOTS];
byte locks[SLOTS], pins[SLOTS];

byte set_of[SLOTS];           /* slot.set, slot.frame, the pointers: one step, while the slot is dead */
bool map_lock[SLOTS];
bool mapped[SLOTS];           /* slot.channel, and the backend's map */
bool mapping[SLOTS];          /* ghost: a thread is in the backend's map or unmap */
byte retired_in[SLOTS];       /* ghost: the generation in which the slot was retired */

byte alive[SETS + 1];         /* set.alive */
bool record[SETS + 1];        /* ghost: struct vfa__set is there */
bool frames[SETS + 1];        /* ghost: the backend's memory is there */
bool listed[SETS + 1];        /* in the book, not freed */
bool returned = true;         /* the slots are free */
byte mid = 0;                 /* the newest handles */
byte running = 0;

/* slots.c */
inline slot_lock(i, m, good)
{
    atomic {
        if
#ifdef MUTANT_STALE_HANDLE
        :: live[i] ->
#else
#ifdef MUTANT_LOCK_DYING
        :: (live[i] || dying[i]) && generation[i] == m ->
#else
        :: live[i] && generation[i] == m ->
#endif
#endif
            assert(retired_in[i] != generation[i]); /* no new lock of a freed frame */
            locks[i]++;
            good = true;
        :: else -> good = false;
        fi
    }
}

/* Takes from `held`; the last one of a freed frame makes it dead. */
inline slot_give_up(i, held, died)
{
#ifdef MUTANT_UNLOCK_APART
    died = dying[i] && locks[i] + pins[i] == 1;
#endif
    atomic {
        assert(held);
        held--;
#ifndef MUTANT_UNLOCK_APART
        died = dying[i] && !locks[i] && !pins[i];
#endif
#ifdef MUTANT_UNLOCK_FORGETS
        died = false;
#endif
        if
        :: died -> die(i);
        :: else -> skip;
        fi
    }
}

inline die(i)
{
    live[i] = false;
    dying[i] = false;
#ifndef MUTANT_SAME_GENERATION
    generation[i]++;
#endif
}

inline slot_retire(i, died)
{
    atomic {
        assert(live[i]);
        retired_in[i] = generation[i];
#if defined(MUTANT_RETIRE_BLIND)
        died = true;
#elif defined(MUTANT_PIN_IGNORED)
        died = !locks[i];
#else
        died = !locks[i] && !pins[i];
#endif
        if
        :: died -> die(i);
        :: else -> live[i] = false; dying[i] = true;
        fi
    }
}

/* frames.c */
inline set_frame_died(k, last)
{
    atomic {
        assert(record[k] && alive[k]);
        alive[k]--;
        last = !alive[k];
    }
    if
    :: last ->
        /* book_remove, slots_return, set_end */
        atomic {
            assert(!listed[k] && !returned);
            returned = true;
        }
        atomic {
            assert(record[k] && frames[k]);
            frames[k] = false;
            record[k] = false;
        }
    :: else -> skip;
    fi
    last = false;
}

/* Ends a set that this call took out of the book. */
inline set_retire(k, i, died)
{
    i = 0;
    do
    :: i < SLOTS ->
        assert(record[k]); /* its array of slots is read */
        slot_retire(i, died);
        if
        :: died -> atomic { assert(alive[k]); alive[k]--; }
        :: else -> skip;
        fi
        died = false;
        i++;
    :: else -> i = 0; break;
    od
    set_frame_died(k, died);
}

/* lock.c */
inline lock_map(i)
{
#ifdef MUTANT_NO_MAP_LOCK
    skip;
#else
    atomic { !map_lock[i] -> map_lock[i] = true; }
#endif
}

inline unlock_map(i)
{
    map_lock[i] = false;
}

inline map_first(i, ok)
{
    atomic {
        assert(!mapping[i] && !mapped[i]);
        assert(frames[set_of[i]]);
        mapping[i] = true;
    }
    atomic {
        assert(frames[set_of[i]]);
        mapping[i] = false;
        if
        :: mapped[i] = true; ok = true;
        :: ok = false; /* the driver refuses */
        fi
    }
}

inline unmap_last(i)
{
    atomic {
        assert(mapped[i] && !mapping[i]);
        assert(frames[set_of[i]]);
        mapped[i] = false;
        mapping[i] = true;
    }
    atomic {
        assert(frames[set_of[i]]);
        mapping[i] = false;
    }
}

inline frame_lock(i, m, good)
{
#ifdef MAP
    lock_map(i);
    atomic {
        first = !locks[i];
        slot_lock(i, m, good);
    }
    if
    :: good && first ->
        map_first(i, good);
        if
        :: good -> unlock_map(i);
        :: else -> /* cancel_lock */
#ifdef MUTANT_REFUSED_KEEPS
            died = false;
#else
            slot_give_up(i, locks[i], died);
#endif
            unlock_map(i);
            if
            :: died -> k = set_of[i]; set_frame_died(k, died); k = 0;
            :: else -> skip;
            fi
        fi
    :: else -> unlock_map(i);
    fi
    first = false;
#else
    slot_lock(i, m, good);
#endif
}

inline frame_unlock(i)
{
#ifdef MAP
    lock_map(i);
#ifdef MUTANT_UNMAPS_LATE
    first = locks[i] == 1;
    slot_give_up(i, locks[i], died);
    if
    :: first -> unmap_last(i);
    :: else -> skip;
    fi
    first = false;
#else
    if
    :: locks[i] == 1 -> unmap_last(i);
    :: else -> skip;
    fi
    slot_give_up(i, locks[i], died);
#endif
    unlock_map(i);
#else
    slot_give_up(i, locks[i], died);
#endif
    if
    :: died -> k = set_of[i]; set_frame_died(k, died); k = 0;
    :: else -> skip;
    fi
}

/* Between lock and unlock the frame is the handle's, there, and mapped. */
#ifdef MAP
#define IS_THERE(i, m) (generation[i] == m && set_of[i] == m && frames[m] && record[m] && mapped[i] && !mapping[i])
#else
#define IS_THERE(i, m) (generation[i] == m && set_of[i] == m && frames[m] && record[m])
#endif

proctype user()
{
    byte m = 0, i = 0, k = 0, rounds = ROUNDS;
    bool good = false, died = false, first = false;
    do
    :: rounds ->
        rounds--;
        atomic {
            if
            :: mid -> m = mid;
            :: m -> skip; /* the one it has */
            fi
            if
            :: i = 0;
#if SLOTS > 1
            :: i = 1;
#endif
            fi
        }
        frame_lock(i, m, good);
        if
        :: good ->
            assert(IS_THERE(i, m));
            assert(IS_THERE(i, m)); /* and still */
            frame_unlock(i);
        :: else -> skip;
        fi
        good = false;
    :: else -> break;
    od
    running--;
}

#ifdef PIN
/* Holds a frame without locking it, as an export does. */
proctype pinner()
{
    byte m = 0, i = 0, k = 0;
    bool good = false, died = false;
    atomic { mid -> m = mid; }
    atomic {
        if
        :: live[i] && generation[i] == m -> pins[i]++; good = true;
        :: else -> skip;
        fi
    }
    if
    :: good ->
        assert(frames[m] && generation[i] == m);
        assert(frames[m] && generation[i] == m); /* and still */
        slot_give_up(i, pins[i], died);
        if
        :: died -> k = set_of[i]; set_frame_died(k, died); k = 0;
        :: else -> skip;
        fi
    :: else -> skip;
    fi
    running--;
}
#endif

/* Free of a set's response. */
byte freed = 0;
proctype freer()
{
    byte k = 1, i = 0;
    bool mine = false, died = false;
    do
    :: k <= SETS ->
        mid >= k;
        /* book_end: one Free finds the response */
#ifdef MUTANT_BOOK_APART
        mine = listed[k];
        listed[k] = false;
#else
        atomic { mine = listed[k]; listed[k] = false; }
#endif
        if
        :: mine -> freed++; set_retire(k, i, died);
        :: else -> skip;
        fi
        mine = false;
        k++;
    :: else -> break;
    od
    running--;
}

/* Alloc. */
proctype maker()
{
    byte k = 1, i = 0;
    do
    :: k <= SETS ->
        atomic { returned -> returned = false; record[k] = true; frames[k] = true; } /* slots_reserve */
        do
        :: i < SLOTS ->
            atomic {
                assert(!live[i] && !dying[i] && !locks[i] && !pins[i]); /* nobody else's */
                set_of[i] = k;
            }
            i++;
        :: else -> i = 0; break;
        od
        /* book_enter */
#ifdef MUTANT_NO_GUARD
        alive[k] = SLOTS;
#else
        alive[k] = SLOTS + 1;
#endif
        do
        :: i < SLOTS -> live[i] = true; i++;
        :: else -> i = 0; break;
        od
        atomic { listed[k] = true; mid = k; }
        k++;
    :: else -> break;
    od
    running--;
}

init
{
    byte i = 0;
    atomic {
        do
        :: i < SLOTS -> generation[i] = 1; i++;
        :: else -> break;
        od
        i = 0;
        do
        :: i < USERS -> running++; run user(); i++;
        :: else -> break;
        od
        i = 0;
        do
        :: i < FREES -> running++; run freer(); i++;
        :: else -> i = 0; break;
        od
#ifdef PIN
        running++;
        run pinner();
#endif
        running++;
        run maker();
    }
    !running;
    atomic {
        assert(freed == SETS);
        do
        :: i < SLOTS ->
            assert(!live[i] && !dying[i] && !locks[i] && !pins[i] && !mapped[i]);
            i++;
        :: else -> break;
        od
        i = 1;
        do
        :: i <= SETS -> assert(!record[i] && !frames[i] && !alive[i]); i++;
        :: else -> break;
        od
    }
}
