using System.Runtime.InteropServices;
using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>
/// What the personality keeps for one thread: the 768 bytes behind <see cref="ThreadBlock.PersonalityFirst"/>. The program's registers lie in the same
/// block. The block, and so this, is fresh in a forked child: <see cref="ThreadStart.BlockCopy"/> carries it over.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct TaskState
{
    /// <summary>Read by the exit stub, so it must stay first: not 0 = every register must be restored (interrupts, sigreturn), by iretq.</summary>
    public uint ExitFull;

    /// <summary>Not 0 while <see cref="SavedMask"/> is to be restored on the way out. Read by the call stub, so it must stay second.</summary>
    public uint HasSavedMask;

    /// <summary>Linux thread id; the process id for a process's first thread.</summary>
    public uint ThreadId;

    /// <summary>Slot in the address space.</summary>
    public uint Slot;

    /// <summary>The process; several of them can share this address space (vfork).</summary>
    public ProcessState* Process;

    /// <summary>Blocked signals, bit n−1 = signal n. Only the thread itself changes it.</summary>
    public ulong SignalMask;

    /// <summary>Mask to restore after the handler that ends sigsuspend, ppoll and the like.</summary>
    public ulong SavedMask;

    /// <summary>Not 0 once the thread must end (exit_group of another thread).</summary>
    public uint MustExit;

    /// <summary>Thread-directed signals that wait, bit n−1. Guarded by the process's signal lock, except for looks.</summary>
    public ulong PendingSignals;

    /// <summary>Their siginfo, oldest first. Guarded by the process's signal lock.</summary>
    public SignalEntry* Queue;

    /// <summary>sigaltstack: base.</summary>
    public ulong AlternateStack;

    /// <summary>sigaltstack: length in bytes.</summary>
    public ulong AlternateStackLength;

    /// <summary>sigaltstack: SS_DISABLE, SS_AUTODISARM.</summary>
    public uint AlternateStackFlags;

    /// <summary>Not 0 = a wait with signals in <see cref="WaitedSignals"/> (sigtimedwait): those count as unblocked for choosing a receiver.</summary>
    public uint Waiting;

    /// <summary>
    /// <see cref="Waiting"/> of a thread that waits for a signalfd to become ready: it may take none of the signals, so it does not keep them from others.
    /// </summary>
    public const uint WaitsForReadiness = 2;

    /// <summary>Signals that sigtimedwait waits for.</summary>
    public ulong WaitedSignals;

    /// <summary>set_tid_address, CLONE_CHILD_CLEARTID: word to clear and wake at exit, or 0.</summary>
    public ulong ClearChildTid;

    /// <summary>set_robust_list: head.</summary>
    public ulong RobustList;

    /// <summary>Which call restart_syscall continues: a <see cref="RestartKind"/>.</summary>
    public uint RestartKind;

    /// <summary>CLOCK_* of the interrupted sleep.</summary>
    public uint RestartClock;

    /// <summary>Deadline of the interrupted wait, nanoseconds since boot.</summary>
    public ulong RestartDeadline;

    /// <summary>First saved argument of the interrupted call (address of the remaining time, or of the futex).</summary>
    public ulong RestartArgument0;

    /// <summary>Second saved argument.</summary>
    public ulong RestartArgument1;

    /// <summary>Third saved argument.</summary>
    public ulong RestartArgument2;

    /// <summary>Next thread of the process. Guarded by the process's task lock.</summary>
    public TaskState* Next;

    /// <summary>Word that this thread sleeps on in pause-like waits.</summary>
    public uint SleepWord;

    /// <summary>Not 0 = the process server must be asked for process-directed signals on the way out.</summary>
    public uint AskForSignals;

    /// <summary>Thread name (prctl PR_SET_NAME), 16 bytes with NUL.</summary>
    public ulong NameLow;

    /// <summary>Second half of the name.</summary>
    public ulong NameHigh;

    /// <summary>CPUs the program asked for with sched_setaffinity; 0 = all.</summary>
    public ulong Affinity;

    /// <summary>For the files part: waits, tags and the like. Zero at thread start.</summary>
    public ulong FilesState0, FilesState1, FilesState2, FilesState3;

    /// <summary>Where the directory part of the last path of a posted call has led. Zero at thread start.</summary>
    public KnownParent Parent;

    /// <summary>The block that this state lies in.</summary>
    public static ThreadBlock* BlockOf(TaskState* task) => (ThreadBlock*)((byte*)task - ThreadBlock.PersonalityOffset);

    /// <summary>The program's registers.</summary>
    public static RegisterFrame* FrameOf(TaskState* task) => (RegisterFrame*)((byte*)task - ThreadBlock.PersonalityOffset);

    /// <summary>The state in <paramref name="block"/>.</summary>
    public static TaskState* Of(ThreadBlock* block) => (TaskState*)((byte*)block + ThreadBlock.PersonalityOffset);

    /// <summary>The thread's message area.</summary>
    public static Message* MessageOf(TaskState* task) =>
        (Message*)((byte*)task - ThreadBlock.PersonalityOffset + ThreadBlock.MessageOffset);
}

/// <summary>What restart_syscall continues.</summary>
internal enum RestartKind : uint
{
    /// <summary>Nothing: -EINTR.</summary>
    None = 0,
    /// <summary>nanosleep, clock_nanosleep with a relative time.</summary>
    Sleep = 1,
    /// <summary>futex FUTEX_WAIT with a relative time.</summary>
    Futex = 2,
    /// <summary>poll with a time-out (files).</summary>
    Poll = 3,
    /// <summary>epoll_wait, likewise.</summary>
    Epoll = 4,
}
