namespace Libsys.Linux;

/// <summary>ioctl request numbers that are not only for terminals, ioctl_list(2); those of terminals: <see cref="TerminalRequest"/>.</summary>
public static class Ioctl
{
    /// <summary>FIONREAD: int, bytes that can be read.</summary>
    public const uint BytesReadable = 0x541B;

    /// <summary>FIONBIO: int, sets O_NONBLOCK.</summary>
    public const uint NonBlocking = 0x5421;

    /// <summary>FIONCLEX, FIOCLEX: the descriptor stays, or goes, at exec.</summary>
    public const uint KeepOnExec = 0x5450, CloseOnExec = 0x5451;

    /// <summary>FIOASYNC: int, sets O_ASYNC.</summary>
    public const uint Async = 0x5452;

    /// <summary>RNDGETENTCNT: int, random(4).</summary>
    public const uint EntropyCount = 0x80045200;

    /// <summary>TIOCSPTLCK and below: the range of terminal requests ('T').</summary>
    public const uint TerminalType = 0x54;
}
