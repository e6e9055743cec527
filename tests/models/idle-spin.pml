/*
 * A CPU that looks for a ready thread for a while before it halts (docs/kernel.md, "A CPU with nothing to run"; microkernel/Scheduling/Scheduler.cs).
 *
 * It says under the kernel lock that it spins, looks at the word of ready threads without the lock, and takes the lock again, where it says that it spins
 * no more and looks once more before it halts. Who makes a thread ready, with the lock held, leaves it to a CPU that spins and sends no interrupt; a CPU that
 * halts, or is about to, gets one. Interrupts stay pending until a halted CPU takes them. When the CPU gives up looking is a choice of the model.
 *
 * Shown: each thread that is made ready runs, in every schedule.
 *
 * Mutants (-D), each of which must fail:
 *   HALT_WITHOUT_LOOK        what spins halts without the lock, while others still leave threads to it
 *   SPINNING_IS_NOT_ENDED    it takes the lock and looks, but still counts as one that spins when it halts
 *   NOBODY_IS_INTERRUPTED    threads are left to a CPU that halts, too
 */
#define THREADS 3

bool lock, spinning, interrupt;
byte ready, ran, made;

inline Lock() { atomic { !lock -> lock = true } }
inline Unlock() { lock = false }

active proctype Idler() {
    bool spun;

    do
    :: Lock();
       if
       :: ready > 0 ->
           ready--;
           ran++;
           spun = false;
           Unlock()
       :: ready == 0 && !spun ->
           spinning = true;
           Unlock();
           if
           :: ready > 0
           :: true
           fi;
#ifdef HALT_WITHOUT_LOOK
           atomic { interrupt -> interrupt = false };
#endif
           Lock();
#ifndef SPINNING_IS_NOT_ENDED
           spinning = false;
#endif
           spun = true;
           Unlock()
       :: ready == 0 && spun ->
           Unlock();
           /* Halts, letting interrupts in by the same instruction. */
           atomic { interrupt -> interrupt = false };
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

ltl all_run { <> [] (ran == THREADS) }
