namespace Servers.Processes.Tree;

/// <summary>What a wait reports.</summary>
/// <param name="Pid">Child, 0 for none with WNOHANG, or −ECHILD.</param>
/// <param name="Status">Wait status.</param>
/// <param name="Usage">The child's usage.</param>
/// <param name="Code">si_code.</param>
/// <param name="Uid">The child's real user id.</param>
internal readonly record struct WaitResult(long Pid, int Status = 0, Usage Usage = default, int Code = 0, uint Uid = 0);

/// <summary>Who waits.</summary>
internal interface IWaitCaller
{
    /// <summary>Answers. False if the caller no longer waits: then nothing may be consumed.</summary>
    bool TryAnswer(in WaitResult result);

    /// <summary>Gives up answering: the caller is gone.</summary>
    void Drop();
}

/// <summary>One call of wait4 or waitid.</summary>
/// <param name="Selector">&gt; 0: this child; −1: any; 0: any of the group that the caller had then (see <paramref name="Group"/>); &lt; −1: any of the group
/// −Selector.</param>
/// <param name="Group">The caller's group at the time of the call.</param>
/// <param name="Options">What to report.</param>
/// <param name="Slot">The caller's thread.</param>
/// <param name="Caller">Whom to answer.</param>
internal sealed record WaitRequest(int Selector, int Group, WaitOptions Options, uint Slot, IWaitCaller Caller)
{
    /// <summary>True if the child is one of those waited for, whatever its state.</summary>
    public bool Selects(Process child)
    {
        bool isClone = child.ExitSignal != Signals.SIGCHLD;
        if ((Options & WaitOptions.WALL) == 0 && isClone != ((Options & WaitOptions.WCLONE) != 0))
            return false;
        return Selector switch
        {
            > 0 => child.Pid == Selector,
            -1 => true,
            0 => child.Group == Group,
            _ => child.Group == -Selector,
        };
    }
}
