using Libsys.Messages;

namespace Libsys.Hosting;

/// <summary>What the supervisor signals to a loop: heartbeats, news of peers, and faults that root wants to see.</summary>
internal sealed class SupervisorSource(EventLoop loop, ServerContext context) : EventSource
{
    /// <summary>All of the bits.</summary>
    public const ulong AllBits = 1ul << LoopBits.ClientGone | 1ul << LoopBits.PeerRestarted | 1ul << LoopBits.Garbage | 1ul << LoopBits.Exit
        | 1ul << LoopBits.Hang
        | 1ul << LoopBits.Crash | 1ul << LoopBits.Heartbeat;

    private const int ExitStatus = 3;
    private ulong signalled;

    internal override void Signalled(ulong bits)
    {
        // Answered where the loop collects its bits, which it does between any two sources that take long: a turn with many costly requests is no hang.
        if (Has(bits, LoopBits.Heartbeat))
            context.Health.AnswerHeartbeat();
        signalled |= bits & AllBits & ~(1ul << LoopBits.Heartbeat);
    }

    protected internal override bool PrepareSleep() => signalled == 0;

    protected internal override bool Turn()
    {
        ulong bits = signalled;
        signalled = 0;
        if (Has(bits, LoopBits.ClientGone))
            loop.TellClientGone();
        if (Has(bits, LoopBits.PeerRestarted))
            loop.TellPeersRestarted();
        if (Has(bits, LoopBits.Garbage))
            FillWithGarbage();
        if (Has(bits, LoopBits.Exit))
            Environment.Exit(ExitStatus);
        if (Has(bits, LoopBits.Hang))
            Hang();
        if (Has(bits, LoopBits.Crash))
        {
            if (loop.Crashing is { } chosen)
                chosen();
            else
                Crash(null);
        }

        return bits != 0;
    }

    private static bool Has(ulong bits, int bit) => (bits >> bit & 1) != 0;

    private static void Hang()
    {
        for (;;)
            Thread.SpinWait(1000);
    }

    // A null reference that nobody expects, as a bug in a handler would be.
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void Crash(string? nothing) => Thread.SpinWait(nothing!.Length);

    private void FillWithGarbage()
    {
        var random = new Random((int)context.Generation);
        bool any = false;
        foreach (EventSource source in loop.AllSources())
            any |= source.FillWithGarbage(random);
        if (!any)
            context.Log.Write("no connections: there are no rings to fill with garbage");
    }
}
