using System.Runtime.CompilerServices;

namespace Libsys.Messages;

/// <summary>
/// The memory of a stream, a pipe's for one, that programs map, and its arithmetic: the same for vfs and the personality. Whoever can write a page may have
/// written anything there, so all of it holds for any value. docs/streams.md.
/// </summary>
/// <remarks>
/// Four parts, and who may write them: the owner's page (vfs), the reader's (who has a read end), the data and the writer's page (who has a write end). All of
/// it can be read by whoever has an end.
/// </remarks>
public static class StreamLayout
{
    /// <summary>Bytes of a page.</summary>
    public const uint PageLength = 4096;

    /// <summary>Bytes that a stream holds: a pipe's, pipe(7). A power of two, so that indices run freely.</summary>
    public const uint Capacity = 65536;

    /// <summary>Room from which on a writer is told: PIPE_BUF, which poll(2) also goes by.</summary>
    public const uint AtomicLength = 4096;

    /// <summary>In the owner's page, 32 bits each: open read ends, open write ends.</summary>
    public const uint Readers = 0, Writers = 4;

    /// <summary>1: there has been a write end, so that an empty stream without one has hung up.</summary>
    public const uint HasHadWriter = 8;

    /// <summary>Not 0: somebody waits at vfs, which is to be rung after a change.</summary>
    public const uint Watched = 12;

    /// <summary>
    /// Of a socket: what programs cannot do by themselves, <see cref="ReadersAsk"/> and its like; and the index of the first byte that comes with more than
    /// bytes, which readers neither take nor go across. docs/unix-sockets.md.
    /// </summary>
    public const uint Asks = 16, Mark = 20;

    /// <summary>In <see cref="Asks"/>: reads, and writes, are requests; there is an error to be told; <see cref="Mark"/> holds.</summary>
    public const uint ReadersAsk = 1, WritersAsk = 2, HasError = 4, HasMark = 8;

    /// <summary>In <see cref="Asks"/>: the bytes are not here any more, and looking is a request, too.</summary>
    public const uint Elsewhere = 16;

    /// <summary>In V2 of <see cref="VfsOperation.MapStream"/>, beside what may be done: it is one direction of a socket.</summary>
    public const ulong OfSocket = 4;

    /// <summary>Of messages: SO_SNDBUF of who writes, in bytes, as getsockopt(2) shows it.</summary>
    public const uint SendBuffer = 24;

    /// <summary>In V2 of <see cref="VfsOperation.MapStream"/>: it has messages (<see cref="MessageLayout"/>) instead of bytes.</summary>
    public const ulong OfMessages = 8;

    /// <summary>
    /// In V2 of <see cref="VfsOperation.MapStream"/>, of messages: the process has the other end, too, so nobody else may ever make room, and a message that
    /// finds none is a request.
    /// </summary>
    public const ulong HasOtherEnd = 16;

    /// <summary>Status flags (O_NONBLOCK) of the descriptions that programs have mapped, 32 bits each.</summary>
    public const uint Flags = 64;

    /// <summary>How many of them there can be.</summary>
    public const uint Descriptions = 256;

    /// <summary>The reader's page: a <see cref="StreamSide"/> with the index of the next byte to read.</summary>
    public const uint ReaderSide = PageLength;

    /// <summary>The data.</summary>
    public const uint Data = 2 * PageLength;

    /// <summary>The writer's page: a <see cref="StreamSide"/> with the index behind the last byte written.</summary>
    public const uint WriterSide = Data + Capacity;

    /// <summary>Bytes of all.</summary>
    public const uint Length = WriterSide + PageLength;

    /// <summary>In <see cref="StreamSide.Lock"/>: who holds it is to ring vfs when it lets go.</summary>
    public const uint Wanted = 1u << 31;

    /// <summary>In <see cref="StreamSide.Lock"/>: vfs holds it. Below: number of the mapping that does.</summary>
    public const uint Owner = 1u << 30;

    /// <summary>Bytes inside. False: the indices make no sense, somebody lies.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryCount(uint head, uint tail, out uint count)
    {
        count = unchecked(tail - head);
        return count <= Capacity;
    }

    /// <summary>Bytes that a write takes now; 0: none. What fits PIPE_BUF goes in as a whole or not at all, unless it is the rest of a longer write.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Acceptable(uint count, ulong length, bool isWhole)
    {
        uint free = Capacity - count;
        if (isWhole && length <= AtomicLength && free < length)
            return 0;
        return length < free ? (uint)length : free;
    }

    /// <summary>Whether taking <paramref name="taken"/> bytes out has made room for an atomic write, where there was none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool MakesRoom(uint headBefore, uint tail, uint taken)
    {
        uint before = unchecked(Capacity - (tail - headBefore));
        return before < AtomicLength && before + taken >= AtomicLength;
    }

    /// <summary>Whether a number of changes is later than another; both wrap.</summary>
    public static bool IsLater(uint number, uint other) => unchecked((int)(number - other)) > 0;

    /// <summary>
    /// Whether a change, to this number, is waited for as far as the note says. A note that is later already may stand for one who has seen it and sleeps
    /// again, and for another who has not.
    /// </summary>
    public static bool IsAwaited(uint awaited, uint number) => unchecked((int)(awaited - number)) >= -1;
}

/// <summary>Offsets in the reader's and the writer's page. All words have 32 bits, and indices, costs and numbers run freely.</summary>
public static class StreamSide
{
    /// <summary>Index of this side.</summary>
    public const uint Index = 0;

    /// <summary>Of messages: running cost of what this side has written, or taken. With <see cref="Index"/> one word of 64 bits, stored at once.</summary>
    public const uint Cost = 4;

    /// <summary>Number of changes by this side that the other side may wait for: an edge each, and the word that it sleeps on. Starts at 1.</summary>
    public const uint Changes = 8;

    /// <summary>0: nobody of this side moves data; else who does, <see cref="StreamLayout.Owner"/>.</summary>
    public const uint Lock = 12;

    /// <summary>Latest number of the other side's changes that anybody of this side has seen before he slept. Only ever moved forward.</summary>
    public const uint Awaited = 64;
}
