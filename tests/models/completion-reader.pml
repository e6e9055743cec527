/*
 * Several threads of one program share a connection: leader and followers (docs/ring-protocol.md, "Many threads, one ring").
 *
 * Each request in flight has a record with a word in the program's memory. One thread at a time holds the reader role: it takes completions off the ring,
 * marks their records done, and sleeps on the completion notification when there are none. The others sleep on the word of their own record. A reader
 * whose own request is done frees the role, then looks for a record that still waits and nudges its owner, who tries to get the role.
 * A thread may be interrupted while it waits (INTERRUPTS times in all): it submits a Cancel, whose completion nobody waits for, and goes on waiting,
 * uninterruptibly, for the end of its request; so no thread leaves before its record is done. The server answers in any order, at any time.
 *
 * Shown: in every schedule each thread gets the answer to each of its requests; nobody sleeps for ever; a completion goes to the record it belongs to.
 *
 * Mutants (-D), each of which must fail:
 *   NOT_HANDED_ON      who frees the role does not nudge anybody
 *   LOOK_BEFORE_FREE   it looks for waiters first and frees the role afterwards (what a missing fence between the two comes to)
 *   TRY_BEFORE_RECORD  a thread tries for the role before its record can be seen
 *   NO_SECOND_LOOK     a reader ends only by taking its own completion off the ring, and does not see that the last reader did
 *   NUDGE_NOT_KEPT     a nudge wakes a sleeper but leaves no trace in the word: a thread about to sleep misses it
 *   CLEAR_AFTER_TRY    a thread forgets its nudge after it has tried for the role instead of before
 */
/*
 * Run in two sizes, which together visit everything and stay small: two requests without interrupts, and (-DREQUESTS=1 -DINTERRUPTS=1) one with.
 */
#define THREADS    3
#ifndef REQUESTS
#define REQUESTS   2    /* of the first thread; the others make one each. The second meets a word with bits left from the first */
#endif
#ifndef INTERRUPTS
#define INTERRUPTS 0
#endif
#define NOBODY     THREADS

/* Bits of a record's word. They are set by a locked or, followed by a wake. */
#define DONE   1
#define NUDGED 2

byte word[THREADS];
bool waiting[THREADS];      /* the record is in use: whoever looks for waiters sees it */
bool asleep[THREADS];       /* in WordWait; only NUDGE_NOT_KEPT looks at it */
byte reader = NOBODY;       /* the role, taken by compare-exchange and freed by exchange */

/* The connection, reduced to what ring.pml has shown of it: requests at the server, completions in the ring, a want-bell word and a kept signal. */
bool atServer[THREADS], inRing[THREADS];
byte cancelsAtServer, cancelsInRing;
byte ringLength;            /* completions in the ring, of either kind */
bool wantsBell, bell;

byte interrupts, finished;

inline Nudge(record) {
    atomic {
#ifdef NUDGE_NOT_KEPT
        if
        :: asleep[record] -> word[record] = word[record] | NUDGED
        :: else
        fi
#else
        word[record] = word[record] | NUDGED
#endif
    }
}

inline LookForWaiter() {
    do
    :: atomic { other == THREADS -> other = 0; break }
    :: atomic { other < THREADS && (!waiting[other] || (word[other] & DONE)) -> other++ }
    :: other < THREADS && waiting[other] && !(word[other] & DONE) ->
       /* The owner may be done and gone by now; its word is still a word, and an idle nudge costs one look. */
       atomic { Nudge(other); other = 0; break }
    od
}

inline FreeRole() {
#ifdef LOOK_BEFORE_FREE
    LookForWaiter();
    reader = NOBODY
#else
    reader = NOBODY;
#ifndef NOT_HANDED_ON
    LookForWaiter()
#endif
#endif
}

inline MarkDone(record) {
    inRing[record] = false;
    assert(waiting[record] && !(word[record] & DONE));
    word[record] = word[record] | DONE
}

inline ReadCompletions() {
    do
    :: atomic { inRing[0] -> ringLength--; MarkDone(0) }
    :: atomic { inRing[1] -> ringLength--; MarkDone(1) }
    :: atomic { inRing[2] -> ringLength--; MarkDone(2) }
    :: atomic { cancelsInRing > 0 -> ringLength--; cancelsInRing-- }
    :: atomic { ringLength == 0 -> break }
    od
}

inline Cancel() {
    interrupts++; cancelsAtServer++; cancelled = true
}

/* The body of a reader: ends when the own request is done. */
inline Read() {
    do
#ifdef NO_SECOND_LOOK
    :: doneBefore = word[me] & DONE;
       ReadCompletions();
       if
       :: !doneBefore && (word[me] & DONE) -> break
       :: else
       fi;
#else
    :: ReadCompletions();
       if
       :: word[me] & DONE -> break
       :: else
       fi;
#endif
       wantsBell = true;
       if
       :: ringLength == 0 ->
           if
           :: atomic { bell -> bell = false; wantsBell = false }
           :: atomic { !cancelled && interrupts < INTERRUPTS -> wantsBell = false; Cancel() }
           fi
       :: atomic { ringLength > 0 -> wantsBell = false }
       fi
    od
}

inline Submit() {
    atomic { word[me] = word[me] & NUDGED; waiting[me] = true; atServer[me] = true }
}

proctype Thread(byte me; byte requests) {
    byte other;
    bool cancelled, leads;
#ifdef NO_SECOND_LOOK
    bool doneBefore;
#endif

    do
    :: requests == 0 -> break
    :: requests > 0 ->
        requests--;
        cancelled = false;
#ifdef TRY_BEFORE_RECORD
        atomic {
            if
            :: reader == NOBODY -> reader = me; leads = true
            :: else
            fi
        };
        Submit();
        if
        :: leads -> Read(); FreeRole(); leads = false
        :: else -> atomic { asleep[me] = true }; atomic { word[me] != 0 -> asleep[me] = false }
        fi;
#else
        Submit();
#endif
        do
        :: word[me] & DONE -> break
        :: else ->
#ifndef CLEAR_AFTER_TRY
            atomic { word[me] = word[me] & DONE };
#endif
            atomic {
                if
                :: reader == NOBODY -> reader = me; leads = true
                :: else
                fi
            };
#ifdef CLEAR_AFTER_TRY
            atomic { word[me] = word[me] & DONE };
#endif
            if
            :: leads -> Read(); FreeRole(); leads = false
            :: else ->
                /* WordWait: the kernel compares the word with 0 before it sleeps. */
                asleep[me] = true;
                if
                :: atomic { word[me] != 0 -> asleep[me] = false }
                :: atomic { !cancelled && interrupts < INTERRUPTS -> asleep[me] = false; Cancel() }
                fi
            fi
        od;
        waiting[me] = false
    od;
    finished++
}

/* Into the ring, then the bell if it is wanted: one step here, because ring.pml has taken it apart. */
inline Complete() {
    ringLength++;
    if
    :: wantsBell -> wantsBell = false; bell = true
    :: else
    fi
}

active proctype Server() {
end:
    do
    :: atomic { atServer[0] -> atServer[0] = false; inRing[0] = true; Complete() }
    :: atomic { atServer[1] -> atServer[1] = false; inRing[1] = true; Complete() }
    :: atomic { atServer[2] -> atServer[2] = false; inRing[2] = true; Complete() }
    :: atomic { cancelsAtServer > 0 -> cancelsAtServer--; cancelsInRing++; Complete() }
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
