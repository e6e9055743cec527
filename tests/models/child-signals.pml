/*
 * SIGCHLD that nobody hears (docs/starting-programs.md; libsys/personality/Signals/ChildSignals.cs, servers/process/Tree).
 *
 * One thread forks: it looks whether SIGCHLD is ignored, takes the count, says in memory that it is unheard, looks again, tells the server, and looks whether
 * another thread has begun to hear meanwhile. Another thread has SIGCHLD blocked all the time; it gives it an action (or begins to wait for it), looks at the
 * word, and tells the server, which drops what was had by the count and answers what waits. Messages are atomic steps of the server. Children end at any time:
 * the server counts, keeps the signal, and interrupts unless it is unheard; who is interrupted asks for it.
 *
 * Shown: when the second thread is through, every signal that has come since it began, or came before and had not been had, is one that the process
 * knows of, whichever way the steps fall.
 *
 * Mutants (-D), each of which must fail:
 *   NOT_LOOKED_AGAIN         who forks does not look at the action again after the word is there
 *   NOT_CONFIRMED            nor at the word after the message
 *   DROPPED_WITHOUT_COUNT    the server drops what waits whatever the count says
 *   ANSWERED_BEFORE_HEARD    the server reads what waits and lets itself be heard in two steps
 */
#define CHILDREN 2

bool action, unheard;                       /* the process */
byte seen;
bool told;                                  /* what it knows of: an answer, or an interrupt */
bool serverUnheard, pending;                /* the server */
byte count;                                 /* shared: the server writes */
byte ended, owed;
bool began, through, forked;

inline End() {
    atomic {
        count++;
        pending = true;
        ended++;
        /* Blocked from the beginning: from the count that was had on, all that comes is owed. */
        owed++;
        if
        :: !serverUnheard -> told = true
        :: else
        fi
    }
}

inline Tell() {
#ifdef ANSWERED_BEFORE_HEARD
    atomic { if :: pending -> told = true :: else fi };
    serverUnheard = false
#else
    atomic {
        serverUnheard = false;
#ifdef DROPPED_WITHOUT_COUNT
        pending = false;
#else
        if
        :: count == seen -> pending = false
        :: else
        fi;
#endif
        if
        :: pending -> told = true
        :: else
        fi
    }
#endif
}

inline Hear() {
    if
    :: unheard ->
        bool mine = false;
        atomic { mine = unheard; unheard = false };
        if
        :: mine -> Tell()
        :: else
        fi
    :: else
    fi
}

active proctype Forker() {
    bool announced;

    if
    :: !action ->
        /* Signals that came before are had: it takes the count of now. */
        atomic { seen = count; owed = 0; told = false };
        unheard = true;
        announced = true;
#ifndef NOT_LOOKED_AGAIN
        if
        :: action ->
            announced = false;
            Hear()
        :: else
        fi
#endif
    :: else
    fi;
    if
    :: announced ->
        serverUnheard = true;
#ifndef NOT_CONFIRMED
        if
        :: !unheard -> Tell()
        :: else
        fi
#endif
    :: else
    fi;
    forked = true
}

active proctype Hearer() {
    action = true;
    Hear();
    through = true
}

active proctype Children() {
    do
    :: ended < CHILDREN -> End()
    :: ended == CHILDREN -> break
    od
}

active proctype Judge() {
    through && forked && ended == CHILDREN;
    assert(owed == 0 || told)
}
