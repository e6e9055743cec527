namespace Servers.Vfs.Linux;

/// <summary>ioctl request numbers that vfs answers itself, ioctl_list(2). Those of terminals go to the console driver.</summary>
public static class Ioctl
{
    /// <summary>FIONREAD: int, bytes that can be read.</summary>
    public const uint BytesReadable = 0x541B;

    /// <summary>FIONBIO: int, sets O_NONBLOCK.</summary>
    public const uint NonBlocking = 0x5421;

    /// <summary>RNDGETENTCNT: int, random(4).</summary>
    public const uint EntropyCount = 0x80045200;

    /// <summary>TIOCSPTLCK and below: the range of terminal requests ('T').</summary>
    public const uint TerminalType = 0x54;
}
