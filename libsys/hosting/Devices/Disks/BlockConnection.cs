using Libsys.Linux;
using Libsys.Messages;
using Libsys.Rings;

namespace Libsys.Hosting.Devices.Disks;

/// <summary>The connection of a client of a driver of disks: hands its requests (<see cref="BlockOperation"/>) to the disks that they name.</summary>
/// <param name="disks">The driver's disks, by their numbers.</param>
/// <param name="loop">The driver's loop.</param>
/// <param name="context">Is told of a client that breaks the rules of the rings.</param>
/// <param name="badge">Whose connection it is.</param>
public sealed class BlockConnection(IReadOnlyList<IServedDisk> disks, EventLoop loop, ServerContext context, ulong badge) : ISoleClientHandler, IBlockClient
{
    // The client's tags, by the numbers of its requests: disks know them by these.
    private readonly ulong[] tags = new ulong[BlockLimits.Requests];
    private bool isNotifying, hasAnswered, isToStray;
    private AnswerSpoiler? spoiler;
    private InjectedFault deviceFault;

    /// <inheritdoc/>
    public ConnectionServer Rings { get; set; } = null!;

    /// <summary>A bit for each request that is not answered yet, by its number.</summary>
    public ulong Held { get; private set; }

    /// <inheritdoc/>
    public void Handle(ConnectionServer connection, in Submission submission)
    {
        ulong number = submission.A3;
        bool isDisk = submission.A0 < (ulong)disks.Count;
        if (!isDisk || number >= BlockLimits.Requests || (Held & 1ul << (int)number) != 0)
        {
            connection.Complete(submission.Tag, isDisk ? -Errno.EINVAL : -Errno.ENODEV);
            return;
        }

        if (deviceFault != 0)
            BreakDevice(disks[(int)submission.A0]);
        tags[number] = submission.Tag;
        Held |= 1ul << (int)number;
        disks[(int)submission.A0].Submit(this, submission with { Tag = number });
        if (isNotifying)
            return;
        // All requests of a turn are told to the device at once.
        isNotifying = true;
        loop.Post(Notify);
    }

    /// <inheritdoc/>
    public void Violated(ConnectionServer connection)
    {
        connection.Close();
        context.ReportViolation(badge);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Segments(in Submission request)
    {
        if (!Rings.TryPayload(request, out Span<byte> range))
            return default;
        if (!isToStray)
            return range;
        isToStray = false;
        return StraySegments.Of(range, disks[(int)request.A0].Domain);
    }

    /// <inheritdoc/>
    public void Complete(ulong tag, long result)
    {
        // Of a connection that has ended nobody waits any more.
        if (!Rings.IsOpen)
            return;
        if (!hasAnswered)
        {
            hasAnswered = true;
            context.Health.NoteOutput();
        }

        if (spoiler is { } once)
        {
            spoiler = null;
            once.Complete(tags[tag], result, () => Held &= ~(1ul << (int)tag));
        }
        else
        {
            Held &= ~(1ul << (int)tag);
            Rings.Complete(tags[tag], result);
        }
    }

    /// <summary>Takes what has been sent and not been looked at yet.</summary>
    public void TakeAll()
    {
        // There cannot be more requests than these, and each turn takes one at least.
        for (int turn = 0; turn < BlockLimits.Requests && Rings.HasArrived; turn++)
            Rings.Turn();
    }

    /// <summary>Spoils the next request or answer (<see cref="EventLoop.Answering"/>).</summary>
    public void Spoil(InjectedFault fault)
    {
        if (fault is InjectedFault.Stuck or InjectedFault.Dead)
            deviceFault = fault;
        else if (fault != InjectedFault.Stray)
            spoiler = new AnswerSpoiler(Rings, loop, fault);
        else if (disks.All(static disk => disk.IsConfined))
            isToStray = true;
        else
            context.Log.Write("nothing confines the devices: nothing is injected");
    }

    private void BreakDevice(IServedDisk disk)
    {
        bool isForGood = deviceFault == InjectedFault.Dead;
        deviceFault = 0;
        if (new IgnoredResets(context).TryInject(disk.Address, isForGood))
            throw new BrokenDeviceException();
        context.Log.Write("nothing may be kept for a successor: nothing is injected");
    }

    private void Notify()
    {
        isNotifying = false;
        foreach (IServedDisk disk in disks)
            disk.Notify();
    }
}

/// <summary>What a driver ends with that is to find its device broken (<see cref="InjectedFault.Stuck"/>).</summary>
internal sealed class BrokenDeviceException() : DeviceException("the device does not answer, as root has asked for");
