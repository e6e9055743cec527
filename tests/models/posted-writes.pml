/*
 * Posted writes (docs/posted-calls.md). A thread takes a write from its permit, posts it, looks at the turn again, and tells others by a store, nothing else. A
 * second program has vfs show it the file, at any time, and looks at it in memory. A third one, which may have been told, asks for a write of its own.
 *
 * Shown, in every schedule, with the store buffers of x86-64: who was told of a write that has returned sees it in memory, and writes behind it; each write that
 * was taken from the permit is made, and has room; and nothing is promised for ever.
 *
 * Mutants (-D), each of which must fail:
 *   NO_CLIENT_FENCE      the client looks on while its index may still be in its store buffer
 *   NO_TURN_FENCE        so does vfs with the number of the turn
 *   TURN_UNSEEN          the client does not look at the turn again
 *   ODD_ACCEPTED         it begins with an odd one
 *   SAME_NUMBER          a turn ends with the number with which it began
 *   NO_LOOK              vfs does not look at the ring when it begins a turn
 *   NO_END               it shows the file and leaves the permit
 *   FORGET_TAKEN         what was taken from the permit is promised no more when that ends
 *   PLAIN_TAKE           the client takes from its permit by a load and a store
 */
#define WORDS 11
#define PROCESSORS 4
#define WRITES 2

#define TAIL 0
#define TURN 1
#define PERMIT 2        /* writes that are left */
#define FILE 3          /* writes that stand in the file: who is shown it sees this */
#define TOLD 4
#define SHOW 5
#define SHOWN 6
#define WRITE 7
#define WRITTEN 8
#define SERVE 9
#define SERVED 10

#include "store-buffer.pml"

byte posted, head, made, behind, finished;
byte promised = WRITES;
byte turn = 2;

/* The client, on processor 0. */

inline Take() {
#ifdef PLAIN_TAKE
    Store(0, PERMIT, left - 1)
#else
    atomic {
        !buffered[0] ->
        if
        :: memory[PERMIT] == left -> memory[PERMIT] = left - 1
        :: else -> left = 0
        fi
    }
#endif
}

proctype Client() {
    byte junk, asks, first, second, left;
    do
    :: posted < WRITES ->
        Load(0, TURN, first);
        Load(0, PERMIT, left);
        if
#ifndef ODD_ACCEPTED
        :: first % 2 == 0 && left > 0 -> Take()
#else
        :: left > 0 -> Take()
#endif
        :: else -> left = 0
        fi;
        if
        :: left == 0 -> break
        :: else -> posted++
        fi;
#ifdef NO_CLIENT_FENCE
        Store(0, TAIL, posted);
#else
        Exchange(0, TAIL, posted, junk);
#endif
#ifndef TURN_UNSEEN
        Load(0, TURN, second);
        if
        :: second != first ->
            asks++;
            Store(0, SERVE, asks);
            memory[SERVED] == asks
        :: else -> skip
        fi;
#endif
        Store(0, TOLD, posted)
    :: posted == WRITES -> break
    od;
    finished++
}

/* vfs, on processor 1. */

inline Look() {
    Load(1, TAIL, tail);
    do
    :: head < tail ->
        atomic {
            assert(promised > 0);
            promised--;
            head++;
            made++
        };
        Store(1, FILE, made)
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

inline End() {
    Exchange(1, PERMIT, 0, left);
#ifdef FORGET_TAKEN
    promised = 0
#else
    promised = promised - left
#endif
}

proctype Vfs() {
    byte junk, tail, left, served;
    bool isShown, isWritten;
end:
    do
    :: memory[SHOW] && !isShown ->
        BeginTurn();
#ifndef NO_END
        End();
#endif
        isShown = true;
        EndTurn();
        Store(1, SHOWN, 1)
    :: memory[WRITE] && !isWritten ->
        BeginTurn();
        behind = made;
        isWritten = true;
        EndTurn();
        Store(1, WRITTEN, 1)
    :: memory[SERVE] > served ->
        BeginTurn();
        served++;
        EndTurn();
        Store(1, SERVED, served)
    od
}

/* Who sees the file, on processor 2. */

proctype Reader() {
    byte told, seen;
    Store(2, SHOW, 1);
    memory[SHOWN] == 1;
    Load(2, TOLD, told);
    Load(2, FILE, seen);
    assert(seen >= told);
    finished++
}

/* Who writes it too, on processor 3. */

proctype Other() {
    byte told;
    Load(3, TOLD, told);
    Store(3, WRITE, 1);
    memory[WRITTEN] == 1;
    assert(behind >= told);
    finished++
}

init {
    atomic {
        memory[TURN] = turn;
        memory[PERMIT] = WRITES;
        run Drain(0);
        run Drain(1);
        run Drain(2);
        run Drain(3);
        run Client();
        run Vfs();
        run Reader();
        run Other()
    }
    finished == 3;
    assert(made == posted && promised == 0)
}
