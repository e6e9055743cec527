using Libsys.Hosting;
using Servers.Processes.Publishing;
using Servers.Processes.Tree;

namespace Servers.Processes.Spaces;

/// <summary>Carries out what the process tree decides.</summary>
internal sealed class ProcessEffects(
    ProgramSpaces spaces, VfsControlClient vfs, ProcessTablePublisher publisher, AwaitedEnds awaited, Action<Process> firstProcessEnded) : IProcessEffects
{
    /// <inheritdoc/>
    public Usage Terminate(Process process)
    {
        Usage usage = process.PastUsage.Plus(ProgramSpaces.Measure(process));
        AbandonExec(process);
        spaces.Leave(process);
        AnswerVfork(process);
        foreach (ReplyHandle caller in process.StopCallers)
            caller.Close();
        process.StopCallers.Clear();
        return usage;
    }

    /// <summary>Gives up a program that is being loaded; the caller of exec gets no answer.</summary>
    public void AbandonExec(Process process)
    {
        if (process.Exec is not { } exec)
            return;
        process.Exec = null;
        spaces.Release(exec.Space);
        exec.Caller.Close();
    }

    /// <summary>Lets the caller of vfork go on: its child no longer uses its memory.</summary>
    public static void AnswerVfork(Process process)
    {
        if (!process.VforkCaller.IsValid)
            return;
        ReplyHandle caller = process.VforkCaller;
        process.VforkCaller = default;
        caller.Reply(process.Pid, process.VfsSlot);
    }

    /// <inheritdoc/>
    public bool MustEndItself(Process process) => process.Space is { Users: > 1 };

    /// <inheritdoc/>
    public void AwaitEnd(Process process)
    {
        AbandonExec(process);
        // Threads that wait for a vfork child; the third word says that the child goes on using their memory.
        foreach (Process child in process.Children)
        {
            if (!child.VforkCaller.IsValid)
                continue;
            ReplyHandle caller = child.VforkCaller;
            child.VforkCaller = default;
            caller.Reply(child.Pid, child.VfsSlot, 1);
        }

        awaited.Add(process);
    }

    /// <inheritdoc/>
    public void Interrupt(Process process) => process.Space?.Space.Interrupt((uint)process.Pid);

    /// <inheritdoc/>
    public void Suspend(Process process) => process.Space?.Space.Suspend((uint)process.Pid);

    /// <inheritdoc/>
    public void Resume(Process process)
    {
        process.Space?.Space.Resume((uint)process.Pid);
        foreach (ReplyHandle caller in process.StopCallers)
        {
            caller.Reply(0);
        }

        process.StopCallers.Clear();
    }

    /// <inheritdoc/>
    public void Changed(Process process) => publisher.Publish(process);

    /// <inheritdoc/>
    public void SessionChanged(Process process) => vfs.SetSession(process);

    /// <inheritdoc/>
    public void FirstProcessEnded(Process process) => firstProcessEnded(process);
}
