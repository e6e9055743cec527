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

    /// <summary>BLKPG: struct blkpg_ioctl_arg, which names a struct blkpg_partition elsewhere; linux/blkpg.h.</summary>
    public const uint PartitionControl = 0x1269;

    /// <summary>
    /// Bytes of the structure that a request to a block device is given; 0 for all others: BLKROSET an int, BLKDISCARD, BLKSECDISCARD and BLKZEROOUT first
    /// byte and length, u64 each.
    /// </summary>
    public static uint BlockDeviceInputLength(uint number) => number switch
    {
        0x125D => 4,
        0x1277 or 0x127D or 0x127F => 16,
        _ => 0,
    };

    /// <summary>
    /// Bytes of the structure that a request to a block device tells something in; 0 for all others. Older than the scheme that encodes them in the number:
    /// linux/fs.h, linux/hdreg.h.
    /// </summary>
    public static uint BlockDeviceLength(uint number) => number switch
    {
        0x301 => 16, // HDIO_GETGEO: struct hd_geometry
        0x1260 or 0x1263 or 0x1265 => 8, // BLKGETSIZE, BLKRAGET, BLKFRAGET: long
        // BLKROGET, BLKSSZGET, BLKIOMIN, BLKIOOPT, BLKALIGNOFF, BLKPBSZGET, BLKDISCARDZEROES: int
        0x125E or 0x1268 or 0x1278 or 0x1279 or 0x127A or 0x127B or 0x127C => 4,
        0x1267 or 0x127E => 2, // BLKSECTGET, BLKROTATIONAL: unsigned short
        _ => 0,
    };

    /// <summary>TIOCSPTLCK and below: the range of terminal requests ('T').</summary>
    public const uint TerminalType = 0x54;
}
