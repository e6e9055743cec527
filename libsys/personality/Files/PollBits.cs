namespace Libsys.Personality;

/// <summary>Bits of poll(2) and epoll(7), which share their low half.</summary>
internal static class PollBits
{
#pragma warning disable CS1591 // Linux' own names
    public const ushort POLLIN = 1, POLLPRI = 2, POLLOUT = 4, POLLERR = 8, POLLHUP = 0x10, POLLNVAL = 0x20, POLLRDNORM = 0x40, POLLRDBAND = 0x80,
        POLLWRNORM = 0x100, POLLWRBAND = 0x200;
#pragma warning restore CS1591
    /// <summary>Asked for by select's first set.</summary>
    public const ushort ReadWanted = POLLIN | POLLRDNORM | POLLRDBAND;
    /// <summary>Makes a descriptor readable for select(2), "Correspondence between select() and poll() notifications".</summary>
    public const ushort ReadFound = ReadWanted | POLLHUP | POLLERR;
    /// <summary>Asked for by select's second set.</summary>
    public const ushort WriteWanted = POLLOUT | POLLWRNORM | POLLWRBAND;
    /// <summary>Makes it writable.</summary>
    public const ushort WriteFound = WriteWanted | POLLERR;
    /// <summary>Asked for and found by the third set.</summary>
    public const ushort ExceptionBits = POLLPRI;

    /// <summary>Events to ask for, from membership in select's three sets.</summary>
    public static ushort FromSelect(bool read, bool write, bool exception) =>
        (ushort)((read ? ReadWanted : 0) | (write ? WriteWanted : 0) | (exception ? ExceptionBits : 0));
}
