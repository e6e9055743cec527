namespace Servers.Processes.Tree;

/// <summary>What the process tree needs of the kernel and of vfs. The tree decides, this acts.</summary>
internal interface IProcessEffects
{
    /// <summary>Ends the process's threads and frees its space if it has no other user. Returns what the process used in all.</summary>
    Usage Terminate(Process process);

    /// <summary>
    /// True if the process shares its memory with another one. Its threads may hold locks there that the others need, so it is asked to end or stop
    /// by itself, at a point where it holds none; a process that is asked to end and does not is terminated after all.
    /// </summary>
    bool MustEndItself(Process process);

    /// <summary>Lets nothing that this server was asked for keep the process from ending by itself, and watches over its doing so.</summary>
    void AwaitEnd(Process process);

    /// <summary>Makes the process's threads look for signals.</summary>
    void Interrupt(Process process);

    /// <summary>Stops its threads.</summary>
    void Suspend(Process process);

    /// <summary>Lets them run again, and answers those that wait for that.</summary>
    void Resume(Process process);

    /// <summary>Something that others can see has changed; a reaped process disappears.</summary>
    void Changed(Process process);

    /// <summary>Group or session changed.</summary>
    void SessionChanged(Process process);

    /// <summary>The first process has ended: the system is over.</summary>
    void FirstProcessEnded(Process process);
}
