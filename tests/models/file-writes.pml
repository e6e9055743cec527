/*
 * Writes in memory (docs/files-in-memory.md): vfs, one thread, lends writing of a file to one program, by a window through which its two threads write. A write is
 * two bytes, which reach the file one after the other, in memory as by vfs. Another program writes by requests, one asks for the time of the file, one makes it
 * longer, and something in the first program stores behind the end as long as it can.
 *
 * A thread that has the lock maps the window, if it has not been mapped by this loan; to vfs it does not matter by which loan it believes to do so.
 *
 * The window ends at once and for all threads, as the destruction of an object does: a thread finds out when it stores. The stores of a thread are seen in their
 * order (SDM vol. 3 §9.2.2), and the shootdown that ends a window empties the buffers of all CPUs, so the model has no store buffers.
 *
 * Shown, in every schedule: when all writes have returned the two bytes are of one write; whoever asks for the time learns none that is older than a write that
 * had returned when he asked; what lies behind the end is zero when the file grows.
 *
 * Mutants (-D), each of which must fail:
 *   NO_END               vfs writes without ending the loan
 *   END_BY_WORD          the loan ends by its word in memory, and the window stays
 *   COLLECT_FIRST        the time is taken over before the window has ended
 *   NO_COLLECT           it is not taken over then
 *   TIME_LAST            the writer stores the time behind the bytes
 *   REST_ONLY            a writer that has lost its window asks for the rest only
 *   NO_LOCK              threads write through the window at once
 *   LOCK_ALONE           a thread that finds the lock taken writes by a request that leaves the loan
 *   ZERO_FIRST           what lies behind the end is zeroed before the loan has ended
 */
#define THREADS 2
#define OTHER 2
#define WATCHER 3
#define GROWER 4

mtype = { Write, Rest, Map, Stat, Grow };

byte first, second, behind;                     /* the file */
bool window, isLent = true;                          /* isLent: known to vfs alone */
byte lease = 1, mapped;                          /* in the program's memory: the loan's number, that of the loan by which it has mapped; 0, none */
bool lock;                                      /* as well */
byte loans = 1;
byte mark;                                      /* as well: the time of a write; 0, none */
byte now = 1, modified = 1;                     /* modified: known to vfs alone */
byte returned = 1;                              /* time of the latest write that has returned */
byte finished;
chan ask = [0] of { mtype, byte, byte };
chan answer[5] = [0] of { byte };

inline Collect() {
    atomic {
        if
        :: mark > modified -> modified = mark
        :: else
        fi;
        mark = 0
    }
}

inline EndLoan() {
    lease = 0;
    isLent = false;
#ifdef COLLECT_FIRST
    Collect();
#endif
#ifndef END_BY_WORD
    window = false;
#endif
#ifndef COLLECT_FIRST
#ifndef NO_COLLECT
    Collect();
#endif
#endif
    skip
}

inline Lend() {
    mark = 0;
    isLent = true;
    atomic { loans++; lease = loans }
}

active proctype Vfs() {
    mtype what;
    byte value, who;
end:
    do
    :: ask?what,value,who ->
        if
        :: what == Write || what == Rest ->
#ifdef LOCK_ALONE
            if
            :: who >= THREADS -> EndLoan()
            :: else
            fi;
#else
#ifndef NO_END
            EndLoan();
#endif
#endif
            if
            :: what == Write -> first = value
            :: else
            fi;
            second = value;
            atomic { now++; modified = now };
            if
            :: who < THREADS && !isLent -> Lend()
            :: true
            fi
        :: what == Map ->
            if
            :: isLent -> window = true
            :: else
            fi
        :: what == Stat ->
            if
            :: isLent -> Collect()
            :: else
            fi
        :: what == Grow ->
#ifdef ZERO_FIRST
            behind = 0;
            EndLoan();
#else
            EndLoan();
            behind = 0;
#endif
            assert(behind == 0)
        fi;
        answer[who]!modified
    od
}

inline Store(where) {
    atomic {
        if
        :: window && !isLost -> where = _pid
        :: else -> isLost = true
        fi
    }
}

inline Returned(time) {
    d_step {
        if
        :: time > returned -> returned = time
        :: else
        fi
    }
}

inline Mark() {
    d_step { now++; time = now; mark = now }
}

proctype Thread(byte me) {
    byte time, loan;
    bool isLost, isHeld;
    atomic {
        isLost = false;
        loan = lease
    }
    atomic {
#ifdef NO_LOCK
        isHeld = loan != 0
#else
        isHeld = loan != 0 && !lock;
        lock = lock || isHeld
#endif
    }
    if
    :: isHeld ->
        if
        :: mapped != loan -> ask!Map,0,me; answer[me]?time; mapped = loan
        :: else
        fi;
#ifndef TIME_LAST
        Mark();
#endif
        Store(first);
#ifdef REST_ONLY
        if
        :: !isLost -> Store(second);
            if
            :: isLost -> lock = false; ask!Rest,_pid,me; answer[me]?time; isLost = false
            :: else
            fi
        :: else
        fi;
#else
        Store(second);
#endif
#ifdef TIME_LAST
        Mark();
#endif
        lock = false
    :: else -> isLost = true
    fi;
    if
    :: isLost -> ask!Write,_pid,me; answer[me]?time
    :: else
    fi;
    Returned(time);
    finished++
}

active proctype Other() {
    byte time;
    if
    :: ask!Write,_pid,OTHER; answer[OTHER]?time; Returned(time)
    :: true
    fi;
    finished++
}

active proctype Watcher() {
    byte since, time;
    since = returned;
    ask!Stat,0,WATCHER;
    answer[WATCHER]?time;
    assert(time >= since)
}

active proctype Grower() {
    byte time;
    ask!Grow,0,GROWER;
    answer[GROWER]?time
}

active proctype Harm() {
    do
    :: atomic { window && behind == 0 -> behind = 1 }
    :: finished == THREADS + 1 -> break
    od
}

init {
    atomic { run Thread(0); run Thread(1) }
    finished == THREADS + 1;
    assert(first == second)
}
