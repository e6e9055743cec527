using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;

namespace Servers.Vfs.Hosting.Disks;

/// <summary>
/// Notices what a driver does not answer. A disk may take its time, and so may a host; so lateness proves nothing, and the driver is asked what it has
/// (<see cref="BlockControl.Held"/>): what it neither has nor has answered is lost. One that does not answer that either is suspected of hanging, which the
/// supervisor looks into.
/// </summary>
internal sealed class LateAnswers
{
    // Nanoseconds without any answer before the driver is asked: most requests take less than one millisecond under emulation, and asking costs a message. It
    // doubles while the driver says that it has them all.
    private const ulong FirstPatience = 4_000_000, LongestPatience = 1_000_000_000;

    // Linux waits as long for disks of SCSI and NVMe before it resets what they are behind.
    private const ulong LongestRequest = 30_000_000_000;

    // The call waits in the driver's endpoint until a successor takes it, if need be.
    private const ulong CallPatience = 2_000_000_000;

    private readonly EndpointCaller caller;
    private readonly EndpointHandle driver;
    private readonly DiskPeer peer;
    private readonly LoopTimer timer;
    private ulong patience = FirstPatience;
    private bool isAsking;

    /// <summary>Watches over the requests of a peer to a driver.</summary>
    public LateAnswers(EventLoop loop, EndpointCaller caller, EndpointHandle driver, DiskPeer peer)
    {
        (this.caller, this.driver, this.peer) = (caller, driver, peer);
        timer = loop.CreateTimer(Look);
    }

    /// <summary>A request has been sent.</summary>
    public void Watch()
    {
        if (!timer.IsSet)
            timer.Set(SystemClock.Now + patience);
    }

    /// <summary>The driver has answered one: it is at work.</summary>
    public void Answered()
    {
        if (patience == FirstPatience)
            return;
        patience = FirstPatience;
        timer.Set(SystemClock.Now + patience);
    }

    private void Look()
    {
        if (Oldest() is not { } sent)
            return;
        ulong now = SystemClock.Now;
        if (now - sent >= patience)
        {
            // One that does not take a connection is no better than one that does not answer. The supervisor knows which suspicions it has heard of.
            if (!peer.Link.Queue.IsConnected || peer.Connection is not { } connection)
                peer.Suspect(peer.PublishedGeneration);
            else if (!isAsking)
                Ask(connection, now);
            else
                peer.Suspect(connection.Generation);
            sent = now;
        }

        timer.Set(Math.Max(sent, now - patience) + patience);
    }

    private ulong? Oldest()
    {
        ulong? oldest = null;
        foreach (DiskRequest request in peer.Link.Queue.Unanswered)
            oldest = request.SentAt < oldest || oldest == null ? request.SentAt : oldest;
        return oldest;
    }

    private void Ask(DiskConnection connection, ulong asked)
    {
        isAsking = true;
        Message message = default;
        message.Words[0] = (ulong)BlockControl.Held;
        caller.Call(driver, message, asked + CallPatience, (status, answer) =>
        {
            isAsking = false;
            ulong held = answer.Words[1];
            bool isAnswered = status == KernelStatus.Ok && answer.Words[0] == 0;
            answer.CloseHandles();
            // What it has answered before this lies in the ring, whether its bell has rung or not.
            connection.TakeAnswers();
            if (isAnswered)
                Judge(connection, held, asked);
        });
    }

    private void Judge(DiskConnection connection, ulong held, ulong asked)
    {
        if (connection != peer.Connection || !peer.Link.Queue.IsConnected)
            return;
        bool hasOld = false, hasLost = false;
        foreach (DiskRequest request in peer.Link.Queue.Unanswered)
        {
            // One that was sent since may have come after the answer.
            if (request.SentAt >= asked)
                continue;
            hasLost |= (held >> request.Piece & 1) == 0;
            hasOld |= asked - request.SentAt > LongestRequest;
        }

        patience = Math.Min(2 * patience, LongestPatience);
        if (!hasLost && !hasOld)
            return;
        peer.Complain(hasLost ? "has lost a request" : "has a device that does not finish a request");
        connection.Lose();
    }
}
