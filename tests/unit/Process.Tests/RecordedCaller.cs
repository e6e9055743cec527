using Servers.Processes.Tree;

namespace Servers.Processes.Tests;

/// <summary>A thread that waits, or that has been interrupted and no longer does.</summary>
internal sealed class RecordedCaller : IWaitCaller
{
    public WaitResult? Result { get; private set; }

    public bool IsGone { get; set; }

    public bool TryAnswer(in WaitResult result)
    {
        Assert.Null(Result);
        if (IsGone)
            return false;
        Result = result;
        return true;
    }

    public void Drop() => IsGone = true;
}
