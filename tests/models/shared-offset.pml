/*
 * An offset that several programs move (docs/files-in-memory.md): vfs, one thread, lends it in a page that three programs map. They read records by it, in memory
 * or by requests, each of which takes the offset back, uses it, and lends it again. One of them gives back what it has taken, as a read does whose bytes are not
 * in memory, and asks then: at the own offset, or where others have gone on, for the record that it has taken. Another is ended when it has taken a record.
 *
 * Shown, in every schedule: each record is taken once, by somebody, and the offset is behind the last one; vfs waits for nobody. What a program that means harm
 * stores in the page is not in the model: each offset that it makes others see they could have seen by its lseek(2).
 *
 * Mutants (-D), each of which must fail:
 *   TAKE_BY_LOAD         vfs takes the offset back by a load and a store
 *   NO_TAKE              vfs uses the offset that it has lent, and lends it anew
 *   MOVE_BY_STORE        programs move it by a load and a store
 *   LEND_FIRST           vfs lends it again before its request has moved it
 *   GIVE_BACK_BLINDLY    who gives back stores the old offset, whoever has gone on meanwhile
 */
#define RECORDS 6
#define LENT 64

byte word = LENT;                               /* in the page: an offset and LENT, or 0 */
byte own;                                       /* vfs': the offset while it is not lent */
bool isLent = true;                             /* known to vfs alone */
byte taken[RECORDS];                            /* how often each record has been read */
byte finished;
chan ask = [0] of { byte, byte };               /* who, and the record that is asked for; OWN: the one at the own offset */
chan answer[4] = [0] of { byte };

#define OWN 32

inline TakeBack() {
    if
    :: isLent ->
#ifdef NO_TAKE
        d_step { own = word & 63; isLent = false }
#else
#ifdef TAKE_BY_LOAD
        found = word;
        word = 0;
#else
        d_step { found = word; word = 0 };
#endif
        isLent = false;
        if
        :: found & LENT -> own = found & 63
        :: else
        fi
#endif
    :: else
    fi
}

active proctype Vfs() {
    byte who, at, found;
end:
    do
    :: ask?who,at ->
        if
        :: at == OWN ->
            TakeBack();
            at = own;
#ifdef LEND_FIRST
            word = own | LENT;
            isLent = true;
#endif
            if
            :: at < RECORDS -> own = at + 1
            :: else
            fi;
#ifndef LEND_FIRST
            word = own | LENT;
            isLent = true;
#else
            skip;
#endif
        :: else
        fi;
        answer[who]!at
    od
}

/* Moves the word from what was found; isMoved says whether. */
inline Move(from, to) {
#ifdef MOVE_BY_STORE
    word = to;
    isMoved = true
#else
    d_step {
        isMoved = (word == (from)); /* its text, with an operator in it */
        if
        :: isMoved -> word = to
        :: else
        fi
    }
#endif
}

inline Request(where) {
    ask!_pid - 1,where;
    answer[_pid - 1]?at
}

inline Count() {
    if
    :: at < RECORDS -> taken[at]++
    :: else
    fi
}

/* gives: what was taken is given back, and asked for. dies: ends behind the take. */
proctype Reader(bool gives; bool dies) {
    byte found, at, rounds;
    bool isMoved;
    do
    :: rounds < 2 ->
        rounds++;
        found = word;
        isMoved = false;
        if
        :: (found & LENT) && (found & 63) < RECORDS ->
            at = found & 63;
            Move(found, (at + 1) | LENT)
        :: else
        fi;
        if
        :: isMoved && dies ->
            Count();
            break
        :: isMoved && gives ->
#ifdef GIVE_BACK_BLINDLY
            word = at | LENT;
            isMoved = true;
#else
            Move((at + 1) | LENT, at | LENT);
#endif
            if
            :: isMoved -> Request(OWN)
            :: else -> Request(at)
            fi;
            Count()
        :: isMoved && !gives && !dies -> Count()
        :: !isMoved -> Request(OWN); Count()
        fi
    :: else -> break
    od;
    finished++
}

init {
    byte index, sum;
    atomic {
        run Reader(false, false);
        run Reader(true, false);
        run Reader(false, true)
    }
    finished == 3;
    d_step {
        index = 0;
        do
        :: index < RECORDS ->
            assert(taken[index] <= 1);
            sum = sum + taken[index];
            index++
        :: else -> break
        od
    }
    /* Whatever asked has lent it again. */
    assert(isLent);
    index = word & 63;
    assert(index == sum)
}
