using System;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>sysinfo, arch_prctl, personality, capget, membarrier.</summary>
internal static unsafe class SystemCalls
{
    /// <summary>sysinfo(buffer).</summary>
    public static long SystemInformation(TaskState* task, RegisterFrame* frame)
    {
        // uptime, 3 loads, total, free, shared, buffer, total swap, free swap, processes (16 bits), total high, free high, unit (32 bits).
        const int Words = 14;
        KernelPage* page = Clock.Page;
        ulong* words = stackalloc ulong[Words];
        BlockMemory.Zero(words, Words * 8);
        words[0] = Clock.Now / TimeSpecification.Second;
        words[10] = 1;
        if (ControlCalls.HasServer(task) && ControlCalls.Call(task, ProcessOperation.SystemLoad, 0, 0, 0, 0, 0) >= 0)
        {
            ulong* reply = KernelCalls.MessageWords(task);
            words[1] = reply[1];
            words[2] = reply[2];
            words[3] = reply[3];
            words[10] = (ushort)reply[4];
        }
        words[4] = page->TotalFrames * 4096;
        words[5] = page->FreeFrames * 4096;
        words[13] = 1;
        return UserMemory.CopyOut(frame->Rdi, words, Words * 8) ? 0 : -Errno.EFAULT;
    }

    /// <summary>arch_prctl(code, address).</summary>
    public static long ArchitectureControl(TaskState* task, RegisterFrame* frame)
    {
        const uint SetGs = 0x1001, SetFs = 0x1002, GetFs = 0x1003, GetGs = 0x1004;
        ulong value = frame->Rsi;
        switch ((uint)frame->Rdi)
        {
            case SetFs:
                if (value >= Window.Base)
                    return -Errno.EPERM;
                Stubs.WriteFsBase(value);
                return 0;
            case SetGs:
                if (value >= Window.Base)
                    return -Errno.EPERM;
                Stubs.WriteGsBase(value);
                return 0;
            case GetFs:
                return UserMemory.WriteU64(value, Stubs.ReadFsBase()) ? 0 : -Errno.EFAULT;
            case GetGs:
                return UserMemory.WriteU64(value, Stubs.ReadGsBase()) ? 0 : -Errno.EFAULT;
            default:
                return -Errno.EINVAL;
        }
    }

    /// <summary>personality(domain): kept and reported; no flag changes anything here.</summary>
    public static long ExecutionDomain(TaskState* task, RegisterFrame* frame)
    {
        uint old = task->Process->Domain;
        if ((uint)frame->Rdi != uint.MaxValue)
            task->Process->Domain = (uint)frame->Rdi;
        return old;
    }

    /// <summary>
    /// capget(header, data) of a process itself: all capabilities for user 0, none otherwise, as credentials without file capabilities give them.
    /// </summary>
    public static long GetCapabilities(TaskState* task, RegisterFrame* frame)
    {
        const uint Version1 = 0x19980330, Version2 = 0x20071026, Version3 = 0x20080522;
        // 41 capabilities in Linux 6.1.
        const uint AllLow = 0xFFFF_FFFF, AllHigh = 0x1FF;
        if (!UserMemory.ReadU32(frame->Rdi, out uint version) || !UserMemory.ReadU32(frame->Rdi + 4, out uint process))
            return -Errno.EFAULT;
        if (version != Version1 && version != Version2 && version != Version3)
        {
            if (!UserMemory.WriteU32(frame->Rdi, Version3))
                return -Errno.EFAULT;
            return frame->Rsi == 0 ? 0 : -Errno.EINVAL;
        }
        if ((int)process < 0)
            return -Errno.EINVAL;
        if (frame->Rsi == 0)
            return 0;
        bool privileged = !ControlCalls.HasServer(task);
        if (!privileged)
        {
            if (ControlCalls.Call(task, ProcessOperation.Identify, 0, 0, 0, 0, 0) < 0)
                return -Errno.ESRCH;
            privileged = (uint)(KernelCalls.MessageWords(task)[5] >> 32) == 0;
        }
        uint* data = stackalloc uint[6];
        data[0] = data[1] = privileged ? AllLow : 0;
        data[3] = data[4] = privileged ? AllHigh : 0;
        data[2] = data[5] = 0;
        return UserMemory.CopyOut(frame->Rsi, data, version == Version1 ? 12ul : 24ul) ? 0 : -Errno.EFAULT;
    }

    /// <summary>
    /// membarrier(command, flags, cpu). Only the query works: every other command must reach threads that run on other CPUs, which needs the kernel to
    /// interrupt them and to know that it did.
    /// </summary>
    public static long MemoryBarrier(TaskState* task, RegisterFrame* frame)
    {
        const uint Query = 0;
        if ((uint)frame->Rsi != 0)
            return -Errno.EINVAL;
        return (uint)frame->Rdi == Query ? 0 : -Errno.EINVAL;
    }
}
