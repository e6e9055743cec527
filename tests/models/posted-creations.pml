/*
 * Files that are made by posting, and written before vfs has seen them (docs/posted-names.md). A client makes two files, and writes each once; it tells others by
 * a store, nothing else. A second program either has vfs show it the first file, at any time, and looks at it in memory; or, perhaps when it was told, takes the
 * name of the second file if that is free. A permit may have to end because too much was made by it.
 *
 * Shown, in every schedule, with the store buffers of x86-64: what was posted under a number finds the name absent; each call that has returned was done once, and
 * before whatever is asked by who was told of it; who sees a file in memory sees each write that has returned; each write has room.
 *
 * Mutants (-D), each of which must fail:
 *   NO_CLIENT_FENCE      the client looks on while its index may still be in its store buffer
 *   TURN_UNSEEN          it does not look at the turn again
 *   FRESH_FOR_EVER       it writes so in later turns, too
 *   WRITES_UNCOUNTED     it posts more writes in a turn than are promised
 *   REFUSAL_UNSEEN       it takes for done what was refused
 *   DONE_UNSEEN          it does again what was done
 *   NO_LOOK              vfs does not look at the ring when it begins a turn
 *   NO_END               it gives the name away and leaves the permit's number
 *   NUMBER_UNSEEN        it makes what comes under another number
 *   END_AT_ONCE          the permit ends while there are entries that depend on it
 *   NO_REFILL            what is promised for a turn is not promised again
 */
#define WORDS 15
#define PROCESSORS 3
#define STEPS 4
#define PROMISED 1

#define TAIL 0
#define TURN 1
#define PERMIT 2
#define DONE 3          /* entries that were done, a bit each */
#define TOLD 4          /* calls that have returned */
#define FILE 5          /* writes that stand in the first file: who is shown it sees this */
#define SERVE 6
#define SERVED 7
#define CALL 8          /* calls by request of the client */
#define CALLED 9
#define TAKE 10
#define TAKEN 11
#define SHOW 12
#define SHOWN 13
#define LAST 14         /* somebody asks when all is over */

#include "store-buffer.pml"

byte steps[STEPS + 1], stamps[STEPS + 1];
byte posted, head, made, finished, number = 1, turn = 2, room = PROMISED;
bool isTaken, isOver;

/* Calls: the first file is made, and written; so is the second. */
#define IsMaking(step) ((step) % 2 == 0)

/* The client, on processor 0. */

inline ByRequest() {
    calls++;
    asked = returned;
    Store(0, CALL, calls);
    memory[CALLED] == calls;
    /* The answer tells which number follows: what was known before is known under that, too. */
    if
    :: known != 0 -> Load(0, PERMIT, known)
    :: else -> skip
    fi
}

byte asked;

proctype Client() {
    byte junk, asks, calls, first, second, permit, bits, returned, used, freshTurn;
    byte known = 1;
    bool mayBe;
    do
    :: returned < STEPS ->
        Load(0, TURN, first);
        Load(0, PERMIT, permit);
        atomic {
            mayBe = first % 2 == 0 && permit != 0 && permit == known;
            if
            :: IsMaking(returned) ->
                if
                :: mayBe && freshTurn != first -> used = 0
                :: else -> skip
                fi
            :: else ->
#ifdef FRESH_FOR_EVER
                mayBe = mayBe && freshTurn != 0 && used < PROMISED;
#else
#ifdef WRITES_UNCOUNTED
                mayBe = mayBe && freshTurn == first;
#else
                mayBe = mayBe && freshTurn == first && used < PROMISED;
#endif
#endif
                used = (mayBe -> used + 1 : used)
            fi;
            freshTurn = (IsMaking(returned) -> 0 : freshTurn)
        };
        if
        :: mayBe ->
            steps[posted] = returned;
            stamps[posted] = permit;
            posted++;
#ifdef NO_CLIENT_FENCE
            Store(0, TAIL, posted);
#else
            Exchange(0, TAIL, posted, junk);
#endif
#ifdef TURN_UNSEEN
            second = first;
#else
            Load(0, TURN, second);
#endif
            if
            :: second != first ->
                known = 0;
                asks++;
                Store(0, SERVE, asks);
                memory[SERVED] == asks;
                Load(0, DONE, bits);
#ifdef REFUSAL_UNSEEN
                mayBe = true
#else
#ifdef DONE_UNSEEN
                mayBe = false
#else
                mayBe = (bits >> (posted - 1)) & 1
#endif
#endif
            :: else ->
                freshTurn = (IsMaking(returned) -> first : freshTurn)
            fi
        :: else -> skip
        fi;
        if
        :: mayBe -> skip
        :: else -> ByRequest()
        fi;
        returned++;
        Store(0, TOLD, returned)
    :: returned == STEPS -> break
    od;
    finished++
}

/* vfs, on processor 1. Calls are made in their order: so many have been. */

inline Make(step) {
    assert(step == made);
    made++
}

inline Look() {
    Load(1, TAIL, tail);
    do
    :: head < tail ->
        atomic {
            if
            :: IsMaking(steps[head]) ->
                if
#ifdef NUMBER_UNSEEN
                :: true ->
#else
                :: stamps[head] == number ->
#endif
                    assert(steps[head] == 0 || !isTaken);
                    Make(steps[head]);
                    done = done | (1 << head);
                    /* Too much perhaps. */
                    if
#ifdef END_AT_ONCE
                    :: number = 0
#else
                    :: isDue = true
#endif
                    :: skip
                    fi
                :: else -> skip
                fi
            :: else ->
                if
                :: number != 0 && room > 0 ->
                    room--;
                    Make(steps[head]);
                    done = done | (1 << head)
                :: else -> skip
                fi
            fi;
            head++
        };
        Store(1, DONE, done);
        Store(1, FILE, made - 1)
    :: head == tail -> break
    od;
#ifndef NO_REFILL
    room = PROMISED;
#endif
    if
    :: isDue -> isDue = false; number = 0; Store(1, PERMIT, number)
    :: else -> skip
    fi
}

inline BeginTurn() {
    turn++;
    Exchange(1, TURN, turn, junk);
#ifndef NO_LOOK
    Look()
#else
    skip
#endif
}

inline EndTurn() {
    turn++;
    Store(1, TURN, turn)
}

proctype Vfs() {
    byte junk, tail, done, served, called, behind, taken;
    bool isDue, isShown, hasTaken;
end:
    do
    :: (memory[TAKE] && !hasTaken) || (memory[SHOW] && !isShown) || memory[CALL] > called || memory[SERVE] > served || (memory[LAST] && !isOver) ->
        /* It takes a request, and looks at the rings then. */
        if
        :: memory[TAKE] && !hasTaken -> taken = TAKE
        :: memory[SHOW] && !isShown -> taken = SHOW
        :: memory[CALL] > called -> taken = CALL
        :: memory[SERVE] > served -> taken = SERVE
        :: memory[LAST] && !isOver -> taken = LAST
        fi;
        if
        :: taken == TAKE -> behind = memory[TAKE] - 1
        :: else -> skip
        fi;
        BeginTurn();
        if
        :: taken == TAKE ->
            assert(made >= behind);
            isTaken = made <= 2;
#ifndef NO_END
            number = 0;
            Store(1, PERMIT, number);
#endif
            hasTaken = true;
            EndTurn();
            Store(1, TAKEN, 1)
        :: taken == SHOW ->
            isShown = true;
            EndTurn();
            Store(1, SHOWN, (made > 0 -> 2 : 1))
        :: taken == CALL ->
            called++;
            /* A request finds whatever is there, and says so. */
            Make(asked);
            Store(1, FILE, made - 1);
            number = (number != 0 -> 10 * called : 0);
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

/* Who sees the first file, on processor 2. */

proctype Reader() {
    byte told, seen;
    Store(2, SHOW, 1);
    memory[SHOWN] != 0;
    Load(2, TOLD, told);
    Load(2, FILE, seen);
    /* Unless there was no such file yet. */
    assert(memory[SHOWN] == 1 || told > 2 || seen + 1 >= told);
    finished++
}

/* Who takes the second name, on the same. */

proctype Other() {
    byte told;
    Load(2, TOLD, told);
    Store(2, TAKE, told + 1);
    memory[TAKEN] == 1;
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
        if
        :: run Reader()
        :: run Other()
        fi
    }
    finished == 2 && !buffered[0];
    memory[LAST] = 1;
    isOver;
    assert(made == STEPS)
}
