using System.Buffers.Binary;
using Libsys.Hosting.Devices;
using Libsys.Hosting.Programs;

namespace Servers.Drivers.Rtc;

/// <summary>The open clock: ioctl reads and sets it, read waits for the begin of a second if that was asked for.</summary>
/// <param name="clock">The hardware.</param>
/// <param name="maySet">Whoever opened it was root. The driver does not learn who uses a descriptor that it was given later.</param>
internal sealed class RtcFile(BatteryClock clock, bool maySet) : ProgramFile
{
    // rtc(4), read: the low byte says what happened, the bytes above it how often since the last read.
    private const ulong UpdateHappened = 0x90;
    private const int CountShift = 8;

    private ulong updates;

    /// <summary>Called when nobody has it open any more.</summary>
    public required Action Ended { get; init; }

    /// <summary>A second begins.</summary>
    public void Updated() => updates++;

    /// <inheritdoc/>
    protected override long? Read(Span<byte> buffer)
    {
        if (buffer.Length is not sizeof(uint) and < sizeof(ulong))
            return -Errno.EINVAL;
        if (updates == 0)
            return null;
        ulong happened = updates << CountShift | UpdateHappened;
        updates = 0;
        if (buffer.Length == sizeof(uint))
            BinaryPrimitives.WriteUInt32LittleEndian(buffer, (uint)happened);
        else
            BinaryPrimitives.WriteUInt64LittleEndian(buffer, happened);
        return Math.Min(buffer.Length, sizeof(ulong));
    }

    /// <inheritdoc/>
    protected override ushort Poll() => (ushort)(updates > 0 ? PollEvents.Readable : 0);

    /// <inheritdoc/>
    protected override long? Control(uint number, ulong argument, Span<byte> structure)
    {
        switch (number)
        {
            case RtcControl.ReadTime when structure.Length == RtcTime.Length:
                if (!clock.TryRead(out DateTime now))
                    return -Errno.EIO;
                RtcTime.Write(now, structure);
                return 0;
            case RtcControl.SetTime when structure.Length == RtcTime.Length:
                if (!maySet)
                    return -Errno.EACCES;
                return !RtcTime.TryRead(structure, out DateTime time) ? -Errno.EINVAL : clock.TrySet(time) ? 0 : -Errno.ERANGE;
            case RtcControl.UpdatesOn:
                clock.InterruptUpdates(true);
                return 0;
            case RtcControl.UpdatesOff:
                clock.InterruptUpdates(false);
                return 0;
            default:
                return base.Control(number, argument, structure);
        }
    }

    /// <inheritdoc/>
    protected override void Closed()
    {
        clock.InterruptUpdates(false);
        Ended();
    }
}
