using Libsys.Hosting;
using Servers.Processes.Tree;

namespace Servers.Processes.Requests;

/// <summary>
/// Threads that touched a page while the machine had no frame left, though programs may have more. The page cache gives frames back within milliseconds if it
/// has any (docs/page-cache.md), so they try again for a while.
/// </summary>
internal sealed class StarvedThreads
{
    // Nanoseconds: between two tries, and without a frame for any program until the verdict falls.
    private const ulong Pause = 5_000_000, Patience = 1_000_000_000;

    // Each is a handle of this server.
    private const int Most = 256;

    private const long TryAgain = 1; // MessageKind.Fault

    private readonly EventLoop loop;
    private readonly AccountHandle programs;
    private readonly LoopTimer timer;
    private readonly List<ReplyHandle> waiting = [];
    private ulong since, last, most;

    /// <summary>Nobody starves.</summary>
    /// <param name="loop">Has the time.</param>
    /// <param name="programs">Account of all programs.</param>
    public StarvedThreads(EventLoop loop, AccountHandle programs)
    {
        (this.loop, this.programs) = (loop, programs);
        timer = loop.CreateTimer(Retry);
    }

    /// <summary>Keeps a thread that found no frame, to answer it later. False: it is not worth it.</summary>
    public bool TryKeep(ReplyHandle reply)
    {
        if (!reply.IsValid || waiting.Count == Most || programs.TryQuery(out AccountState all) != Libsys.Abi.KernelStatus.Ok || all.Frames >= all.FrameLimit)
            return false;
        // Frames that programs have got since are progress, and so is a time in which nobody asked.
        if (all.Frames > most || loop.Now > last + Patience)
            (since, most) = (loop.Now, all.Frames);
        last = loop.Now;
        if (loop.Now > since + Patience)
            return false;
        waiting.Add(reply);
        if (!timer.IsSet)
            timer.Set(loop.Now + Pause);
        return true;
    }

    private void Retry()
    {
        foreach (ReplyHandle reply in waiting)
            reply.Reply(TryAgain);
        waiting.Clear();
    }
}
