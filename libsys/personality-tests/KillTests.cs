using System;
using System.Threading;

namespace PersonalityTests;

/// <summary>
/// SIGKILL of processes that share memory, at random points of their calls: whoever goes on must find everything as usable as before. `personality-tests kill
/// ROUNDS`. Half of the children run beside their creator (CLONE_VM), half of them hold it up (CLONE_VFORK) and are killed by a third process; some have a
/// second thread.
/// </summary>
internal static unsafe class KillTests
{
    private const uint Read = 0, Open = 2, Close = 3, MemoryUnmap = 11, Duplicate = 32, Alarm = 37, Fork = 57, Wait = 61, Kill = 62, Stat = 4;
    private const ulong CLONE_VM = 0x100, CLONE_FILES = 0x400, CLONE_VFORK = 0x4000, SIGKILL = 9, SIGCHLD = 17;
    private const ulong HoldsParentUp = 1ul << 32;
    private const ulong StackLength = 65536;
    private const ulong ThreadFlags = 0x100 | 0x200 | 0x400 | 0x800 | 0x10000 | 0x40000;

    // Longer than the longest call that the children make, shorter than would bore.
    private const uint LongestSpin = 60_000;

    private static ulong random = 0x2545_F491_4F6C_DD1D;

    /// <summary>Shared with the killer: word 0 = process to kill, 0 when done.</summary>
    private static ulong shared;

    private static ulong secondStack;

    /// <summary>Runs that many rounds.</summary>
    public static void Run(uint rounds)
    {
        shared = (ulong)Linux.Call(9, 0, 4096, 3, 0x21, ulong.MaxValue, 0);
        secondStack = Linux.Map(StackLength);
        ulong stack = Linux.Map(StackLength);
        long killer = Linux.Call(Fork);
        if (killer == 0)
            KillOthers();
        for (uint round = 0; round < rounds && Report.Failures == 0; round++)
        {
            bool vfork = (Random() & 1) != 0;
            ulong flags = CLONE_VM | SIGCHLD | (vfork ? CLONE_VFORK : 0) | ((Random() & 3) == 0 ? CLONE_FILES : 0);
            long child = Linux.CloneThread(flags, stack + StackLength, null, null, 0, &Child, Random() | (vfork ? HoldsParentUp : 0));
            if (!Report.Check(child > 0, "clone with shared memory"u8, (ulong)child))
                break;
            if (!vfork)
            {
                uint spin = Random() % LongestSpin;
                for (uint i = 0; i < spin; i++)
                    Volatile.Read(ref *(uint*)shared);
                if ((round & 1) != 0)
                    Work(0);
                Report.Equal(0, Linux.Call(Kill, (ulong)child, SIGKILL), "kill"u8);
            }
            uint status = 0;
            while (true)
            {
                long ended = Linux.Call(Wait, (ulong)child, (ulong)&status, 0, 0);
                if (ended == child)
                    break;
                if (!Report.Equal(Linux.EINTR, ended, "wait"u8))
                    break;
            }
            Report.Equal((long)SIGKILL, status, "killed by SIGKILL"u8);
            Work(round);
            Check();
        }
        Linux.Call(Kill, (ulong)killer, SIGKILL);
        Linux.Call(Wait, (ulong)killer, 0, 0, 0);
        Report.Line("ok kill"u8);
    }

    // Of a process of its own: kills whoever writes its id into the word.
    private static void KillOthers()
    {
        while (true)
        {
            uint victim = Volatile.Read(ref *(uint*)shared);
            if (victim == 0)
            {
                Linux.Call(24);
                continue;
            }
            uint spin = Random() % LongestSpin;
            for (uint i = 0; i < spin; i++)
                Volatile.Read(ref *(uint*)shared);
            Linux.Call(Kill, victim, SIGKILL);
            Interlocked.CompareExchange(ref *(uint*)shared, 0, victim);
        }
    }

    private static ulong Child(ulong argument)
    {
        if ((argument & 7) == 0)
            Linux.CloneThread(ThreadFlags, secondStack + StackLength, null, null, 0, &WorkForEver, argument);
        // A timer brings a thread of the personality along.
        if ((argument & 31) == 9)
            Linux.Call(Alarm, 100);
        if ((argument & HoldsParentUp) != 0)
            Volatile.Write(ref *(uint*)shared, Linux.ProcessId);
        return WorkForEver(argument);
    }

    private static ulong WorkForEver(ulong argument)
    {
        while (true)
            Work(argument++);
    }

    // One of everything that takes locks or asks vfs. Descriptors go with the process; with CLONE_FILES what was open stays open in the parent.
    private static void Work(ulong kind)
    {
        byte* buffer = stackalloc byte[256];
        fixed (byte* path = "/proc/self/stat\0"u8)
        {
            fixed (byte* zero = "/dev/zero\0"u8)
            {
                long file = Linux.Call(Open, (ulong)((kind & 1) == 0 ? path : zero), 0, 0);
                Linux.Call(Read, (ulong)file, (ulong)buffer, 200);
                long second = Linux.Call(Duplicate, (ulong)file);
                Linux.Call(Stat, (ulong)path, (ulong)buffer);
                Linux.Call(Close, (ulong)file);
                Linux.Call(Close, (ulong)second);
            }
        }
        ulong length = 4096 + (kind & 7) * 4096;
        ulong memory = Linux.Map(length);
        *(ulong*)memory = kind;
        // mremap grows it, perhaps elsewhere.
        ulong moved = (ulong)Linux.Call(25, memory, length, length * 2, 1);
        if (moved < ulong.MaxValue - 4096)
            Linux.Call(MemoryUnmap, moved, length * 2);
    }

    private static void Check()
    {
        byte* buffer = stackalloc byte[16];
        fixed (byte* zero = "/dev/zero\0"u8)
        {
            long file = Linux.Call(Open, (ulong)zero, 0, 0);
            // A child that shared the table may have left some open: close what is in the way of running for long.
            for (ulong left = 3; left < (ulong)file; left++)
                Linux.Call(Close, left);
            Report.Check(file >= 3, "open"u8, (ulong)file);
            Report.Equal(16, Linux.Call(Read, (ulong)file, (ulong)buffer, 16), "read"u8);
            Report.Equal(0, Linux.Call(Close, (ulong)file), "close"u8);
        }
    }

    private static uint Random()
    {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        return (uint)(random >> 16);
    }
}
