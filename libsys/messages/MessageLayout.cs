using System.Runtime.CompilerServices;

namespace Libsys.Messages;

/// <summary>
/// Messages of datagram and sequenced packet sockets in the memory of a stream (<see cref="StreamLayout"/>), and their arithmetic: the same for vfs and the
/// personality. All of it holds for any value. docs/unix-sockets.md.
/// </summary>
/// <remarks>
/// A message is a header, its length in 32 bits and 32 that mean nothing, and its bytes, both at multiples of 8: so a header never lies across the end of the
/// data. A side's index and cost are one word, so that both are published at once.
/// </remarks>
public static class MessageLayout
{
    /// <summary>Bytes of a header, and what messages begin at a multiple of.</summary>
    public const uint HeaderLength = 8;

    /// <summary>What a message counts for in SO_SNDBUF beside its bytes: about what one takes on Linux.</summary>
    public const uint Overhead = 576;

    /// <summary>Linux keeps so much of SO_SNDBUF: longer messages are EMSGSIZE.</summary>
    public const uint Reserved = 32;

    /// <summary>The longest message that memory can hold.</summary>
    public const uint Longest = StreamLayout.Capacity - HeaderLength;

    // More than all messages cost that memory can hold: 8,192 empty ones, or their bytes.
    private const uint MostCost = StreamLayout.Capacity / HeaderLength * Overhead + StreamLayout.Capacity;

    /// <summary>Bytes that a message takes, if it is not longer than <see cref="Longest"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint FrameLength(uint length) => HeaderLength + (length + HeaderLength - 1 & ~(HeaderLength - 1));

    /// <summary>Index of a side's word. What is no multiple of 8 is a lie, and counts as the one before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint IndexOf(ulong word) => (uint)word & ~(HeaderLength - 1);

    /// <summary>Cost of a side's word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint CostOf(ulong word) => (uint)(word >> 32);

    /// <summary>A side's word behind a message that lies, or is put, at it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Behind(ulong word, uint length) =>
        unchecked(IndexOf(word) + FrameLength(length)) | (ulong)unchecked(CostOf(word) + length + Overhead) << 32;

    /// <summary>Bytes inside, headers included. False: the indices make no sense.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryCount(ulong reader, ulong writer, out uint count) => StreamLayout.TryCount(IndexOf(reader), IndexOf(writer), out count);

    /// <summary>What messages inside cost their sender; 0 if the words make no sense.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Unread(ulong reader, ulong writer)
    {
        uint cost = unchecked(CostOf(writer) - CostOf(reader));
        return cost <= MostCost ? cost : 0;
    }

    /// <summary>Whether a message of a length that a header says can be inside, where so many bytes are left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsInside(uint length, uint left) => length <= Longest && FrameLength(length) <= left;

    /// <summary>Whether SO_SNDBUF lets another message go: one may always be there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool MaySend(uint unread, uint length, uint sendBuffer) => unread == 0 || (ulong)unread + length + Overhead <= sendBuffer;

    /// <summary>
    /// Whether poll(2) says that more can be sent: SO_SNDBUF lets it, and of memory, of which so many bytes are taken, half is free for a message. What is
    /// <see cref="IsLong"/> and finds no room is not sent through memory.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsWritable(uint unread, uint sendBuffer, uint taken) => (ulong)unread * 4 <= sendBuffer && taken <= StreamLayout.Capacity / 2;

    /// <summary>Whether a message, not longer than <see cref="Longest"/>, may find no room though poll(2) says that more can be sent.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsLong(uint length) => FrameLength(length) > StreamLayout.Capacity / 2;
}
