/*
 * Several threads of one program share a connection: leader and followers (docs/ring-protocol.md, "Many threads, one ring").
 *
 * Each request in flight has an entry with a state word in the program's memory. One thread at a time has the reader role: it takes completions off the
 * ring, marks their entries done, and sleeps on the completion notification when there are none. The others sleep on the state word of their own
 * entry. A reader whose own request is done hands the role on: to a thread that waits, by making its state Promoted, or to nobody, and then it looks again.
 * A thread may be interrupted while it waits (INTERRUPTS times in all): it submits a Cancel, whose completion nobody waits for, and goes on waiting,
 * uninterruptibly, for the end of its request; so no thread leaves before its entry is done. The server answers in any order, at any time.
 *
 * Shown: in every schedule each thread gets the answer to each of its requests; nobody sleeps for ever; there is never a second reader; a completion
 * meets an entry that waits for it.
 *
 * With SERVERS=2 the requests are at two servers, each with rings of its own, and the one notification is signalled by both: the reader takes the completions
 * of both, asks both for bells before it sleeps and looks at both rings behind that, and hands the role on to whoever waits, at whichever server.
 *
 * A reader that sleeps may be stood in for (STAND_IN, one server): a thread that has made a request takes the role over, sleeps on the same notification, and
 * goes back behind the sleeper when it is done. The sleeper is woken by it only if its own request is done by then; if it has woken by itself, it has left the
 * role to the other and waits as a follower. Who of the two takes a signal is open here, while the kernel lets the one that came last.
 *
 * Run in two sizes, which together visit everything and stay small: two requests without interrupts, and (-DREQUESTS=1 -DINTERRUPTS=1) one with; and with two servers (-DSERVERS=2 -DREQUESTS=1);
 * with -DSTAND_IN and the sizes of one server.
 *
 * Mutants (-D), each of which must fail:
 *   NOT_HANDED_ON           a reader that is done frees the role and looks no further
 *   NO_LOOK_AFTER_FREE      it looks for waiters, then frees the role, and does not look again
 *   LOOK_AGAIN_ONLY_ONCE    it looks once after it has freed the role, but not after it has taken and freed it a second time
 *   ONLY_SLEEPERS_PROMOTED  it passes over threads that wait but do not sleep yet
 *   PROMOTION_IGNORED       a promoted thread tries to take a free role only, and never finds it free
 *   SLEEP_BY_STORE          a thread about to sleep stores Asleep instead of exchanging it for Waiting: it forgets a promotion or its result
 *   SLEEP_WITHOUT_COMPARE   the kernel's wait on a word does not compare it before it sleeps
 *   ONE_WISH                (two servers) the reader asks only the first server for a bell
 *   ONE_LOOK                (two servers) it looks only at the first ring behind its wishes
 *   OWN_SERVER_ONLY         (two servers) it hands the role on only to who waits at the server that it has waited at itself
 *   NO_SECOND_LOOK          a reader ends only by taking its own completion off the ring, and does not see that the last reader did
 *   SIGNAL_KEPT             (stand-in) a sleeper that finds another in its place keeps the signal that has woken it
 *   WISH_TAKEN_BACK         (stand-in) it takes the wish for a bell back, which is the other's
 *   SLEEPER_FORGOTTEN       (stand-in) who stood in goes back without a look whether the sleeper's request is done
 *   NO_WISH_BEHIND          (stand-in) it goes back without a wish for a bell
 *   NOT_TOLD                (stand-in) the sleeper that wakes by itself goes on as the reader, beside the other
 */
#if defined(SIGNAL_KEPT) || defined(WISH_TAKEN_BACK) || defined(SLEEPER_FORGOTTEN) || defined(NO_WISH_BEHIND) || defined(NOT_TOLD)
#define STAND_IN
#define REQUESTS 1
#define INTERRUPTS 1
#endif
#if defined(ONE_WISH) || defined(ONE_LOOK) || defined(OWN_SERVER_ONLY)
#define SERVERS 2
#define REQUESTS 1
#endif
#ifndef SERVERS
#define SERVERS 1
#endif
#define LAST_SERVER (SERVERS - 1)
#define AT(thread) (thread % SERVERS)
#define THREADS 3
#ifndef REQUESTS
#define REQUESTS   2    /* of the first thread; the others make one each. Its second request uses the entry of its first */
#endif
#ifndef INTERRUPTS
#define INTERRUPTS 0
#endif

mtype = { Free, Waiting, Asleep, Promoted, Done };
mtype state[THREADS] = Free;

/* Of the reader: nobody, a thread or one that was promoted, one that sleeps, another in its place, the sleeper again. */
#define NOBODY   0
#define TAKEN    1
#define ASLEEP   2
#define STOOD_IN 3
#define RETURNED 4
byte role = NOBODY;
#ifdef STAND_IN
byte sleeper;
#endif
#ifdef SLEEP_WITHOUT_COMPARE
bool woken[THREADS];        /* a wake of the word reached the thread that slept on it */
#define WAKE(thread, sleeps) woken[thread] = sleeps
#else
#define WAKE(thread, sleeps) skip   /* a sleeper sees the change of its word by itself */
#endif
byte readers;               /* for the assertion */

/* The connection, reduced to what ring.pml has shown of it: requests at the server, completions in the ring, a want-bell word and a kept signal. */
bool atServer[THREADS], inRing[THREADS];
byte cancelsAtServer[SERVERS], cancelsInRing[SERVERS];
byte ringLength[SERVERS];   /* completions in the ring, of either kind */
bool wantsBell[SERVERS], bell;

byte interrupts, finished;

/* Exchange of the state for Done, and the wake if the thread slept. */
inline Deliver(entry) {
    inRing[entry] = false;
    ringLength[AT(entry)]--;
    assert(state[entry] == Waiting || state[entry] == Asleep);
    WAKE(entry, state[entry] == Asleep);
    state[entry] = Done
}

/* Ring by ring. */
inline Drain() {
    do
    :: atomic { AT(0) == ring && inRing[0] -> Deliver(0) }
    :: atomic { AT(1) == ring && inRing[1] -> Deliver(1) }
    :: atomic { AT(2) == ring && inRing[2] -> Deliver(2) }
    :: atomic { cancelsInRing[ring] > 0 -> ringLength[ring]--; cancelsInRing[ring]-- }
    :: atomic { ringLength[ring] == 0 && ring < LAST_SERVER -> ring++ }
    :: atomic { ringLength[ring] == 0 && ring == LAST_SERVER -> ring = 0; break }
    od
}

inline Cancel() {
    interrupts++; cancelsAtServer[AT(me)]++; cancelled = true
}

inline TakeWishesBack() {
    wantsBell[0] = false;
#if SERVERS > 1
    wantsBell[1] = false
#endif
}

#ifdef STAND_IN
inline Sleep() {
    atomic {
        slept = (role == TAKEN);
        if
        :: slept -> sleeper = me; role = ASLEEP; readers--
        :: else
        fi
    };
    if
    :: atomic { bell -> bell = false }
    :: atomic { !cancelled && interrupts < INTERRUPTS -> Cancel() }
    fi;
    atomic {
        if
        :: !slept
        :: slept && role != STOOD_IN -> assert(role == ASLEEP || role == RETURNED); role = TAKEN; readers++
        :: slept && role == STOOD_IN ->
#ifdef NOT_TOLD
            readers++;
#else
            role = TAKEN; leads = false;
#endif
#ifndef SIGNAL_KEPT
            bell = true
#endif
        fi;
        slept = false;
        assert(readers <= 1)
    };
#ifndef WISH_TAKEN_BACK
    if
    :: leads -> TakeWishesBack()
    :: else
    fi
#else
    TakeWishesBack()
#endif
}
#else
inline Sleep() {
    if
    :: atomic { bell -> bell = false; TakeWishesBack() }
    :: atomic { !cancelled && interrupts < INTERRUPTS -> TakeWishesBack(); Cancel() }
    fi
}
#endif

/* One pass of the reader: returns when it is done or was woken. */
inline Read() {
#ifdef NO_SECOND_LOOK
    doneBefore = (state[me] == Done);
    Drain();
    if
    :: !doneBefore && state[me] == Done -> own = true
    :: else
    fi;
#else
    Drain();
    own = (state[me] == Done);
#endif
    if
    :: own -> own = false
    :: !own ->
        wantsBell[0] = true;
        if
        :: ringLength[0] == 0 ->
#if SERVERS > 1
#ifndef ONE_WISH
            wantsBell[1] = true;
#endif
            if
#ifdef ONE_LOOK
            :: true -> Sleep()
#else
            :: ringLength[1] == 0 -> Sleep()
            :: atomic { ringLength[1] > 0 -> TakeWishesBack() }
#endif
            fi
#else
            Sleep()
#endif
        :: atomic { ringLength[0] > 0 -> TakeWishesBack() }
        fi
    fi
}

/* Compare-exchange of Waiting for Asleep; then the wait on the word, which the kernel compares. */
inline Follow() {
#ifdef SLEEP_BY_STORE
    state[me] = Asleep;
#else
    atomic {
        if
        :: state[me] == Waiting -> state[me] = Asleep
        :: else
        fi
    };
#endif
    if
    :: state[me] == Asleep ->
#ifdef SLEEP_WITHOUT_COMPARE
        WAKE(me, false);    /* a wake reaches only who sleeps already */
#endif
        if
#ifdef SLEEP_WITHOUT_COMPARE
        :: atomic { woken[me] -> woken[me] = false }
#else
        :: state[me] != Asleep
#endif
        :: atomic { !cancelled && interrupts < INTERRUPTS -> Cancel() }
        fi;
        atomic {
            if
            :: state[me] == Asleep -> state[me] = Waiting
            :: else
            fi
        }
    :: else
    fi
}

#ifdef OWN_SERVER_ONLY
#define MAY_HAVE(thread) (AT(thread) == AT(me))
#else
#define MAY_HAVE(thread) true
#endif

/* Each entry is compared and exchanged on its own: others come and go during the pass. */
inline Promote(found) {
    found = false;
    do
    :: atomic { other == THREADS -> other = 0; break }
#ifdef ONLY_SLEEPERS_PROMOTED
    :: atomic { other < THREADS && state[other] != Asleep -> other++ }
#else
    :: atomic { other < THREADS && !(MAY_HAVE(other) && (state[other] == Asleep || state[other] == Waiting)) -> other++ }
    :: atomic { other < THREADS && MAY_HAVE(other) && state[other] == Waiting -> state[other] = Promoted; found = true; other = 0; break }
#endif
    :: atomic { other < THREADS && MAY_HAVE(other) && state[other] == Asleep -> state[other] = Promoted; WAKE(other, true); found = true; other = 0; break }
    od
}

inline LookForWaiter(found) {
    found = false;
    do
    :: atomic { other == THREADS -> other = 0; break }
    :: atomic { other < THREADS && !(MAY_HAVE(other) && (state[other] == Asleep || state[other] == Waiting)) -> other++ }
    :: atomic { other < THREADS && MAY_HAVE(other) && (state[other] == Asleep || state[other] == Waiting) -> found = true; other = 0; break }
    od
}

#ifdef STAND_IN
/* Compare-exchange of the role; found: it was still the place of another, and is given back. */
inline GiveBack(to) {
    atomic {
        found = (role == STOOD_IN);
        if
        :: found -> role = to; readers--
        :: else
        fi
    }
}

/* left: the role is with the sleeper again. */
inline GoBack() {
    do
    :: Drain();
#ifndef SLEEPER_FORGOTTEN
       if
       :: state[sleeper] == Done ->
           GiveBack(RETURNED);
           if
           :: found -> bell = true; left = true
           :: else
           fi;
           break
       :: else
       fi;
#endif
#ifndef NO_WISH_BEHIND
       wantsBell[0] = true;
#endif
       if
       :: ringLength[0] > 0 -> wantsBell[0] = false
       :: ringLength[0] == 0 ->
           GiveBack(ASLEEP);
           left = found;
           if
           :: !left -> wantsBell[0] = false
           :: else
           fi;
           break
       fi
    od;
    found = false
}
#endif

inline HandOn() {
#ifdef STAND_IN
    if
    :: role == STOOD_IN -> GoBack()
    :: else
    fi;
    if
    :: left -> left = false
    :: else -> HandOnToOther()
    fi
#else
    HandOnToOther()
#endif
}

inline HandOnToOther() {
    readers--;
#ifdef NOT_HANDED_ON
    role = NOBODY
#else
    do
    :: Promote(found);
       if
       :: found -> break
       :: else
       fi;
       role = NOBODY;
#ifdef NO_LOOK_AFTER_FREE
       break
#else
       LookForWaiter(found);
       if
       :: !found -> break
       :: else
       fi;
       /* Somebody waits and the role was free: take it again to give it away, unless another has it by now. */
       atomic {
           if
           :: role == NOBODY -> role = TAKEN
           :: else -> break
           fi
       }
#ifdef LOOK_AGAIN_ONLY_ONCE
       Promote(found);
       if
       :: !found -> role = NOBODY
       :: else
       fi;
       break
#endif
#endif
    od;
    found = false
#endif
}

proctype Thread(byte me; byte requests) {
    byte other, ring;
    bool cancelled, leads, own, found;
#ifdef STAND_IN
    bool slept, left, fresh;
#endif
#ifdef NO_SECOND_LOOK
    bool doneBefore;
#endif

    do
    :: requests == 0 -> break
    :: requests > 0 ->
        requests--;
        cancelled = false;
        atomic { assert(state[me] == Free); state[me] = Waiting; atServer[me] = true };
#ifdef STAND_IN
        fresh = true;   /* once for each request: two that were displaced by each other would go on for ever */
#endif
        do
        :: state[me] == Done -> break
        :: else ->
            atomic {
                if
                :: leads
#ifndef PROMOTION_IGNORED
                :: !leads && state[me] == Promoted -> state[me] = Waiting; leads = true; readers++
                :: !leads && state[me] != Promoted && role == NOBODY -> role = TAKEN; leads = true; readers++
#ifdef STAND_IN
                :: !leads && fresh && state[me] == Waiting && role == ASLEEP -> role = STOOD_IN; wantsBell[0] = false; leads = true; readers++
#endif
#else
                :: !leads && role == NOBODY -> role = TAKEN; leads = true; readers++
#endif
                :: else
                fi;
#ifdef STAND_IN
                fresh = false;
#endif
                assert(readers <= 1)
            };
            if
            :: leads -> Read()
            :: else -> Follow()
            fi
        od;
        if
        :: leads -> leads = false; HandOn()
        :: else
        fi;
        atomic { state[me] = Free; WAKE(me, false) }
    od;
    finished++
}

/* Into the ring, then the bell if it is wanted: one step here, because ring.pml has taken it apart. */
inline Complete(server) {
    ringLength[server]++;
    if
    :: wantsBell[server] -> wantsBell[server] = false; bell = true
    :: else
    fi
}

/* All servers: which of them answers first is open anyway. */
active proctype Server() {
end:
    do
    :: atomic { atServer[0] -> atServer[0] = false; inRing[0] = true; Complete(AT(0)) }
    :: atomic { atServer[1] -> atServer[1] = false; inRing[1] = true; Complete(AT(1)) }
    :: atomic { atServer[2] -> atServer[2] = false; inRing[2] = true; Complete(AT(2)) }
    :: atomic { cancelsAtServer[0] > 0 -> cancelsAtServer[0]--; cancelsInRing[0]++; Complete(0) }
#if SERVERS > 1
    :: atomic { cancelsAtServer[1] > 0 -> cancelsAtServer[1]--; cancelsInRing[1]++; Complete(1) }
#endif
    od
}

init {
    atomic {
        run Thread(0, REQUESTS);
        run Thread(1, 1);
        run Thread(2, 1)
    }
}

ltl everybody_is_answered { <> (finished == THREADS) }
