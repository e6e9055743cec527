/*
 * A connection: submission ring, completion ring and both doorbells with suppression, between one client thread and one server thread.
 * The protocol is docs/ring-protocol.md; the words are those of libsys/rings/RingLayout.cs, with two slots and indices that wrap at 4
 * instead of 2^32, so that a short run goes round both.
 *
 * Shown: every run ends with all requests completed (no lost wake-up, no deadlock); no slot is filled before its last content was read, and none is
 * read before it was filled; each request reaches the server once, and its completion the client once.
 *
 * Mutants (-D): each removes one step that the argument needs, and must fail.
 *   SUBMIT_WITHOUT_FENCE    the client looks at the want-bell word while its tail may still be in the store buffer
 *   SLEEP_WITHOUT_FENCE     the server looks at the tail while its want-bell store may still be in the store buffer
 *   SLEEP_WITHOUT_RECHECK   the server sleeps without looking again after it asked for a bell
 *   COMPLETE_WITHOUT_FENCE, WAIT_WITHOUT_FENCE, WAIT_WITHOUT_RECHECK   the same three on the way back
 *   PUBLISH_BEFORE_FILL     the tail is stored before the slot
 *   WINDOW_TOO_WIDE         the client has one request more in flight than the rings have slots
 *   WANT_NEVER_SET          the server never asks for a bell again after its first sleep
 */
#ifndef SLOTS
#define SLOTS       2   /* any power of two: a protocol chooses its own (docs/connections.md) */
#endif
#define WRAP        (2 * SLOTS)     /* a multiple of SLOTS, more than SLOTS: full and empty differ */
#define REQUESTS    (WRAP + 1)      /* more than WRAP: both rings go round, indices wrap */

#ifdef WINDOW_TOO_WIDE
#define WINDOW      (SLOTS + 1)
#else
#define WINDOW      SLOTS
#endif

#define SUBMISSION_TAIL     0
#define COMPLETION_TAIL     1
#define SERVER_WANTS_BELL   2
#define CLIENT_WANTS_BELL   3
#define SUBMISSIONS         4
#define COMPLETIONS         (SUBMISSIONS + SLOTS)
#define WORDS               (COMPLETIONS + SLOTS)
#define PROCESSORS          2
#include "store-buffer.pml"

#define CLIENT  0
#define SERVER  1

/* Notifications: a signal stays until it is waited for. */
bool doorbell, completionBell;

/* What the assertions know; the protocol does not look at it. */
bool submissionFull[SLOTS], completionFull[SLOTS];
bool served[REQUESTS + 1], answered[REQUESTS + 1];
bool done;

inline Fill(processor, word, value, occupied) {
    assert(!occupied);
    occupied = true;
    Store(processor, word, value)
}

proctype Client() {
    byte tail, head, seen, sent, inFlight, old, value;

    do
    :: sent < REQUESTS && inFlight < WINDOW ->
        sent++;
        inFlight++;
#ifdef PUBLISH_BEFORE_FILL
        Store(CLIENT, SUBMISSION_TAIL, (tail + 1) % WRAP);
        Fill(CLIENT, SUBMISSIONS + tail % SLOTS, sent, submissionFull[tail % SLOTS]);
        tail = (tail + 1) % WRAP;
#else
        Fill(CLIENT, SUBMISSIONS + tail % SLOTS, sent, submissionFull[tail % SLOTS]);
        tail = (tail + 1) % WRAP;
        Store(CLIENT, SUBMISSION_TAIL, tail);
#endif
#ifndef SUBMIT_WITHOUT_FENCE
        Fence(CLIENT);
#endif
        Load(CLIENT, SERVER_WANTS_BELL, old);
        if
        :: old == 1 ->
            Exchange(CLIENT, SERVER_WANTS_BELL, 0, old);
            if
            :: old == 1 -> doorbell = true
            :: else
            fi
        :: else
        fi

    :: inFlight > 0 ->
        Load(CLIENT, COMPLETION_TAIL, seen);
        if
        :: seen == head ->
            Store(CLIENT, CLIENT_WANTS_BELL, 1);
#ifndef WAIT_WITHOUT_FENCE
            Fence(CLIENT);
#endif
#ifndef WAIT_WITHOUT_RECHECK
            Load(CLIENT, COMPLETION_TAIL, seen);
#endif
            if
            :: seen == head -> atomic { !buffered[CLIENT] && completionBell -> completionBell = false }
            :: else
            fi;
            Store(CLIENT, CLIENT_WANTS_BELL, 0)
        :: else ->
            Load(CLIENT, COMPLETIONS + head % SLOTS, value);
            assert(completionFull[head % SLOTS]);
            completionFull[head % SLOTS] = false;
            assert(value >= 1 && value <= sent);
            assert(!answered[value]);
            answered[value] = true;
            head = (head + 1) % WRAP;
            inFlight--
        fi

    :: sent == REQUESTS && inFlight == 0 -> break
    od;
    done = true
}

proctype Server() {
    byte head, tail, seen, old, value;
    /* Requests read and not yet completed; completed in any order. */
    byte pending[SLOTS];

    do
    :: pending[0] != 0 || pending[1] != 0 ->
complete:
        if
        :: pending[0] != 0 -> value = pending[0]; pending[0] = 0
        :: pending[1] != 0 -> value = pending[1]; pending[1] = 0
        fi;
        Fill(SERVER, COMPLETIONS + tail % SLOTS, value, completionFull[tail % SLOTS]);
        value = 0;
        tail = (tail + 1) % WRAP;
        Store(SERVER, COMPLETION_TAIL, tail);
#ifndef COMPLETE_WITHOUT_FENCE
        Fence(SERVER);
#endif
        Load(SERVER, CLIENT_WANTS_BELL, old);
        if
        :: old == 1 ->
            Exchange(SERVER, CLIENT_WANTS_BELL, 0, old);
            if
            :: old == 1 -> completionBell = true
            :: else
            fi
        :: else
        fi

    :: pending[0] == 0 || pending[1] == 0 ->
        Load(SERVER, SUBMISSION_TAIL, seen);
        if
        :: seen != head ->
            Load(SERVER, SUBMISSIONS + head % SLOTS, value);
            assert(submissionFull[head % SLOTS]);
            submissionFull[head % SLOTS] = false;
            assert(value >= 1 && value <= REQUESTS);
            assert(!served[value]);
            served[value] = true;
            head = (head + 1) % WRAP;
            if
            :: pending[0] == 0 -> pending[0] = value
            :: else -> pending[1] = value
            fi;
            value = 0
        :: seen == head && pending[0] == 0 && pending[1] == 0 ->
#ifdef WANT_NEVER_SET
            skip;
#else
            Store(SERVER, SERVER_WANTS_BELL, 1);
#endif
#ifndef SLEEP_WITHOUT_FENCE
            Fence(SERVER);
#endif
#ifndef SLEEP_WITHOUT_RECHECK
            Load(SERVER, SUBMISSION_TAIL, seen);
#endif
            if
            :: seen == head ->
end:            atomic { !buffered[SERVER] && doorbell -> doorbell = false }
            :: else
            fi;
            /* The connection is hot: no bell until the next attempt to sleep. */
            Store(SERVER, SERVER_WANTS_BELL, 0)
        :: else -> goto complete
        fi
    od
}

init {
    atomic {
        memory[SERVER_WANTS_BELL] = 1;  /* the layout's initial value: the server has not looked yet */
        run Drain(CLIENT);
        run Drain(SERVER);
        run Client();
        run Server()
    }
}

/* The server may stay asleep for ever, but only when nothing is left to do: the client has all its answers. */
ltl every_request_is_answered { <> done }
