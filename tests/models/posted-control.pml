/*
 * Posted control (docs/posted-control.md). A program posts a close, has the process server make a vfork child, which asks vfs something, posts a close of its
 * own, and asks again; then the child ends. The process server posts to vfs that the child is there and that it has ended. Another client asks vfs to wait for that end
 * at any time.
 *
 * Shown, in every schedule, with the store buffers of x86-64: when the child is made known, what its parent had closed is closed; what the child posted
 * meanwhile is not lost; both are so before the child's question is served; and who waits is woken.
 *
 * Mutants (-D), each of which must fail:
 *   NO_POST_FENCE        the process server looks on while its index may still be in its store buffer
 *   NO_STATE_FENCE       so does vfs with the word that says that nobody waits
 *   STATE_UNSEEN         the process server does not look at that word again when it has posted
 *   NO_LAST_LOOK         vfs does not look at the ring when it has taken its word back
 *   LOOK_LATE            vfs looks at the index behind what programs have posted
 *   CONTROL_FIRST        it serves the process server's entries first
 *   POSTED_FIRST         the child posts before it has asked anything
 *   LOOK_FIRST           it looks before it takes the request
 */
#define WORDS 9
#define PROCESSORS 3

#define RING 0          /* index of what the program has posted */
#define CONTROL 1       /* index of what the process server has */
#define STATE 2         /* vfs: nobody waits */
#define ASKED 3
#define ANSWERED 4
#define WAITS 5
#define WOKEN 6
#define CALLED 7        /* messages of the process server */
#define RETURNED 8

#include "store-buffer.pml"

/* Entries need not be modelled: the program's first is its own, the second its child's; the process server's first makes it known, the second ends it. */
bool isForked, isStarted, hasEnded;
bool isClosed, isAttached, isChildClosed, isDetached, isWaiting;
bool byMessage;         /* the end comes with the call */
bool isQuiet = true;
byte ringHead, controlHead;

/* The program, on processor 0; parent and child, since one waits for the other. */

proctype Program() {
    byte junk;
    Exchange(0, RING, 1, junk);
    isForked = true;
    isStarted;
#ifdef POSTED_FIRST
    Exchange(0, RING, 2, junk);
#endif
    Store(0, ASKED, 1);
    memory[ANSWERED] == 1;
#ifndef POSTED_FIRST
    Exchange(0, RING, 2, junk);
#endif
    Store(0, ASKED, 2);
    memory[ANSWERED] == 2;
    hasEnded = true
}

/* The process server, on processor 1. */

inline PostControl(index) {
#ifdef NO_POST_FENCE
    Store(1, CONTROL, index)
#else
    Exchange(1, CONTROL, index, junk)
#endif
}

proctype ProcessServer() {
    byte junk, state;
    isForked;
    PostControl(1);
    isStarted = true;
    hasEnded;
    Load(1, STATE, state);
    if
    :: state ->
        PostControl(2);
#ifndef STATE_UNSEEN
        Load(1, STATE, state)
#endif
    :: else ->
        byMessage = true
    fi;
    if
    :: !state ->
        Store(1, CALLED, 1);
        memory[RETURNED] == 1
    :: else -> skip
    fi
}

/* vfs, on processor 2. */

inline ServeRing() {
    Load(2, RING, tail);
    do
    :: ringHead < tail ->
        atomic {
            if
            :: ringHead == 0 -> isClosed = true
            :: ringHead == 1 -> isChildClosed = isAttached
            fi;
            ringHead++
        }
    :: else -> break
    od
}

inline End() {
    isDetached = true;
    if
    :: isWaiting -> isWaiting = false; Store(2, WOKEN, 1)
    :: else -> skip
    fi
}

inline ServeControl() {
#ifndef LOOK_LATE
    Load(2, CONTROL, entries);
#endif
#ifndef CONTROL_FIRST
    ServeRing();
#endif
#ifdef LOOK_LATE
    Load(2, CONTROL, entries);
#endif
    do
    :: controlHead < entries ->
        if
        :: controlHead == 0 -> assert(isClosed); isAttached = true
        :: controlHead == 1 -> End()
        fi;
        controlHead++
    :: else -> break
    od
}

inline BeginTurn() {
    ServeControl();
#ifdef CONTROL_FIRST
    ServeRing()
#endif
}

inline EndTurn() {
    if
    :: isQuiet && isWaiting ->
        isQuiet = false;
#ifdef NO_STATE_FENCE
        Store(2, STATE, 0);
#else
        Exchange(2, STATE, 0, junk);
#endif
#ifndef NO_LAST_LOOK
        ServeControl()
#endif
    :: !isQuiet && !isWaiting ->
        isQuiet = true;
        Exchange(2, STATE, 1, junk)
    :: else -> skip
    fi
}

proctype Vfs() {
    byte junk, tail, entries, answered, waits, served, task;
    do
    :: true ->
#ifdef LOOK_FIRST
        BeginTurn();
#endif
end:    if
        :: memory[ASKED] > answered -> task = ASKED
        :: memory[WAITS] > waits -> task = WAITS
        :: memory[CALLED] > served -> task = CALLED
        fi;
#ifndef LOOK_FIRST
        BeginTurn();
#endif
        if
        :: task == ASKED ->
            answered++;
            assert(isAttached && (answered == 1 || isChildClosed))
        :: task == WAITS ->
            waits = 1;
            if
            :: isDetached -> Store(2, WOKEN, 1)
            :: else -> isWaiting = true
            fi
        :: task == CALLED ->
            served = 1;
            if
            :: byMessage -> End()
            :: else -> skip
            fi
        fi;
        EndTurn();
        if
        :: task == ASKED -> Store(2, ANSWERED, answered)
        :: task == CALLED -> Store(2, RETURNED, 1)
        :: else -> skip
        fi
    od
}

/* Another client. */

proctype Waiter() {
    memory[WAITS] = 1;
    memory[WOKEN] == 1
}

init {
    atomic {
        memory[STATE] = 1;
        run Drain(0);
        run Drain(1);
        run Drain(2);
        run Program();
        run ProcessServer();
        run Vfs();
        run Waiter()
    }
    /* Nothing can go on any more: everybody has been served. */
    timeout;
    assert(memory[WOKEN] == 1)
}
