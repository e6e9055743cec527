/*
 * Posted changes of names (docs/posted-names.md). A client makes and removes a directory in turn, by posting where the permit's number is that of what it knows,
 * and tells others by a store, nothing else. A second program, which may have been told, asks vfs to make or remove the same name, at any time.
 *
 * Shown, in every schedule, with the store buffers of x86-64: what was posted under a number finds what its client knew; each call that has returned was done
 * once, and before whatever is asked by who was told of it; each that was refused was not done.
 *
 * Mutants (-D), each of which must fail:
 *   NO_CLIENT_FENCE      the client looks on while its index may still be in its store buffer
 *   NO_TURN_FENCE        so does vfs with the number of the turn
 *   TURN_UNSEEN          the client does not look at the turn again
 *   ODD_ACCEPTED         it begins with an odd one
 *   SAME_NUMBER          a turn ends with the number with which it began
 *   NO_LOOK              vfs does not look at the ring when it begins a turn
 *   NO_END               it changes the name for others and leaves the permit's number
 *   NUMBER_UNSEEN        it makes what comes under another number
 *   REFUSAL_UNSEEN       the client takes for done what was refused
 *   DONE_UNSEEN          it does again what was done
 */
#define WORDS 12
#define PROCESSORS 3
#define CHANGES 2

#define TAIL 0
#define TURN 1
#define PERMIT 2
#define DONE 4          /* entries that were done, a bit each */
#define TOLD 5
#define SERVE 6
#define SERVED 7
#define CALL 8          /* changes by request of the client */
#define CALLED 9
#define CHANGE 10
#define CHANGED 11
#define LAST 3          /* somebody asks when all is over */

#include "store-buffer.pml"

byte entries[CHANGES + 1];
byte posted, head, made, others, finished;
byte turn = 2, number = 1;
bool isThere, isOver;

/* The client, on processor 0. */

inline ByRequest() {
    calls++;
    Store(0, CALL, calls);
    memory[CALLED] == calls;
    /* The answer tells. */
    known = 10 * calls
}

proctype Client() {
    byte junk, asks, calls, first, second, permit, bits, returned;
    byte known = 1;
    do
    :: returned < CHANGES ->
        Load(0, TURN, first);
        Load(0, PERMIT, permit);
        if
#ifndef ODD_ACCEPTED
        :: first % 2 == 0 && permit != 0 && permit == known ->
#else
        :: permit != 0 && permit == known ->
#endif
            entries[posted] = permit;
            posted++;
#ifdef NO_CLIENT_FENCE
            Store(0, TAIL, posted);
#else
            Exchange(0, TAIL, posted, junk);
#endif
#ifndef TURN_UNSEEN
            Load(0, TURN, second);
            if
            :: second != first ->
                known = 0;
                asks++;
                Store(0, SERVE, asks);
                memory[SERVED] == asks;
                Load(0, DONE, bits);
#ifdef REFUSAL_UNSEEN
                skip
#else
#ifdef DONE_UNSEEN
                ByRequest()
#else
                if
                :: (bits >> (posted - 1)) & 1 -> skip
                :: else -> ByRequest()
                fi
#endif
#endif
            :: else -> skip
            fi
#endif
        :: else -> ByRequest()
        fi;
        returned++;
        Store(0, TOLD, returned)
    :: returned == CHANGES -> break
    od;
    finished++
}

/* vfs, on processor 1. */

inline Look() {
    Load(1, TAIL, tail);
    do
    :: head < tail ->
        atomic {
            if
#ifdef NUMBER_UNSEEN
            :: true ->
#else
            :: entries[head] == number ->
#endif
                /* A directory that was made is removed, and the other way round. */
                assert(isThere == made % 2);
                isThere = !isThere;
                made++;
                done = done | (1 << head)
            :: else -> skip
            fi;
            head++
        };
        Store(1, DONE, done)
    :: head == tail -> break
    od
}

inline BeginTurn() {
#ifdef SAME_NUMBER
    turn = 3;
#else
    turn++;
#endif
#ifdef NO_TURN_FENCE
    Store(1, TURN, turn);
#else
    Exchange(1, TURN, turn, junk);
#endif
#ifndef NO_LOOK
    Look()
#else
    skip
#endif
}

inline EndTurn() {
#ifdef SAME_NUMBER
    turn = 2;
#else
    turn++;
#endif
    Store(1, TURN, turn)
}

proctype Vfs() {
    byte junk, tail, done, served, called, taken;
    bool isChanged;
end:
    do
    :: (memory[CHANGE] && !isChanged) || memory[CALL] > called || memory[SERVE] > served || (memory[LAST] && !isOver) ->
        /* It takes a request, and looks at the rings then. */
        if
        :: memory[CHANGE] && !isChanged -> taken = CHANGE
        :: memory[CALL] > called -> taken = CALL
        :: memory[SERVE] > served -> taken = SERVE
        :: memory[LAST] && !isOver -> taken = LAST
        fi;
        BeginTurn();
        if
        :: taken == CHANGE ->
            others = made;
            /* Somebody else undoes what the client has done last. */
            isThere = !isThere;
#ifndef NO_END
            if
            :: number = 0
            :: number = number + 1
            fi;
            Store(1, PERMIT, number);
#endif
            isChanged = true;
            EndTurn();
            Store(1, CHANGED, 1)
        :: taken == CALL ->
            called++;
            /* A request finds whatever is there, and says so. */
            isThere = made % 2 == 0;
            made++;
            number = 10 * called;
            Store(1, PERMIT, number);
            EndTurn();
            Store(1, CALLED, called)
        :: taken == SERVE ->
            served++;
            EndTurn();
            Store(1, SERVED, served)
        :: taken == LAST ->
            EndTurn();
            isOver = true
        fi
    od
}

/* Who changes the name too, on processor 2. */

proctype Other() {
    byte told;
    Load(2, TOLD, told);
    Store(2, CHANGE, 1);
    memory[CHANGED] == 1;
    assert(others >= told);
    finished++
}

init {
    atomic {
        memory[TURN] = turn;
        memory[PERMIT] = number;
        run Drain(0);
        run Drain(1);
        run Drain(2);
        run Client();
        run Vfs();
        run Other()
    }
    finished == 2 && !buffered[0];
    memory[LAST] = 1;
    isOver;
    assert(made == CHANGES)
}
