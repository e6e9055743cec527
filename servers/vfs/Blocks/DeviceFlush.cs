using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Blocks;

/// <summary>
/// Flushes of a device's write cache, one at a time: all who ask while one is under way share the next, since that began too early for them.
/// </summary>
public sealed class DeviceFlush
{
    private readonly BlockDevice device;
    private readonly BlockRequest request;
    private readonly WaitQueue ended = new();
    private long begun, completed, failed;

    internal DeviceFlush(BlockDevice device)
    {
        this.device = device;
        request = new BlockRequest { Completed = End };
    }

    /// <summary>
    /// What had been completed when the request first asked is safe, or waits for that. EIO: it may not be. A device without a write cache has nothing to do.
    /// Keeps a number in the request's state until it ends.
    /// </summary>
    public Errno Await(OperationContext context)
    {
        if (!device.Traits.HasWriteCache)
            return Errno.None;
        if (context.State is not Ticket ticket)
            context.State = ticket = new Ticket(begun);
        if (!request.IsInFlight && completed <= ticket.Number)
            Begin();
        if (completed <= ticket.Number)
            return context.WaitOn(ended);
        context.State = null;
        return failed > ticket.Number ? Errno.EIO : Errno.None;
    }

    private void Begin()
    {
        begun++;
        request.Begin(BlockKind.Flush, 0, 0);
        device.Submit(request);
    }

    private void End(BlockRequest flush, Errno error)
    {
        completed = begun;
        // One that fails says nothing about what an earlier one made safe.
        if (error != Errno.None)
            failed = begun;
        ended.Wake();
    }

    // The flush that has to end is the first with a greater number: the one that is under way began too early.
    private sealed record Ticket(long Number);
}
