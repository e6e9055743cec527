using Libsys.Hosting.Devices;
using Libsys.Hosting.Programs;

namespace Servers.Drivers.Rtc;

/// <summary>The clock, and the one description that it can have at a time: rtc(4).</summary>
internal sealed class RtcDevice(BatteryClock clock) : IProgramService
{
    private RtcFile? open;

    /// <summary>Requests may wait for what has changed.</summary>
    public required Action Changed { get; init; }

    /// <summary>Takes over the clock as a predecessor may have left it.</summary>
    public void Start()
    {
        clock.InterruptUpdates(false);
        clock.TakeUpdate();
    }

    /// <summary>The clock interrupted.</summary>
    public void Interrupted()
    {
        // Taken in any case: the line stays quiet until it is.
        if (clock.TakeUpdate() && open is { } file)
        {
            file.Updated();
            Changed();
        }
    }

    /// <inheritdoc/>
    public ProgramFile? Open(in ProgramGrant grant, bool isFromPredecessor, out long error)
    {
        // What a description waits for, a predecessor knew.
        error = isFromPredecessor ? -Errno.EIO : open is not null ? -Errno.EBUSY : 0;
        if (error == 0)
            open = new RtcFile(clock, grant.Credentials.User == 0) { Ended = () => open = null };
        return error == 0 ? open : null;
    }
}
