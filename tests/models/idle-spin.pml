/*
 * A CPU that looks for a ready thread for a while before it halts (docs/kernel.md, "A CPU with nothing to run"; microkernel/Scheduling/Scheduler.Idle.cs).
 *
 * It says under the kernel lock that it spins, looks at the word of ready threads without the lock, and takes the lock again, where it says that it spins
 * no more and looks once more before it halts. Who makes a thread ready, with the lock held, leaves it to a CPU that spins and sends no interrupt; a CPU that
 * halts, or is about to, gets one. Interrupts stay pending until a halted CPU takes them. When the CPU gives up looking is a choice of the model.
 *
 * Another CPU that wants it to leave an address space writes that down with the lock held, and waits until it has: with an interrupt only if the CPU does not
 * count as one that spins (Shootdown.Evict). The CPU looks at the request while it spins, in the interrupt, and while it waits for the lock.
 *
 * Shown: each thread that is made ready runs, and the space is left, in every schedule.
 *
 * Mutants (-D), each of which must fail:
 *   HALT_WITHOUT_LOOK        what spins halts without the lock, while others still leave threads to it
 *   SPINNING_IS_NOT_ENDED    it takes the lock and looks, but still counts as one that spins when it halts
 *   NOBODY_IS_INTERRUPTED    threads are left to a CPU that halts, too
 *   NO_ANSWER_AT_LOCK        it looks at no request while it waits for the lock, behind the spin
 *   COUNTS_WHILE_IT_HALTS    it still counts as one that spins, for requests, when it halts
 */
#define THREADS 3

bool lock, spinning, interrupt;
bool counts;              /* Cpu.Spins: from the spin until it runs a thread or halts */
bool request, left;       /* leave the space; it has been left */
byte ready, ran, made;

inline Lock() { atomic { !lock -> lock = true } }
inline Unlock() { lock = false }
inline Answer() { atomic { request -> request = false } }
inline LockAnswering() {
    do
    :: atomic { !lock -> lock = true }; break
#ifndef NO_ANSWER_AT_LOCK
    :: Answer()
#endif
    od
}

active proctype Idler() {
    bool spun;

    do
    :: LockAnswering();
       if
       :: ready > 0 ->
           counts = false;
           ready--;
           ran++;
           spun = false;
           Unlock()
       :: ready == 0 && !spun ->
           spinning = true;
           counts = true;
           Unlock();
           if
           :: ready > 0
           :: Answer()
           :: true
           fi;
#ifdef HALT_WITHOUT_LOOK
           atomic { interrupt -> interrupt = false };
#endif
           LockAnswering();
#ifndef SPINNING_IS_NOT_ENDED
           spinning = false;
#endif
           spun = true;
           Unlock()
       :: ready == 0 && spun ->
#ifndef COUNTS_WHILE_IT_HALTS
           counts = false;
#endif
           Unlock();
           /* Halts, letting interrupts in by the same instruction. */
           atomic { interrupt -> interrupt = false };
           if
           :: Answer()
           :: !request
           fi;
           spun = false
       fi
    od
}

active proctype Waker() {
    do
    :: made < THREADS ->
        Lock();
        ready++;
        made++;
        if
        :: spinning -> spinning = false
#ifndef NOBODY_IS_INTERRUPTED
        :: !spinning -> interrupt = true
#else
        :: !spinning
#endif
        fi;
        Unlock()
    :: else -> break
    od
}

active proctype Evicter() {
    Lock();
    request = true;
    if
    :: counts
    :: !counts -> interrupt = true
    fi;
    !request;
    left = true;
    Unlock()
}

ltl all_run { <> [] (ran == THREADS && left) }
