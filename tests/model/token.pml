/* Leases with tokens of one surface: claimed, ended by whoever has the token, once, however many copies of it there
 * are; while the surface goes home and is leased again, and is lent and marked.
 *
 * Mirrors src/pool/lease.c: vfa_pool_claim (a compare-and-swap on the word of leases, then a look at slot.ended),
 * vfa_pool_end (end_token: a look at the word, a compare-and-swap on slot.ended; then one on the word, or end_lent under
 * the lock) and vfa_pool_release; of settle.c end_lease and lease_marked. Sequentially consistent: what was counted in
 * slot.ended is seen by who claims the bit next, since it was counted before the bit was cleared (release) and the
 * claim acquires.
 *
 * Left out: that counts come round (after four million ends of one bit while the surface is leased once), and tokens
 * that nobody gave out.
 *
 * USERS threads acquire the surface, claim a token of their lease and end it, ROUNDS times; THIEVES threads end some
 * token that was given out, of now or of long ago; SETTLE: the first user settles the surface as a decoder's work
 * surface, while others hold it too. MUTANT_x: see run.sh. */

#ifndef USERS
#define USERS 2
#endif
#ifndef ROUNDS
#define ROUNDS 2
#endif
#ifndef THIEVES
#define THIEVES 1
#endif
#define BITS 2
#define BIT(i) (1 << (i))
#define MOST 8                /* tokens that are given out */

/* The word of leases. */
byte plain = 0;
byte tokens = 0;              /* bits */
bool marked = false;
byte times = 0;

byte ended[BITS];
bool home = true;             /* a bit in `free` */
bool lent = false;
bool mutex = false;

/* The tokens that were given out. */
byte given = 0;
byte t_bit[MOST], t_times[MOST], t_ended[MOST];
bool good[MOST];              /* ghost: its lease has not ended */
byte running = 0;

#define NO_LEASES (!plain && !tokens)

inline lock()
{
    atomic { !mutex -> mutex = true; }
}

inline unlock()
{
    mutex = false;
}

/* The last lease has ended: the surface is this thread's. */
inline put()
{
    atomic {
        assert(NO_LEASES && !marked && !home && !lent);
        home = true;
    }
}

/* A surface that is at home, or another lease of one that is out: vfa_pool_ref. */
inline acquire()
{
    atomic {
        if
        :: home -> home = false; assert(NO_LEASES); times++; plain = 1;
        :: !home && !NO_LEASES -> plain++;
        fi
    }
}

/* vfa_pool_claim; b, n: its bit and number. */
inline claim(n)
{
#ifdef MUTANT_COUNT_EARLY
    e = ended[0];
#endif
    atomic {
        assert(plain);
        if
        :: !(tokens & BIT(0)) -> b = 0;
        :: (tokens & BIT(0)) && !(tokens & BIT(1)) -> b = 1;
        :: tokens == 3 -> b = BITS; /* none left */
        fi
        if
        :: b < BITS -> plain--; tokens = tokens | BIT(b); m = times;
        :: else -> skip;
        fi
    }
    if
    :: b < BITS ->
        atomic {
#ifdef MUTANT_COUNT_EARLY
            e = (b == 0 -> e : ended[b]);
#else
            e = ended[b];
#endif
            n = given;
            given++;
            t_bit[n] = b; t_times[n] = m; t_ended[n] = e; good[n] = true;
            e = 0; m = 0;
        }
    :: else -> n = MOST;
    fi
    b = 0;
}

/* A lease of a surface that is marked: under the lock. r: it was. */
inline end_lent(number)
{
    lock();
    atomic {
#ifdef MUTANT_MARK_ONCE
        r = true;
#else
        r = marked;
#endif
        if
        :: r ->
            if
            :: number < BITS -> assert(tokens & BIT(number)); tokens = tokens & ~BIT(number);
            :: else -> assert(plain); plain--;
            fi
            last = NO_LEASES;
            marked = marked && !last;
            lent = lent || last;
            last = false;
        :: else -> skip;
        fi
    }
    unlock();
}

/* What is left to do once it is known that a lease ends. */
inline end_lease(number)
{
    do
    :: true ->
        atomic {
            if
#ifndef MUTANT_TOKEN_MARK
            :: marked -> r = true;
#endif
            :: else ->
                if
                :: number < BITS -> assert(tokens & BIT(number)); tokens = tokens & ~BIT(number);
                :: else -> assert(plain); plain--;
                fi
                r = false;
                last = NO_LEASES;
            fi
        }
        if
        :: !r -> break;
        :: else ->
            end_lent(number);
            if
            :: r -> r = false; break;
            :: else -> skip;
            fi
        fi
    od
    if
    :: last -> last = false; put();
    :: else -> skip;
    fi
}

/* vfa_pool_end; r: whether the token was good. */
inline end_token(n)
{
    b = t_bit[n];
    r = (tokens & BIT(b)) && times == t_times[n];
    if
    :: r ->
#ifdef MUTANT_COUNT_APART
        r = ended[b] == t_ended[n];
        if
        :: r -> ended[b]++;
        :: else -> skip;
        fi
#elif defined(MUTANT_NOT_COUNTED)
        skip;
#elif defined(MUTANT_CLEARED_FIRST)
        r = ended[b] == t_ended[n];
#else
        atomic {
            r = ended[b] == t_ended[n];
            if
            :: r ->
                assert(good[n]); /* one end, of the lease that it was given for */
                good[n] = false;
                ended[b]++;
            :: else -> skip;
            fi
        }
#endif
    :: else -> skip;
    fi
    if
    :: r ->
#if defined(MUTANT_COUNT_APART) || defined(MUTANT_NOT_COUNTED) || defined(MUTANT_CLEARED_FIRST)
        atomic { assert(good[n]); good[n] = false; }
#endif
        end_lease(b);
#ifdef MUTANT_CLEARED_FIRST
        ended[t_bit[n]]++;
#endif
    :: else -> skip;
    fi
    r = false;
    b = 0;
}

#define LOCALS byte b = 0, e = 0, m = 0; bool r = false, last = false

proctype user(byte me)
{
    byte n = 0, rounds = ROUNDS;
    LOCALS;
    do
    :: rounds ->
        rounds--;
        acquire();
        claim(n);
        if
        :: n < MOST ->
            end_token(n); /* refused where a thief was faster */
            assert(!good[n]); /* ended, by one of them */
        :: else -> end_lease(BITS); /* it has no token: vfa_pool_release */
        fi
    :: else -> break;
    od
    running--;
}

proctype thief()
{
    byte n = 0;
    LOCALS;
    do
    :: given ->
        atomic {
            n = 0;
            do
            :: n + 1 < given -> n++;
            :: break;
            od
        }
        end_token(n);
        break;
    :: !given && !running -> break;
    od
}

#ifdef SETTLE
/* settle.c: its own lease ends; the surface is lent when nobody else has one, marked when somebody has. Later it is the
 * decoder's output, or the decoder has let it go. */
proctype settler()
{
    LOCALS;
    acquire();
    lock();
    atomic { /* end_lease */
        assert(plain);
        if
        :: marked -> skip; /* refused: settle is called once at a time */
        :: else ->
            plain--;
            if
            :: NO_LEASES -> lent = true;
            :: else -> marked = true;
            fi
        fi
    }
    unlock();
    lock();
    atomic { /* take_output: lease_marked, or out of the lent */
        if
        :: marked -> marked = false; plain++;
        :: else -> assert(lent && NO_LEASES); lent = false; times++; plain = 1;
        fi
    }
    unlock();
    end_lease(BITS);
    running--;
}
#endif

init
{
    byte i = 0;
    atomic {
        do
        :: i < USERS -> running++; run user(i); i++;
        :: else -> i = 0; break;
        od
#ifdef SETTLE
        running++;
        run settler();
#endif
        do
        :: i < THIEVES -> run thief(); i++;
        :: else -> i = 0; break;
        od
    }
    /* Every lease that a token was given for has ended: once. */
    atomic {
        !running && home;
        assert(NO_LEASES && !marked && !lent && !mutex);
        do
        :: i < given -> assert(!good[i]); i++;
        :: else -> break;
        od
    }
}
