using Libsys.Messages;

namespace Libsys.Hosting;

/// <summary>What the supervisor signals to a loop: heartbeats, news of peers, and faults that root wants to see.</summary>
internal sealed class SupervisorSource(EventLoop loop, ServerContext context) : EventSource
{
    /// <summary>All of the bits.</summary>
    public const ulong AllBits = 1ul << LoopBits.ClientGone | 1ul << LoopBits.PeerRestarted | 1ul << LoopBits.Fault | 1ul << LoopBits.Heartbeat;

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
        if (Has(bits, LoopBits.Fault))
            InjectedFaults.Commit(context.Health.TakeFault(), loop, context);
        return bits != 0;
    }

    private static bool Has(ulong bits, int bit) => (bits >> bit & 1) != 0;
}
