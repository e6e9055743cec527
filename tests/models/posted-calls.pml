/*
 * Posted calls (docs/posted-calls.md). A client looks a file up, posts its open, posts its close, and tells another client by a store, nothing else. The other
 * one has the file removed at any time, and when it was told asks vfs something. vfs may stop to mind the ring at any time.
 *
 * Shown, in every schedule, with the store buffers of x86-64: when the question is served the file is closed; an open that the client believes in is never
 * refused; and all requests are answered.
 *
 * Mutants (-D), each of which must fail:
 *   NO_CLIENT_FENCE      the client looks on while its index may still be in its store buffer
 *   NO_TURN_FENCE        so does vfs with the number of the turn
 *   NO_FORGET_FENCE      and with the word that says that the ring is minded
 *   LOOK_FIRST           vfs looks at the ring before it takes the request
 *   LOOK_BEFORE_TURN     it looks before it begins the turn
 *   NO_LOOK              it does not look at the ring
 *   NO_LAST_LOOK         it stops to mind the ring without looking at it again
 *   MINDED_UNSEEN        the client does not look whether the ring is minded after it has posted
 *   TURN_UNSEEN          it does not look at the turn again
 *   ODD_ACCEPTED         it begins with an odd one
 *   SAME_NUMBER          a turn ends with the number with which it began
 */
#define WORDS 9
#define PROCESSORS 3

#define TAIL 0
#define MINDED 1
#define TURN 2
#define SHOWN 3
#define TOLD 4
#define ASKED 5         /* requests of the other client */
#define ANSWERED 6
#define SERVE 7         /* the client asks for what it has posted */
#define SERVED 8

#define Open 1
#define Close 2

#include "store-buffer.pml"

byte posts[2];          /* entries: seen by whoever sees the index, since stores stay in order */
bool isThere = true;    /* the file, as vfs knows it */
bool isOpen, isClosed, isRefused, isBelieved;
byte head;              /* of vfs */
byte turn = 2;
bool isMinded = true;

/* The client, on processor 0. */

byte posted;

inline Post(operation) {
    posts[posted] = operation;
    posted++;
#ifdef NO_CLIENT_FENCE
    Store(0, TAIL, posted)
#else
    Exchange(0, TAIL, posted, junk)
#endif
}

inline AskToServe() {
    asks++;
    Store(0, SERVE, asks);
    memory[SERVED] == asks
}

proctype Client() {
    byte junk, asks, first, second, shown, minded;
    Load(0, MINDED, minded);
    Load(0, TURN, first);
    Load(0, SHOWN, shown);
    if
#ifndef ODD_ACCEPTED
    :: minded && first % 2 == 0 && shown ->
#else
    :: minded && shown ->
#endif
        Post(Open);
#ifndef TURN_UNSEEN
        atomic {
            Load(0, TURN, second);
            if
            :: second == first -> assert(!isRefused); isBelieved = true
            :: else -> skip
            fi
        }
#else
        atomic { assert(!isRefused); isBelieved = true; second = first }
#endif
        if
        :: second != first -> AskToServe()
        :: else -> skip
        fi
    :: else -> skip
    fi;
    Post(Close);
#ifndef MINDED_UNSEEN
    Load(0, MINDED, minded);
    if
    :: !minded -> AskToServe()
    :: else -> skip
    fi;
#endif
    Store(0, TOLD, 1)
}

/* vfs, on processor 1. */

inline Look() {
    Load(1, TAIL, tail);
    do
    :: head < tail ->
        atomic {
            assert(posts[head] == Close || isThere || !isBelieved);
            isRefused = isRefused || posts[head] == Open && !isThere;
            isOpen = posts[head] == Open && isThere;
            isClosed = isClosed || posts[head] == Close;
            head++
        }
    :: head == tail -> break
    od
}

inline TurnToOdd() {
#ifdef SAME_NUMBER
    turn = 3;
#else
    turn++;
#endif
#ifdef NO_TURN_FENCE
    Store(1, TURN, turn)
#else
    Exchange(1, TURN, turn, junk)
#endif
}

inline BeginTurn() {
    if
    :: isMinded ->
#ifdef LOOK_BEFORE_TURN
        Look();
        TurnToOdd()
#else
        TurnToOdd();
#ifndef NO_LOOK
        Look()
#else
        skip
#endif
#endif
    :: else -> skip
    fi
}

inline EndTurn() {
    if
    :: isMinded ->
#ifdef SAME_NUMBER
        turn = 2;
#else
        turn++;
#endif
        Store(1, TURN, turn)
    :: else -> skip
    fi
}

proctype Vfs() {
    byte junk, tail, answered, served;
end:
    do
#ifdef LOOK_FIRST
    :: true ->
        BeginTurn();
        if
        :: memory[ASKED] == answered -> EndTurn(); goto end
        :: memory[ASKED] > answered -> skip
        fi;
#else
    :: memory[ASKED] > answered ->
        BeginTurn();
#endif
        answered++;
        if
        :: answered == 1 ->
            isThere = false;
            Store(1, SHOWN, 0)
        :: answered == 2 ->
            assert(!isOpen && isClosed)
        fi;
        EndTurn();
        Store(1, ANSWERED, answered)
    :: memory[SERVE] > served ->
        BeginTurn();
        Look();
        EndTurn();
        served++;
        Store(1, SERVED, served)
    :: isMinded ->
        TurnToOdd();
#ifdef NO_FORGET_FENCE
        Store(1, MINDED, 0);
#else
        Exchange(1, MINDED, 0, junk);
#endif
#ifndef NO_LAST_LOOK
        Look();
#endif
        isMinded = false
    od
}

/* The other client, on processor 2. */

proctype Other() {
    Store(2, ASKED, 1);
    memory[ANSWERED] == 1;
    memory[TOLD] == 1;
    Store(2, ASKED, 2);
    memory[ANSWERED] == 2
}

init {
    atomic {
        memory[MINDED] = 1;
        memory[TURN] = turn;
        memory[SHOWN] = 1;
        run Drain(0);
        run Drain(1);
        run Drain(2);
        run Client();
        run Vfs();
        run Other()
    }
}
