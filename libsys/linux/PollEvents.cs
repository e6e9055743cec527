namespace Libsys.Linux;

/// <summary>Event bits of poll(2) and epoll(7), which share their low half.</summary>
public static class PollEvents
{
#pragma warning disable CS1591
    public const ushort In = 1, Priority = 2, Out = 4, Error = 8, HangUp = 0x10, Invalid = 0x20, ReadNormal = 0x40, ReadBand = 0x80, WriteNormal = 0x100,
        WriteBand = 0x200, ReadHangUp = 0x2000;
#pragma warning restore CS1591

    /// <summary>Readable.</summary>
    public const ushort Readable = In | ReadNormal;

    /// <summary>Writable.</summary>
    public const ushort Writable = Out | WriteNormal;

    /// <summary>What a file without waiting is: always ready.</summary>
    public const ushort AlwaysReady = Readable | Writable;

    /// <summary>Reported whether asked for or not.</summary>
    public const ushort Unasked = Error | HangUp | Invalid;
}
