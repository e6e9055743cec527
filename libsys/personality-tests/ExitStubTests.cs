using System.Runtime;
using System.Runtime.CompilerServices;
using System.Threading;
using Libsys.Abi;

namespace PersonalityTests;

/// <summary>
/// A signal at every instruction of the exit stub. `personality-tests exit OFFSET,OFFSET,...` (decimal, from the start of the stub, one for each of its
/// instructions) runs until a signal has been sent to a thread that stood exactly there, for each of them. Needs one CPU and instructions as the clock
/// (ICOUNT=1): at the start of each round the first thread wakes up a second one of higher priority, which sleeps a nanosecond longer than in the round before;
/// when it wakes up, the first one stands where the timer's interrupt met it, one instruction further.
/// </summary>
internal static unsafe class ExitStubTests
{
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "gate_call")]
    private static extern long Gate(ulong number, ulong a0, ulong a1);

    // Queued, so that each one sent is one handler run.
    private const uint Signal = 34;
    private const uint Most = 128;

    // Instructions of the longer kind of round: a signal to itself, its handler, the return from it.
    private const uint LongestSleep = 9_000;

    // The kernel keeps 50 µs between two timer interrupts of a CPU: an earlier one comes when they are over, always at the same place.
    private const uint ShortestSleep = 55_000;

    // The scan is repeated, because interrupts of devices and of the time slice move a few rounds.
    private const uint MostLooks = 10 * LongestSleep;

    // Below the priority that programs start with, so that the timer's interrupt always hands the CPU to the second thread.
    private const ulong LowPriority = 4;

    private static ulong start, end, offsets, hits;
    private static ulong thread;
    private static uint count, target, process, sent, looks, stop, turn;

    private static uint* Offsets => (uint*)offsets;

    private static uint* Hits => (uint*)hits;

    /// <summary>Runs until all are met.</summary>
    public static void Run(byte* list)
    {
        PersonalityHeader* header = (PersonalityHeader*)Window.Base;
        start = header->ExitRecheck;
        end = header->ExitEnd;
        offsets = Linux.Map(Most * 4);
        hits = Linux.Map(Most * 4);
        for (byte* text = list; *text != 0 && count < Most;)
        {
            uint value = 0;
            for (; *text >= '0' && *text <= '9'; text++)
                value = value * 10 + *text - '0';
            if (*text == ',')
                text++;
            Offsets[count++] = value;
        }
        thread = (ulong)Gate((ulong)KernelCall.HandleDuplicate, WellKnownHandle.CurrentThread, (ulong)Rights.All);
        target = Linux.ThreadId;
        process = Linux.ProcessId;
        Linux.Handle(Signal, 0x1000_0000, 0);
        Handler.Reset();
        ThreadTests.Start(&Interrupt, 0);
        Report.Equal(0, Gate((ulong)KernelCall.ThreadSetPriority, WellKnownHandle.CurrentThread, LowPriority), "lower priority"u8);

        uint own = LeaveAndCompare();
        ThreadTests.Join();
        // What was sent last is delivered on the way out of this call at the latest.
        Linux.Call(24);
        Report.Equal(sent + own, Handler.Count, "each signal handled once"u8);
        for (uint i = 0; i < count; i++)
            Report.Check(Hits[i] != 0, "signal at the offset in the exit stub"u8, Offsets[i]);
        Report.Number("  instructions "u8, count);
        Report.Number("  looks "u8, looks);
        Report.Number("  signals in the stub "u8, sent);
        Report.Number("  signals to itself "u8, own);
        Report.Line("ok exit stub"u8);
    }

    // Both ways out of the personality in turn: behind a call, and by a full frame behind a handler. Returns the signals that it sent to itself.
    private static uint LeaveAndCompare()
    {
        RegisterSet set, before;
        RegisterTests.Fill(&before, 1);
        uint own = 0;
        while (Volatile.Read(ref stop) == 0 && Report.Failures == 0)
        {
            Volatile.Write(ref turn, 1);
            fixed (uint* word = &turn)
                Linux.Call(202, (ulong)word, 129, 1);
            CheckHandled(own / 2);
            before.Rax = (own & 1) == 0 ? 39u : 234u;
            before.Rdi = process;
            before.Rsi = target;
            before.Rdx = Signal;
            RegisterTests.Copy(&set, &before);
            Linux.CallWithRegisters(&set);
            CheckHandled((own + 1) / 2);
            // Cheap first: what is not the stub is only time between two signals.
            if (Difference(&before, &set) != 0)
                RegisterTests.Same(&before, &set, false);
            Report.Check(set.Rax == (before.Rax == 39 ? process : 0), "result"u8, set.Rax);
            Report.Check(set.Rcx > 0x400000 && set.Rcx < 0x500000, "rcx is the return address"u8, set.Rcx);
            Report.Check(set.R11 == set.Flags, "flags kept"u8, set.Flags);
            own++;
        }
        // After a failure the other one still waits for its turn.
        Volatile.Write(ref turn, 1);
        fixed (uint* word = &turn)
            Linux.Call(202, (ulong)word, 129, 1);
        return own / 2;
    }

    // Not one instruction of the program may run before its handler did. Signals come only while this thread is in the stub, so nothing changes between the two
    // looks.
    private static void CheckHandled(uint own) =>
        Report.Check(Handler.Count == Volatile.Read(ref sent) + own, "handled before the program goes on"u8, Handler.Count);

    // All but rax, rcx, r11 and flags.
    private static ulong Difference(RegisterSet* left, RegisterSet* right)
    {
        ulong* a = (ulong*)left, b = (ulong*)right;
        ulong difference = a[1] ^ b[1];
        for (int i = 3; i < 80; i++)
        {
            if (i != 10 && i != 15)
                difference |= a[i] ^ b[i];
        }
        return difference;
    }

    private static ulong Interrupt(ulong argument)
    {
        RegisterFrame* frame = (RegisterFrame*)(Gate((ulong)KernelCall.ThreadSelf, 0, 0) + ThreadBlock.MessageOffset);
        uint left = count;
        while (left != 0 && looks < MostLooks && Report.Failures == 0)
        {
            fixed (uint* word = &turn)
            {
                while (Volatile.Read(ref turn) == 0)
                    Linux.Call(202, (ulong)word, 128, 0, 0);
            }
            Volatile.Write(ref turn, 0);
            // The rounds are of two kinds in turn.
            Linux.Sleep(ShortestSleep + looks / 2 % LongestSleep);
            looks++;
            // Registers can be read of a suspended thread only.
            Gate((ulong)KernelCall.ThreadSuspend, thread, 0);
            long status = Gate((ulong)KernelCall.ThreadReadRegisters, thread, 0);
            Report.Check(status >= 0, "registers of the first thread"u8, (ulong)status);
            ulong rip = frame->Rip;
            if (rip >= start && rip < end)
            {
                left -= Note((uint)(rip - start));
                Report.Equal(0, Linux.Call(234, process, target, Signal), "tgkill"u8);
                sent++;
            }
            Gate((ulong)KernelCall.ThreadResume, thread, 0);
        }
        Volatile.Write(ref stop, 1);
        return 0;
    }

    // 1 if this instruction was met for the first time.
    private static uint Note(uint offset)
    {
        for (uint i = 0; i < count; i++)
        {
            if (Offsets[i] == offset)
                return Hits[i]++ == 0 ? 1u : 0;
        }
        Report.Check(false, "stopped between two instructions of the exit stub"u8, offset);
        return 0;
    }
}
