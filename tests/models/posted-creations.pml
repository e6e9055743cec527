/*
 * Files that are made by posting, and written before vfs has seen them (docs/posted-names.md). A client makes a file, writes it once and closes it, makes
 * another and writes that; it tells others by a store, nothing else. Two handles are lent to it: that of the first file is free again when its close is posted,
 * and may have a permit to write, which that file has got, until the close is served. A second program has vfs show it the first file, at any time, and looks
 * at it in memory; or, perhaps when it was told, takes the name of the second file if that is free; or asks for something else. A permit for names may have to
 * end because too much was made by it.
 *
 * Shown, in every schedule, with the store buffers of x86-64: what was posted under a number finds the name absent; each call that has returned was done once,
 * and before whatever is asked by who was told of it; each write goes to its own file; who sees a file in memory sees each write that has returned; each write
 * has room.
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
 *   WRITES_UNSEEN        the client takes a handle that has a permit to write for a file that it makes
 *   SHOWN_WITH_WRITES    vfs shows a file and leaves its permit to write
 */
#define WORDS 18
#define PROCESSORS 3
#define STEPS 5
#define PROMISED 1
#define WRITES 2        /* of a permit to write */
#define OTHER 2         /* a handle that is not lent */

#define TAIL 0
#define TURN 1
#define PERMIT 2
#define DONE 3          /* entries that were done, a bit each */
#define TOLD 4          /* calls that have returned */
#define FILE 5          /* calls of those that make the first file and write it that were made: who is shown it sees this */
#define SERVE 6
#define SERVED 7
#define CALL 8          /* calls by request of the client */
#define CALLED 9
#define TAKE 10
#define TAKEN 11
#define SHOW 12
#define SHOWN 13
#define LAST 14         /* somebody asks when all is over */
#define ASK 15
#define LEFT 16         /* writes that are left of the permit of the first lent handle, and of the second */

#include "store-buffer.pml"

/* What is posted: the call, the permit for names with which a file is made, the handle, and whether it is a write by a permit to write. */
byte steps[STEPS + 1], stamps[STEPS + 1], handles[STEPS + 1];
bool byPermit[STEPS + 1];
byte posted, head, made, finished, number = 1, turn = 2, room = PROMISED;
bool isTaken, isOver;

/* Calls: the first file is made, written and closed; the second is made, and written. */
#define IsMaking(step) ((step) % 3 == 0)
#define IsClosing(step) ((step) == 2)
#define FileOf(step) ((step) / 3 + 1)

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
    byte junk, asks, calls, first, second, permit, bits, returned, used, usedTurn, freshTurn, left, handle;
    byte known = 1;
    bool mayBe, isPermitted;
    do
    :: returned < STEPS ->
        Load(0, TURN, first);
        Load(0, PERMIT, permit);
        if
        :: IsMaking(returned) ->
            /* It takes the first handle that is lent and free: both are. */
            handle = 0;
#ifndef WRITES_UNSEEN
            Load(0, LEFT, left);
            handle = (left > 0 -> 1 : 0);
#endif
            left = 0
        :: !IsMaking(returned) && !IsClosing(returned) && handle != OTHER -> Load(0, LEFT + handle, left)
        :: else -> skip
        fi;
        atomic {
            mayBe = first % 2 == 0 && permit != 0 && permit == known;
            isPermitted = false;
            if
            :: IsMaking(returned) ->
                if
                :: mayBe && usedTurn != first -> used = 0; usedTurn = first
                :: else -> skip
                fi;
                freshTurn = 0
            :: IsClosing(returned) ->
                mayBe = true;
                freshTurn = 0
            :: else ->
                isPermitted = first % 2 == 0 && left > 0;
#ifdef FRESH_FOR_EVER
                mayBe = mayBe && freshTurn != 0 && used < PROMISED && !isPermitted;
#else
#ifdef WRITES_UNCOUNTED
                mayBe = mayBe && freshTurn == first && !isPermitted;
#else
                mayBe = mayBe && freshTurn == first && used < PROMISED && !isPermitted;
#endif
#endif
                used = (mayBe -> used + 1 : used)
            fi
        };
        if
        :: isPermitted ->
            /* Compare and exchange. */
            atomic { !buffered[0] -> mayBe = memory[LEFT + handle] == left; memory[LEFT + handle] = (mayBe -> left - 1 : memory[LEFT + handle]) }
        :: else -> skip
        fi;
        left = 0;
        if
        :: mayBe ->
            atomic {
                steps[posted] = returned;
                stamps[posted] = permit;
                handles[posted] = handle;
                byPermit[posted] = isPermitted;
                posted++
            };
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
            :: IsClosing(returned) -> skip
            :: !IsClosing(returned) && second != first ->
                known = (isPermitted -> known : 0);
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
                mayBe = isPermitted || ((bits >> (posted - 1)) & 1)
#endif
#endif
            :: else ->
                freshTurn = (IsMaking(returned) -> first : freshTurn)
            fi
        :: else -> skip
        fi;
        if
        :: mayBe -> skip
        :: else ->
            ByRequest();
            handle = (IsMaking(returned) -> OTHER : handle)
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

/* What is left of the permit to write is promised no more; what was taken from it is. */
inline EndWrites() {
    Exchange(1, LEFT + writesHandle, 0, junk);
    promised = promised - junk;
    isActive = false;
    junk = 0
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
                    assert(open[handles[head]] == 0);
                    open[handles[head]] = FileOf(steps[head]);
                    newest = handles[head] + 1;
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
            :: IsClosing(steps[head]) ->
                Make(steps[head]);
                closed = handles[head];
                if
                :: closed != OTHER -> open[closed] = 0
                :: else -> skip
                fi
            :: byPermit[head] ->
                assert(promised > 0);
                promised--;
                assert(writesFile == FileOf(steps[head]));
                Make(steps[head])
            :: else ->
                if
                :: number != 0 && room > 0 && open[handles[head]] != 0 ->
                    room--;
                    assert(open[handles[head]] == FileOf(steps[head]));
                    Make(steps[head]);
                    done = done | (1 << head)
                :: else -> skip
                fi
            fi;
            written = (made < 2 -> made : 2);
            head++
        };
        if
        :: isActive && open[writesHandle] == 0 -> EndWrites()
        :: else -> skip
        fi;
        Store(1, DONE, done);
        Store(1, FILE, written)
    :: head == tail -> break
    od;
#ifndef NO_REFILL
    room = PROMISED;
#endif
    /* The last file that was made may be written without asking, if nobody sees it. */
    if
    :: newest != 0 && open[newest - 1] != 0 && !isActive && promised == 0 && !(isShown && open[newest - 1] == 1) && number != 0 ->
        atomic {
            writesHandle = newest - 1;
            writesFile = open[writesHandle];
            promised = WRITES;
            isActive = true
        };
        Store(1, LEFT + writesHandle, WRITES)
    :: else -> skip
    fi;
    newest = 0;
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
    byte junk, tail, done, served, called, behind, taken, closed, newest, writesHandle, writesFile, promised, written;
    byte open[2];                 /* the file of each lent handle */
    bool isDue, isAsked, isShown, hasTaken, isActive;
end:
    do
    :: (memory[ASK] && !isAsked) || (memory[TAKE] && !hasTaken) || (memory[SHOW] && !isShown) ||
       memory[CALL] > called || memory[SERVE] > served || (memory[LAST] && !isOver) ->
        /* It takes a request, and looks at the rings then. */
        if
        :: memory[ASK] && !isAsked -> taken = ASK
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
            isTaken = made <= 3;
#ifndef NO_END
            number = 0;
            Store(1, PERMIT, number);
#endif
            hasTaken = true;
            EndTurn();
            Store(1, TAKEN, 1)
        :: taken == ASK ->
            isAsked = true;
            EndTurn()
        :: taken == SHOW ->
            isShown = true;
#ifndef SHOWN_WITH_WRITES
            if
            :: isActive && writesFile == 1 -> EndWrites()
            :: else -> skip
            fi;
#endif
            EndTurn();
            Store(1, SHOWN, (made > 0 -> 2 : 1))
        :: taken == CALL ->
            called++;
            /* A request finds whatever is there, and says so. */
            Make(asked);
            written = (made < 2 -> made : 2);
            Store(1, FILE, written);
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
    assert(memory[SHOWN] == 1 || told < 2 || seen == 2);
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

/* Who asks for what has to do with none of this, on the same. */

proctype Third() {
    Store(2, ASK, 1);
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
        :: run Third()
        fi
    }
    finished == 2 && !buffered[0];
    memory[LAST] = 1;
    isOver;
    assert(made == STEPS)
}
