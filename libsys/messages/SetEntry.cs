namespace Libsys.Messages;

/// <summary>A change of a set of epoll(7) that vfs has (<see cref="VfsOperation.ChangeSet"/>), 32 bytes. Offsets; 32 bits each but the last.</summary>
public static class SetEntry
{
    /// <summary>Bytes of one.</summary>
    public const int Length = 32;

    /// <summary>EPOLL_CTL_*, epoll_ctl(2); the descriptor's number and its handle, which are what a member is found by.</summary>
    public const int Operation = 0, Number = 4, Handle = 8;

    /// <summary>What is waited for and how, with EPOLLERR and EPOLLHUP; of a member that has been shot (EPOLLONESHOT) only how.</summary>
    public const int Events = 12;

    /// <summary>
    /// Of an edge-triggered member that is given: 0: no edge was reported, <see cref="UntilChange"/>: the last one was when its number of changes
    /// was <see cref="ReportedAt"/>, <see cref="UntilNow"/>: all there has been was.
    /// </summary>
    public const int Reported = 16, ReportedAt = 20;

    /// <summary>The program's data: 64 bits.</summary>
    public const int Data = 24;

    /// <summary>Values of <see cref="Reported"/>.</summary>
    public const uint UntilChange = 1, UntilNow = 2;

    /// <summary>Values of <see cref="Operation"/>, epoll_ctl(2).</summary>
    public const uint Add = 1, Delete = 2, Modify = 3;

    /// <summary>
    /// With <see cref="VfsOperation.ChangeSet"/>: these are members that the set was made for, of which those are left out that are not open any more; they
    /// were all.
    /// </summary>
    public const ulong Given = 1, Completes = 2;

    /// <summary>Bytes of struct epoll_event, which is packed on x86-64: events, data.</summary>
    public const int EventLength = 12;

    /// <summary>Most events of one answer: what a request that may wait for ever takes of a pool is short.</summary>
    public const int MostEvents = 64;
}
