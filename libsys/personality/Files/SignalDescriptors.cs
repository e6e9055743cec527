using System.Threading;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// signalfd(2): the description has nothing but a mask, which lies in the page that vfs shares. The signals are those of whoever reads: its thread's and its
/// process', which wait here, and those that wait at the process server.
/// </summary>
internal static unsafe class SignalDescriptors
{
    // struct signalfd_siginfo, 128 bytes: numbers of 64-bit words, which hold two 32-bit fields or one of 64.
    private const uint Length = 128, SignalAndError = 0, CodeAndSender = 1, UserAndFile = 2, ThreadAndBand = 3, OverrunAndTrap = 4, StatusAndInteger = 5,
        Pointer = 6, UserTime = 7, SystemTime = 8, Address = 9;

    /// <summary>signalfd, signalfd4: a new one, or another mask for one that there is.</summary>
    public static long Open(TaskState* task, ulong fd, ulong mask, ulong size, ulong flags)
    {
        if (((uint)flags & ~(OpenFlags.NonBlock | OpenFlags.CloseOnExec)) != 0 || size != sizeof(ulong))
            return -Errno.EINVAL;
        if (!UserMemory.ReadU64(mask, out ulong set))
            return -Errno.EFAULT;
        set &= ~Signals.Unblockable;
        ChildSignals.Want(task);
        if ((int)fd == -1)
            return DescriptorCalls.InstallSource(task, VfsOperation.CreateSignalFile, set, (uint)flags, DescriptorBits.Signals);
        Descriptor descriptor;
        if (!DescriptorTable.Find(task, fd, &descriptor))
            return -Errno.EBADF;
        if ((descriptor.Bits & DescriptorBits.Signals) == 0)
            return -Errno.EINVAL;
        long result = VfsClient.Call(task, VfsOperation.SetSignalFile, descriptor.Handle, 1, set);
        if (result < 0)
            return result;
        // Threads of this process that wait go by the old mask.
        EpollCalls.WakeWaiters(task);
        return (long)(uint)fd;
    }

    /// <summary>read(2) of as many signals as there are and fit; waits for the first one.</summary>
    public static long Read(TaskState* task, Descriptor* descriptor, ulong buffer, ulong length)
    {
        if (length < Length)
            return -Errno.EINVAL;
        ChildSignals.Want(task);
        long result = MaskOf(task, descriptor->Handle, out ulong mask, out bool isNonBlocking);
        if (result < 0)
            return result;
        ulong done = 0;
        ulong* words = stackalloc ulong[(int)(Length / sizeof(ulong))];
        SignalEntry entry;
        while (length - done >= Length && (done == 0 && !isNonBlocking ? Await(task, mask, &entry) : SignalDelivery.Take(task, mask, false, &entry)) != 0)
        {
            Describe(words, &entry);
            // As on Linux the signal is gone then.
            if (!UserMemory.CopyOut(buffer + done, words, Length))
                return done > 0 ? (long)done : -Errno.EFAULT;
            done += Length;
        }
        if (done == 0)
            return isNonBlocking ? -Errno.EAGAIN : -Errno.RestartSystemCall;
        DescriptorTable.NoteActivity(task, descriptor->Handle);
        return (long)done;
    }

    /// <summary>The mask of a description, and O_NONBLOCK. 0 or −errno.</summary>
    public static long MaskOf(TaskState* task, uint handle, out ulong mask, out bool isNonBlocking)
    {
        ulong page = MemorySources.Use(task, handle, out _), read = 0;
        if (page != 0 && Stubs.UserRead64(page + EventCounterPage.State, &read) != 0)
        {
            mask = read & ~Signals.Unblockable;
            isNonBlocking = Timers.IsNonBlocking(page);
            return 0;
        }
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.SetSignalFile, handle);
        long result = VfsClient.Call(task, &request);
        mask = request.V0 & ~Signals.Unblockable;
        isNonBlocking = (request.V1 & OpenFlags.NonBlock) != 0;
        return result;
    }

    /// <summary>What waits for the thread, as far as is known here.</summary>
    public static ulong Pending(TaskState* task)
    {
        ProcessState* process = task->Process;
        return Volatile.Read(ref task->PendingSignals) | Volatile.Read(ref process->PendingSignals) | Volatile.Read(ref process->ServerPending);
    }

    /// <summary>From now on signals of the set end the thread's waits, though they may be blocked.</summary>
    public static void Expect(TaskState* task, ulong set)
    {
        task->WaitedSignals = set;
        task->Waiting = TaskState.WaitsForReadiness;
        // Before it looks: who sends queues first, and looks at these then.
        Interlocked.MemoryBarrier();
    }

    /// <summary>No longer.</summary>
    public static void ExpectNothing(TaskState* task) => task->Waiting = 0;

    // The next signal, 0: something else ended the wait. What the process server has is asked for on the way out of the call, which then starts over.
    private static uint Await(TaskState* task, ulong mask, SignalEntry* entry)
    {
        uint signal = SignalDelivery.Take(task, mask, false, entry);
        if (signal != 0)
            return signal;
        Expect(task, mask);
        signal = SignalDelivery.Take(task, mask, false, entry);
        if (signal == 0)
        {
            PollWait.Sleep(Deadline.Never);
            signal = SignalDelivery.Take(task, mask, false, entry);
        }
        ExpectNothing(task);
        return signal;
    }

    // Which fields are filled depends on the code and the signal, signalfd(2) and sigaction(2).
    private static void Describe(ulong* words, SignalEntry* entry)
    {
        BlockMemory.Zero(words, Length);
        words[SignalAndError] = entry->Signal | (ulong)(uint)entry->Error << 32;
        words[CodeAndSender] = (uint)entry->Code;
        ulong both = (uint)entry->Value | entry->Value << 32;
        if (entry->Code == Signals.SI_TIMER)
        {
            words[ThreadAndBand] = entry->Pid;
            words[OverrunAndTrap] = entry->Uid;
            words[StatusAndInteger] = both & 0xFFFF_FFFF_0000_0000;
            words[Pointer] = entry->Value;
            return;
        }
        if (entry->Code > 0 && entry->Code < Signals.SI_KERNEL && (Signals.Synchronous & Signals.Of(entry->Signal)) != 0)
        {
            words[Address] = entry->Value;
            return;
        }
        words[CodeAndSender] |= (ulong)entry->Pid << 32;
        words[UserAndFile] = entry->Uid;
        if (entry->Code > 0 && entry->Signal == Signals.SIGCHLD)
        {
            words[StatusAndInteger] = (uint)entry->Status;
            words[UserTime] = entry->UserTime;
            words[SystemTime] = entry->SystemTime;
        }
        else if (entry->Code < 0)
        {
            words[StatusAndInteger] = both & 0xFFFF_FFFF_0000_0000;
            words[Pointer] = entry->Value;
        }
    }
}
