using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Hosting;

/// <summary>Handles one received message. A message with a reply handle must be answered now or later, or its handle closed.</summary>
public delegate void MessageHandler(in Message message);

/// <summary>Receives the messages of an endpoint.</summary>
/// <param name="loop">The loop that it is part of.</param>
/// <param name="endpoint">The endpoint.</param>
/// <param name="handler">Takes the messages.</param>
/// <param name="fromKernel">The handler also takes, and tells apart, what the kernel sends: the endpoint was given to spaces for their faults, or to objects as
/// their pager.</param>
internal sealed class EndpointSource(EventLoop loop, EndpointHandle endpoint, MessageHandler handler, bool fromKernel) : EventSource
{
    // Enough to make up for looking at the other sources in between, few enough that a flood of calls does not starve them.
    private const int MessagesPerTurn = 16;

    // For want of room for a reply handle a message stays where it is; nobody tells when there is room again.
    private const ulong RetryPeriod = 10_000_000;

    // Messages may have arrived before the endpoint was bound.
    private bool isSignalled = true;
    private LoopTimer? retry;

    protected internal override bool Turn()
    {
        if (!isSignalled)
            return false;
        ulong began = SystemClock.Now;
        for (int count = 0; count < MessagesPerTurn && (count == 0 || !EventLoop.IsLong(began)); count++)
        {
            KernelStatus status = endpoint.TryReceive(out Message message);
            if (status is KernelStatus.WouldBlock or KernelStatus.TimedOut)
            {
                // What arrives from here on signals again.
                isSignalled = false;
                return count > 0;
            }

            if (status is KernelStatus.NoHandle or KernelStatus.NoMemory)
            {
                isSignalled = false;
                retry ??= loop.CreateTimer(TryAgain);
                retry.Set(SystemClock.Now + RetryPeriod);
                return count > 0;
            }

            if (status == KernelStatus.Interrupted)
                Kernel.TakePendingSignal();
            else if (status != KernelStatus.Ok)
                throw new InvalidOperationException("event loop: receive failed: " + status);
            else
                Handle(in message);
        }

        return true;
    }

    private void TryAgain()
    {
        isSignalled = true;
        loop.MakeHot(this);
    }

    private void Handle(in Message message)
    {
        // The words of a fault are no request. Whoever made this endpoint the pager of an object, or a space's for its faults, has no right to an answer by
        // this server: the verdict is no.
        if ((MessageKind)message.Kind != MessageKind.Call && !fromKernel)
        {
            new ReplyHandle(message.ReplyHandle).Refuse((MessageKind)message.Kind);
            return;
        }

        loop.Health.Note(loop.Now, OperationSource.Endpoint, (uint)message.Words[0], message.Badge, message.Words[1]);
        handler(in message);
    }

    protected internal override bool PrepareSleep() => !isSignalled;

    protected internal override void Signalled() => isSignalled = true;
}
