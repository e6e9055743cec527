/*
 * A thread, the interrupts it gets (signals, suspension), and its waits: docs/entry-and-reflection.md and docs/kernel-calls.md.
 *
 * The program thread runs program code, is reflected into the personality, makes ROUNDS round trips to a server thread by SignalAndWait between two
 * notifications, and leaves through the exit stub. An interrupter (the process server) marks a process-directed signal as pending in its own books and then
 * interrupts the thread, POSTS times, at any moments. The kernel is not preemptible and has one lock: each kernel call and each interrupt is one step.
 *
 * Shown: program code never runs on with a signal that was posted and announced but not taken; the thread never sleeps on such a signal; no hand-over
 * between the two threads is lost; there is no deadlock, and both threads come to their ends.
 *
 * Mutants (-D), each of which must fail:
 *   REQUEST_NOT_SEEN_AT_ENTRY   a thread that enters the kernel while its interrupt is on the way falls asleep with it
 *   FLAG_NOT_STICKY             the flag ends only a wait that is in progress: an interrupt elsewhere in the window leaves no trace
 *   NO_REWIND                   an interrupt inside the exit stub sets the flag and lets the stub go on
 *   WAIT_IGNORES_FLAG           a wait looks at the flag only while it sleeps, not when it begins
 *   CHECK_THEN_SLEEP            the kernel's wait looks at bits and flag, and sleeps in a second step
 *   TAKE_BEFORE_CLEAR           the personality takes its signals first and clears the flag afterwards
 *   SIGNAL_SKIPPED_WHEN_PENDING SignalAndWait that finds the flag set returns Interrupted without having signalled
 *   SIGNAL_NOT_KEPT             a signal to a notification that nobody waits on is dropped
 */
#define ROUNDS 2
#define POSTS  3

mtype = { InProgram, InWindow, InExitStub, Asleep };
mtype mode = InProgram;

bool request;           /* an interrupt for a thread that runs: noted in the thread, not delivered yet */
bool pendingFlag;       /* ThreadBlock.Pending */
bool interruptedWait;   /* the kernel ended the wait: it returns Interrupted */
bool rewound;           /* the kernel set rip back to ExitRecheck */
bool upcall;            /* the kernel entered the personality from program code, with kind Interrupted */

byte posted;            /* signals in the process server's books */
byte announced;         /* of those, how many an interrupt has announced */
byte taken;             /* signals that the personality has fetched from the server */

bool toServer, toClient;            /* the two notifications, one bit each */
bool clientWaits, serverWaits;      /* somebody sleeps on them */
bool clientDone;

inline Signal(notification, waits) {
#ifdef SIGNAL_NOT_KEPT
    if
    :: waits -> notification = true
    :: else
    fi
#else
    notification = true
#endif
}

inline DeliverInWindow() {
    request = false;
    announced = posted;
#ifndef FLAG_NOT_STICKY
    pendingFlag = true
#endif
}

/* What an interrupt does to a thread that is not asleep, when it is about to go on in ring 3. */
inline Deliver() {
    if
    :: mode == InProgram -> request = false; announced = posted; upcall = true; mode = InWindow
    :: mode == InWindow -> DeliverInWindow()
    :: mode == InExitStub ->
        request = false;
        announced = posted;
        pendingFlag = true;
#ifndef NO_REWIND
        rewound = true
#endif
    fi
}

/* ThreadInterrupt. A thread that runs on another processor learns of it when it passes through the kernel: see InterProcessorInterrupt, and Wait. */
inline Interrupt() {
    atomic {
        if
        :: mode == Asleep -> announced = posted; pendingFlag = true; interruptedWait = true
        :: else -> request = true
        fi
    }
}

active proctype InterProcessorInterrupt() {
    do
    :: atomic { request && mode != Asleep -> Deliver() }
    od
}

inline FallAsleep() {
    assert(taken >= announced);
    mode = Asleep; clientWaits = true; interruptedWait = false
}

/*
 * NotificationWait on toClient, or with signal = true SignalAndWait(toServer, toClient). The signal half is done in any case; Interrupted speaks of the
 * wait alone, and is only answered by a wait that would sleep: bits that are there already are the result.
 * The thread may have been on its way into the kernel when the interrupt was requested, too late for the inter-processor interrupt to stop it.
 */
inline Wait(signal, interrupted) {
    atomic {
#ifndef REQUEST_NOT_SEEN_AT_ENTRY
        if
        :: request -> DeliverInWindow()
        :: else
        fi;
#endif
        if
#ifdef SIGNAL_SKIPPED_WHEN_PENDING
        :: signal && !pendingFlag -> Signal(toServer, serverWaits)
#else
        :: signal -> Signal(toServer, serverWaits)
#endif
        :: else
        fi;
        interrupted = false;
        if
        :: toClient
#ifndef WAIT_IGNORES_FLAG
        :: !toClient && pendingFlag -> interrupted = true
#endif
#ifndef CHECK_THEN_SLEEP
        :: else -> FallAsleep()
#else
        :: else
#endif
        fi
    };
#ifdef CHECK_THEN_SLEEP
    atomic {
        if
        :: !interrupted -> mode = Asleep; clientWaits = true; interruptedWait = false
        :: else
        fi
    };
#endif
    if
    :: interrupted
    :: !interrupted ->
        atomic {
            toClient || interruptedWait ->
            interrupted = interruptedWait;
            if
            :: !interruptedWait -> toClient = false
            :: else
            fi;
            mode = InWindow; clientWaits = false; interruptedWait = false
        }
    fi
}

/* The personality answers an interrupt: clear the flag, then fetch all signals. In this order a signal announced in between sets the flag again. */
inline TakeSignals() {
#ifdef TAKE_BEFORE_CLEAR
    taken = posted;
    pendingFlag = false
#else
    pendingFlag = false;
    taken = posted
#endif
}

active proctype ProgramThread() {
    byte round;
    bool interrupted, flag;

run_program:
    if
    :: atomic { upcall -> upcall = false };
       TakeSignals();
       goto recheck
    :: atomic { mode == InProgram && round < ROUNDS -> mode = InWindow };
       goto reflected
    :: atomic { mode == InProgram && round == ROUNDS -> mode = InWindow };
       goto pause
    fi;

reflected:
    Wait(true, interrupted);
    do
    :: interrupted -> TakeSignals(); Wait(false, interrupted)
    :: else -> break
    od;
    round++;

recheck:
    /* The exit stub: a load, a branch, the registers, a jump. An interrupt may come before each; a rewound thread goes on at the load. */
    atomic { mode = InExitStub; rewound = false; flag = false };
    atomic {
        if
        :: rewound -> goto recheck
        :: else -> flag = pendingFlag
        fi
    };
    atomic {
        if
        :: rewound -> goto recheck
        :: !rewound && flag -> mode = InWindow
        :: else -> goto restore
        fi
    };
    TakeSignals();
    goto recheck;
restore:
    atomic {
        if
        :: rewound -> goto recheck
        :: else
        fi
    };
    atomic {
        if
        :: rewound -> goto recheck
        :: else -> mode = InProgram; assert(taken >= announced)
        fi
    };
    goto run_program;

pause:
    /* pause(2): only signals wake it, and nobody signals the notification any more. */
    clientDone = true;
    do
    :: Wait(false, interrupted);
       assert(interrupted);
       TakeSignals()
    od
}

active proctype ServerThread() {
    byte round;

    do
    :: round < ROUNDS ->
        serverWaits = true;
        atomic { toServer -> toServer = false; serverWaits = false };
        atomic { Signal(toClient, clientWaits) };
        round++
    :: else -> break
    od
}

active proctype Interrupter() {
    byte count;

    do
    :: count < POSTS ->
        posted++;
        Interrupt();
        count++
    :: else -> break
    od
}

/* In the end the thread sleeps in pause(2) for good, has made its round trips, and has taken every signal. */
ltl all_is_done { <> [] (clientDone && mode == Asleep && taken == POSTS) }
