using Libsys.Rings;

namespace Libsys.Messages;

/// <summary>
/// Requests of vfs to the driver of disks, over a connection between servers. A0 is the disk, A1 the first sector of 512 bytes, A2 the number of sectors, A3
/// the request's own number, below <see cref="BlockLimits.Requests"/>, which no other in flight has; pool: <see cref="BlockLimits"/> segments of memory as the
/// device sees it, which vfs has pinned in the disk's domain. Making one again is harmless, and that is what happens to those that a driver has not answered.
/// They complete in any order. Result: 0 or −errno; −ENODEV: no such disk, −EINVAL: not within it, or the segments are not as long as the sectors, or the
/// number is taken, −EOPNOTSUPP: the disk cannot do it, −EROFS, −EIO. Another result is a violation of the protocol.
/// </summary>
public enum BlockOperation : ushort
{
    /// <summary>Sectors to memory.</summary>
    Read = 1,
    /// <summary>Memory to sectors.</summary>
    Write = 2,
    /// <summary>What was answered before it was sent is safe when it is answered.</summary>
    Flush = 3,
    /// <summary>The sectors' bytes are not needed any more.</summary>
    Discard = 4,
    /// <summary>The sectors read as zero.</summary>
    WriteZeroes = 5,
}

/// <summary>Calls of vfs to the driver of disks beside <see cref="ConnectOperation"/>. Word 0 operation, reply word 0: 0 or −errno.</summary>
public enum BlockControl : ulong
{
    /// <summary>
    /// (disk) → word 1 sectors, 2 bytes of a logical block | of a physical one &lt;&lt; 32, 3 <see cref="DiskFlags"/>, 4–6 serial number: ASCII, padded with
    /// zeros, 7 address of its function on the PCI bus | number of its namespace (0: it is none) &lt;&lt; 16 | bytes of what it likes to transfer in one go
    /// &lt;&lt; 32 (0: it does not say); handle: what the disk may reach (signal), for pins of what is sent to this generation. −ENODEV: no such disk, and none
    /// behind it. Function and namespace say which disk it is, in all generations; its number may be another in the next.
    /// </summary>
    Disk = 16,
    /// <summary>
    /// () → word 1: a bit for each request that the driver has and has not answered, by its number. The driver has looked at its devices before it says so. For
    /// a client that has waited for long: what it has sent and is neither answered nor among these is lost.
    /// </summary>
    Held = 17,
    /// <summary>
    /// (disk) → word 1 most sectors of a <see cref="BlockOperation.Discard"/>, 2 bytes of what is discarded as a whole, 3 most sectors of a
    /// <see cref="BlockOperation.WriteZeroes"/>. −ENODEV as above.
    /// </summary>
    Limits = 18,
}

/// <summary>What a disk can do.</summary>
public enum DiskFlags : ulong
{
#pragma warning disable CS1591 // the names say it
    None = 0, ReadOnly = 1, Discard = 2, WriteZeroes = 4, WriteCache = 8, NonRotational = 16,
#pragma warning restore CS1591
}

/// <summary>Limits of the protocol.</summary>
public static class BlockLimits
{
    /// <summary>Bytes of a sector.</summary>
    public const int SectorLength = 512;
    /// <summary>Requests in flight.</summary>
    public const int Requests = 64;
    /// <summary>Segments of a request, each within a page.</summary>
    public const int Segments = 64;
    /// <summary>Bytes of a segment: address, u64; bytes, u32; 0, u32.</summary>
    public const int SegmentLength = 16;
    /// <summary>Bytes of a request's piece of the pool.</summary>
    public const int PieceLength = Segments * SegmentLength;
    /// <summary>Bytes of a serial number, virtio 1.2 §5.2.6.</summary>
    public const int SerialLength = 20;

    /// <summary>Of a connection.</summary>
    public static ConnectionShape Shape => new(slots: Requests, Requests * PieceLength);
}
