using System.Runtime.InteropServices;

namespace Libsys.Personality;

/// <summary>One action, struct sigaction of the system call ABI.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SignalAction
{
    /// <summary>Handler address, 0 = SIG_DFL, 1 = SIG_IGN.</summary>
    public ulong Handler;
    /// <summary>SA_*.</summary>
    public ulong Flags;
    /// <summary>SA_RESTORER's address.</summary>
    public ulong Restorer;
    /// <summary>Signals blocked while the handler runs.</summary>
    public ulong Mask;
}

/// <summary>All actions of a process or, with CLONE_SIGHAND, of several.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SignalActions
{
    /// <summary>Processes that share them.</summary>
    public int References;

    /// <summary>Guards the actions.</summary>
    public PersonalityLock Lock;

    /// <summary>64 × 4 words: <see cref="SignalAction"/> of signal 1 first.</summary>
    public fixed ulong Words[64 * 4];

    /// <summary>Action of <paramref name="signal"/>, 1 to 64.</summary>
    public static SignalAction* Get(SignalActions* actions, uint signal) => (SignalAction*)(actions->Words + (signal - 1) * 4);
}

/// <summary>A queued signal with what siginfo needs.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SignalEntry
{
    /// <summary>Most entries a process can hold (RLIMIT_SIGPENDING's purpose: bound memory).</summary>
    public const uint Limit = 1024;

    /// <summary>Next, younger entry.</summary>
    public SignalEntry* Next;
    /// <summary>Signal number.</summary>
    public uint Signal;
    /// <summary>si_code.</summary>
    public int Code;
    /// <summary>si_errno.</summary>
    public int Error;
    /// <summary>si_pid, or the timer id.</summary>
    public uint Pid;
    /// <summary>si_uid, or the timer's overrun.</summary>
    public uint Uid;
    /// <summary>si_status for SIGCHLD.</summary>
    public int Status;
    /// <summary>si_value, or si_addr.</summary>
    public ulong Value;
    /// <summary>si_utime in clock ticks (SIGCHLD).</summary>
    public ulong UserTime;
    /// <summary>si_stime in clock ticks (SIGCHLD).</summary>
    public ulong SystemTime;
}
