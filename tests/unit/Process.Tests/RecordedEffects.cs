using Servers.Processes.Tree;

namespace Servers.Processes.Tests;

/// <summary>Stands for the kernel: remembers what the tree asked for.</summary>
internal sealed class RecordedEffects : IProcessEffects
{
    public List<Process> Terminated { get; } = [];

    public List<Process> Interrupted { get; } = [];

    public HashSet<Process> Suspended { get; } = [];

    /// <summary>Processes that share memory.</summary>
    public HashSet<Process> Sharing { get; } = [];

    public List<Process> Awaited { get; } = [];

    public Process? EndedFirst { get; private set; }

    public Usage Terminate(Process process)
    {
        Assert.DoesNotContain(process, Terminated);
        Terminated.Add(process);
        Suspended.Remove(process);
        return new Usage(10, 1, 4096, 1);
    }

    public void Interrupt(Process process)
    {
        Assert.True(process.IsAlive);
        Interrupted.Add(process);
    }

    public bool MustEndItself(Process process) => Sharing.Contains(process);

    public void AwaitEnd(Process process) => Awaited.Add(process);

    public void Suspend(Process process) => Assert.True(Suspended.Add(process));

    public void Resume(Process process) => Assert.True(Suspended.Remove(process));

    public void Changed(Process process)
    {
    }

    public void SessionChanged(Process process)
    {
    }

    public void FirstProcessEnded(Process process) => EndedFirst = process;
}
