/* The frame interface of one surface: Map and Unmap by many readers or one writer, Synchronize, and the references
 * that keep the surface from going home.
 *
 * Mirrors src/pool: interface_map.c (start_reading, start_writing, map, end_map, end_last, unmap), interface_wait.c
 * (await, ask), interface.c (a map is a lease; the record goes with the surface) and of lease.c that leases go up by
 * one compare-and-swap while there are any, and down by one. Sequentially consistent: but for the counts of leases
 * and maps all is done under the interface's lock.
 *
 * READERS, WRITERS, NOWAITS (readers that do not wait) and SYNCS (threads that synchronize) each act ROUNDS times
 * while they hold a reference of their own. RELEASER: one more reference ends by Release, which first counts them
 * (interface.c). OPERATION: the surface is being produced when they begin, by an operation
 * that they ask; PRODUCED: by one that ends with a call, vfa_surface_complete, and has a lease. MUTANT_x: see run.sh. */

#ifndef READERS
#define READERS 2
#endif
#ifndef WRITERS
#define WRITERS 1
#endif
#ifndef NOWAITS
#define NOWAITS 0
#endif
#ifndef SYNCS
#define SYNCS 0
#endif
#ifndef ROUNDS
#define ROUNDS 1
#endif
#define THREADS (READERS + WRITERS + NOWAITS + SYNCS)

#ifdef RELEASER
#define REFERENCES (THREADS + 1)
#else
#define REFERENCES THREADS
#endif

#ifdef PRODUCED
byte leases = REFERENCES + 1;
bool produced = true;
#else
byte leases = REFERENCES;
bool produced = false;
#endif
byte maps = 0, changes = 0;   /* one word: leases that are maps, and how often that changed */
bool home = false;            /* ghost: the surface went home; its record may be freed */

bool mutex = false;
bool asleep[THREADS];         /* on `changed`, and not woken up */
byte readers = 0, held = 0;
bool writer = false, moving = false, mapped = false;
#ifdef OPERATION
bool operation = true;        /* interface->wait */
#else
bool operation = false;
#endif
bool done = false;            /* the operation is, as its runtime knows */
bool awaited = false;

byte reading = 0, writing = 0; /* ghost: who looks at the pixels */
bool in_driver = false;        /* ghost: the frame is being mapped or unmapped */
byte running = 0;

#define TOUCH assert(!home && leases)

inline lock()
{
    atomic { TOUCH; !mutex -> mutex = true; }
}

inline unlock()
{
    atomic { TOUCH; mutex = false; }
}

inline wait(me)
{
    atomic { TOUCH; mutex = false; asleep[me] = true; }
    atomic { !asleep[me] && !mutex -> TOUCH; mutex = true; }
}

inline broadcast()
{
    atomic {
        n = 0;
        do
        :: n < THREADS -> asleep[n] = false; n++;
        :: else -> n = 0; break;
        od
    }
}

/* vfa_pool_release */
inline end_lease()
{
    atomic {
        assert(leases && !home);
        leases--;
        if
        :: !leases -> assert(!maps && !held && !mapped && !in_driver); home = true;
        :: else -> skip;
        fi
    }
}

/* The allocator's Lock, which may fail, and Unlock: without the lock. */
inline map_unlocked(ok)
{
    unlock();
    atomic { assert(!in_driver && !mapped); in_driver = true; }
    atomic {
        in_driver = false;
        if
        :: ok = true;
        :: ok = false;
        fi
    }
    lock();
    mapped = ok;
}

inline await(me, nowait, ok)
{
    asked = false;
    ok = true;
    do
    :: !operation && !produced -> break;
    :: (operation || produced) && nowait && (asked || awaited || produced) -> ok = false; break;
    :: (operation || produced) && !nowait && (awaited || produced) -> wait(me);
    :: operation && !produced && !awaited && !(nowait && asked) -> /* ask */
        awaited = true;
        unlock();
        if
        :: done -> asked = true;
        :: nowait -> asked = false; /* in execution */
        fi
        lock();
        awaited = false;
        if
        :: asked -> operation = false;
        :: else -> skip;
        fi
        asked = true;
#ifndef MUTANT_ASKED_UNTOLD
        broadcast();
#endif
    od
    asked = false;
}

inline start_reading(me, nowait, ok)
{
    if
    :: nowait && writer -> ok = false;
    :: else ->
#ifndef MUTANT_READER_LATE
        readers++;
#endif
        do
#ifndef MUTANT_READER_BLIND
        :: writer -> wait(me);
#endif
        :: else -> break;
        od
        await(me, nowait, ok);
#ifdef MUTANT_NOWAIT_READS
        if
        :: nowait -> ok = true; /* in execution, or not */
        :: else -> skip;
        fi
#endif
        if
        :: ok ->
            do
#ifndef MUTANT_MOVING_IGNORED
            :: moving -> wait(me);
#endif
            :: else -> break;
            od
            if
            :: mapped -> skip;
            :: else -> moving = true; map_unlocked(ok); moving = false;
            fi
        :: else -> skip;
        fi
#ifdef MUTANT_READER_LATE
        if
        :: ok -> readers++;
        :: else -> skip;
        fi
#else
        if
        :: ok -> skip;
        :: else -> readers--;
        fi
#endif
    fi
}

inline start_writing(ok)
{
    if
#ifdef MUTANT_WRITER_BLIND
    :: writer || moving || produced -> ok = false;
#elif defined(MUTANT_PRODUCED_IGNORED)
    :: readers || writer || moving -> ok = false;
#else
    :: readers || writer || moving || produced -> ok = false;
#endif
    :: else ->
        writer = true;
        map_unlocked(ok);
        writer = ok;
    fi
}

inline end_map(me)
{
    held--;
    if
    :: !held ->
        mapped = false;
        moving = true;
        unlock();
        atomic { assert(!in_driver && !reading && !writing); in_driver = true; }
        in_driver = false;
        lock();
        moving = false;
    :: else -> skip;
    fi
    if
    :: writer -> writer = false;
    :: else -> readers--;
    fi
#ifndef MUTANT_UNMAP_UNTOLD
    broadcast();
#endif
}

proctype thread(byte me; bool writes; bool nowait; bool syncs)
{
    byte n = 0, rounds = ROUNDS;
    bool ok = false, asked = false;
    do
    :: rounds && syncs ->
        rounds--;
        lock();
        await(me, false, ok);
        unlock();
        ok = false;
    :: rounds && !syncs ->
        rounds--;
#ifndef MUTANT_MAP_IS_NO_LEASE
        atomic { assert(leases); leases++; }
#endif
        atomic { maps++; changes++; }
        lock();
        if
        :: writes -> start_writing(ok);
        :: else -> start_reading(me, nowait, ok);
        fi
        if
        :: ok -> held++;
        :: else -> skip;
        fi
#ifndef MUTANT_MAP_UNTOLD
        broadcast();
#endif
        unlock();
        if
        :: ok ->
            if
            :: !rounds -> end_lease(); /* its own reference: the map keeps the surface */
            :: else -> skip;
            fi
            atomic { /* uses the pixels */
                assert(mapped && !in_driver && !writing && (!writes || !reading) && !home);
                assert(!produced); /* nobody else uses what is being produced */
                assert(writes || !operation);
                if
                :: writes -> writing++;
                :: else -> reading++;
                fi
            }
            atomic {
                assert(mapped && !in_driver && !home);
                if
                :: writes -> writing--;
                :: else -> reading--;
                fi
            }
            lock();
            end_map(me);
            unlock();
            atomic { maps--; changes++; }
#ifndef MUTANT_MAP_IS_NO_LEASE
            end_lease();
#endif
        :: else ->
            atomic { maps--; changes++; }
#ifndef MUTANT_MAP_IS_NO_LEASE
#ifndef MUTANT_MAP_KEEPS
            end_lease();
#endif
#endif
            if
            :: !rounds -> end_lease();
            :: else -> skip;
            fi
        fi
        ok = false;
    :: else -> break;
    od
    if
    :: syncs -> end_lease();
    :: else -> skip;
    fi
    running--;
}

#ifdef RELEASER
/* Release, by who has a reference: it is there, whatever else begins and ends. */
proctype releaser()
{
    byte seen = 0, when = 0, found = 0;
    do
    :: true ->
        atomic { TOUCH; seen = maps; when = changes; }
        atomic { TOUCH; found = leases; }
#ifdef MUTANT_COUNTED_ONCE
        break;
#else
        if
        :: atomic { when == changes -> break; }
        :: atomic { when != changes -> skip; }
        fi
#endif
    od
    assert(found > seen);
    end_lease();
    running--;
}
#endif

/* The operation ends when it likes. */
proctype runtime()
{
    done = true;
#ifdef PRODUCED
    byte n = 0;
    bool released = false;
    /* vfa_surface_complete */
    lock();
    produced = false;
#ifndef MUTANT_COMPLETE_UNTOLD
    broadcast();
#endif
    atomic { /* vfa__pool_release_shared: not the last one, with which the lock would go */
#ifdef MUTANT_COMPLETE_ENDS
        released = true;
        end_lease();
#else
        if
        :: leases > 1 -> leases--; released = true;
        :: else -> skip;
        fi
#endif
    }
    unlock();
    if
    :: released -> skip;
    :: else -> end_lease();
    fi
    running--;
#endif
}

init
{
    byte i = 0;
    atomic {
        running = THREADS;
        do
        :: i < THREADS ->
            run thread(i, i >= READERS && i < READERS + WRITERS,
                i >= READERS + WRITERS && i < READERS + WRITERS + NOWAITS, i >= READERS + WRITERS + NOWAITS);
            i++;
        :: else -> break;
        od
#ifdef PRODUCED
        running++;
#endif
#ifdef RELEASER
        running++;
        run releaser();
#endif
        run runtime();
    }
    !running;
    assert(home && !leases && !maps && !held && !readers && !writer && !moving && !mapped && !awaited);
}
