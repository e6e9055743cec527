using System.Threading;

namespace Microkernel;

// CPUs without a thread to run: which of them gets one, and when.
internal static unsafe partial class Scheduler
{
    // Waking a halted CPU costs some 50 µs under emulation. Most wakers wait soon themselves, and then their own CPU is the cheapest.
    private const ulong SpreadNanoseconds = 100_000;
    // After the last thread that it saw. What is done on one CPU alone while a process starts is shorter.
    private const ulong SpinNanoseconds = 300_000;
    // Requests and answers of two threads that share a CPU are hundreds of switches a turn, those of computing threads a few.
    private const ulong ManySwitches = 100;

    private static ulong spreadTicks, spinTicks, offeredAt, switchesAtOffer;
    /// <summary>CPUs that halt.</summary>
    private static ulong idleMask;
    /// <summary>CPUs that were sent a wake-up and have not looked yet.</summary>
    private static ulong wokenMask;
    /// <summary>Those of the idle ones that look at <see cref="readyMask"/> and to which no thread has been left yet.</summary>
    private static ulong spinningMask;

    // More is ready than this CPU can run. If that is still so in a moment, a CPU that halts gets it.
    private static void Spread(Cpu* cpu)
    {
        if (readyMask != 0 && (idleMask & ~wokenMask) != 0)
            Timer.Arm(cpu, Machine.TimeStamp() + spreadTicks);
    }

    /// <summary>The timer interrupt of a running CPU: what has been ready for a moment goes to CPUs that halt, one at a time.</summary>
    public static void WakeIdleCpu(Cpu* cpu)
    {
        // Not every ready thread may run on every CPU.
        for (ulong idle = readyMask == 0 ? 0 : idleMask & ~wokenMask; idle != 0; )
        {
            Cpu* target = Cpu.At(Machine.HighestBit(idle));
            idle &= ~target->Mask;
            if (Best(target, 0) == null)
                continue;
            WakeUp(target);
            Spread(cpu);
            return;
        }
    }

    /// <summary>
    /// At each tick, once in the time of a turn: threads that hand their CPU to and fro do better on two. They see one that spins, so one that halts is woken.
    /// Not at the end of a turn, which those that wait and are woken by turns never see: each begins one.
    /// </summary>
    public static void OfferIdleCpu(ulong now)
    {
        ulong turns = (now - offeredAt) / turnTicks;
        if (turns == 0)
            return;
        ulong switches = PublishedPage.Page->ContextSwitches, idle = idleMask & ~wokenMask;
        if (idle != 0 && switches - switchesAtOffer > turns * ManySwitches)
        {
            Cpu* target = Cpu.At(Machine.HighestBit(idle));
            target->MaySpin = true;
            WakeUp(target);
        }
        switchesAtOffer = switches;
        offeredAt = now;
    }

    private static void WakeUp(Cpu* target)
    {
        wokenMask |= target->Mask;
        LocalApic.Send(target->ApicId, Vectors.Reschedule);
    }

    // It counts until what it takes is not ready any more: whoever reads Spinning, then Ready, never sees a thread that is ready and nobody takes.
    private static void StopSpinning(Cpu* cpu)
    {
        PublishedPage.Page->Spinning -= cpu->Spins;
        cpu->Spins = 0;
    }

    // Nothing to run: finish queued destruction, then look for a thread, or halt until an interrupt, without the lock.
    private static void Idle(Cpu* cpu)
    {
        PutAway(cpu);
        StopSpinning(cpu);
        idleMask |= cpu->Mask;
        bool done = !Reaper.Step();
        // It has ended: freeing it, which the next CPU may do, shall not wait for this one.
        if (cpu->LoadedSpace != null && cpu->LoadedSpace->ThreadCount == 0)
            Shootdown.Evict(cpu->LoadedSpace);
        cpu->Idle = done ? 1u : 0;
        bool spins = done && cpu->MaySpin && Cpu.Count > 1, found = false;
        ulong began = cpu->AccountedTime;
        if (spins)
        {
            spinningMask |= cpu->Mask;
            cpu->Spins = 1;
            PublishedPage.Page->Spinning++;
        }
        if (done && !spins)
            Timer.PutOff(cpu);
        KernelLock.Leave();
        // Between steps of the reaper, too, interrupts get in.
        if (spins)
            for (ulong end = Machine.TimeStamp() + spinTicks; !(found = SeesReady()) && Machine.TimeStamp() < end; Shootdown.Answer(cpu))
                Machine.AllowInterrupts();
        else if (done)
            Machine.IdleWait();
        else
            Machine.AllowInterrupts();
        KernelLock.Enter(cpu);
        cpu->Idle = 0;
        Clock.AccountIdle(cpu);
        idleMask &= ~cpu->Mask;
        wokenMask &= ~cpu->Mask;
        // Halts only after another look with the lock held: what was left to it is not forgotten. What it saw and another CPU took is a sign of more to
        // come, too. After a long halt it will hardly find more by spinning.
        cpu->MaySpin = spins ? found : cpu->MaySpin || cpu->AccountedTime - began < 10 * spreadTicks;
        spinningMask &= ~cpu->Mask;
    }

    // Looks most of the time, since what is between two rounds of looks takes as long as a hundred. Without a pause: an emulator or hypervisor is left with
    // each, and QEMU takes its global lock then, which other CPUs need for their APICs and would sleep on.
    private static bool SeesReady()
    {
        for (uint looks = 200; looks != 0; looks--)
            if (Volatile.Read(ref readyMask) != 0)
                return true;
        return false;
    }
}
