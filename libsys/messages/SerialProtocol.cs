using Libsys.Rings;

namespace Libsys.Messages;

/// <summary>
/// Requests of vfs to the driver of the serial lines, over a connection between servers. A0 is the line: 0 for COM1 (ttyS0 and the console), 1 and 2 for COM2
/// and COM3. The bytes of a line and direction have absolute positions: how many there were since boot before them. So a request that a driver has done wholly
/// or in part, before it was killed and could answer, is simply made again. A driver has one client; a new connection ends the one before. Results are a value
/// ≥ 0 or −errno; −ENODEV: no such line.
/// </summary>
public enum SerialOperation : ushort
{
    /// <summary>
    /// A0 line, A1 position; pool: bytes to send → their number, when all are in the transmitter. Those before the position that the line has reached are
    /// skipped. Writes of a line are made in the order of their positions, without a gap (−EINVAL). (waits)
    /// </summary>
    Write = 1,
    /// <summary>
    /// A0 line, A1 position; pool: room of <see cref="SerialLimits.ReadLength"/> bytes → n ≥ 1 bytes from that position on. One a line at a time. −EIO: what
    /// was at that position cannot be had any more. (waits)
    /// </summary>
    Read = 2,
    /// <summary>A0 line → 0 when the transmitter is empty down to its last bit. (waits)</summary>
    Drain = 3,
    /// <summary>A0 line → V0 position of the next byte to send, V1 of the next one to receive.</summary>
    Query = 4,
}

/// <summary>Limits of the serial protocol.</summary>
public static class SerialLimits
{
    /// <summary>Serial lines.</summary>
    public const int Lines = 3;
    /// <summary>Bytes of a write: what goes out after ^S or ^C is at most as much as the writes in flight hold, a fifth of a second at 115,200 baud.</summary>
    public const int PieceLength = 1024;
    /// <summary>Writes of a line in flight: the driver has work while the client handles an answer.</summary>
    public const int WritesPerLine = 2;
    /// <summary>Bytes of a read: what the kernel remembers of a line's input, so that a driver that is killed in between has lost nothing.</summary>
    public const int ReadLength = 32;
    /// <summary>Pieces of the pool that a line uses.</summary>
    public const int PiecesPerLine = WritesPerLine + 1;
    /// <summary>Bytes of the connection's pool; whole pages.</summary>
    public const int PoolLength = (Lines * PiecesPerLine * PieceLength + 4095) / 4096 * 4096;

    /// <summary>Of a connection: each line has its writes, a read, a drain and a query in flight at most. Indices and both rings share a page.</summary>
    public static ConnectionShape Shape => new(slots: 16, PoolLength);
}
