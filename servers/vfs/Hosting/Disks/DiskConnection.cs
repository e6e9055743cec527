using System.Buffers.Binary;
using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Libsys.Rings;
using Servers.Vfs.Blocks;
using Servers.Vfs.Pages;

namespace Servers.Vfs.Hosting.Disks;

/// <summary>The rings to one generation of a driver of disks, and what its devices may reach.</summary>
/// <param name="rings">The rings.</param>
/// <param name="peer">Whose connection it is.</param>
/// <param name="domains">Of each disk, where memory is pinned for it.</param>
/// <param name="disks">What this generation says of them.</param>
/// <param name="known">The disks that requests name: those of the driver's first generation.</param>
/// <param name="arena">What is pinned.</param>
internal sealed class DiskConnection(
    ConnectionClient rings, DiskPeer peer, IReadOnlyList<DmaDomainHandle> domains, IReadOnlyList<DriverDisk> disks, IReadOnlyList<DriverDisk> known,
    MemoryObjectHandle arena)
    : IPeerConnection<DiskRequest>
{
    private const ulong PageLength = CachedFile.PageSize;

    // Which of this generation's each is; none: −1. A number says nothing: a device may have been lost, or a namespace.
    private readonly int[] places = [.. known.Select(disk => disks.ToList().FindIndex(disk.Is))];

    private readonly RingFlight?[] flights = new RingFlight?[BlockLimits.Requests];
    private bool isLost, isClosed;

    /// <inheritdoc/>
    public uint Generation { get; } = (uint)rings.Generation;

    /// <inheritdoc/>
    public void Send(DiskRequest request)
    {
        // Pins of a generation before this one were in its domain, and have gone with it.
        request.Pins.Clear();
        request.SentAt = SystemClock.Now;
        RingFlight flight = flights[request.Piece] ??= new RingFlight((in Completion completion) => Finish(request, completion));
        BlockRequest block = request.Block;
        var submission = new Submission
        {
            Operation = (ushort)Operation(block.Kind), A0 = (ulong)places[request.Disk.Number], A1 = (ulong)block.Sector, A2 = (ulong)block.Sectors,
            A3 = (ulong)request.Piece,
            PoolOffset = (uint)(request.Piece * BlockLimits.PieceLength), PoolLength = (uint)(block.Segments.Count * BlockLimits.SegmentLength),
        };
        int number = places[request.Disk.Number];
        // A disk that has become shorter, or is no more.
        bool isThere = number >= 0 && block.Sector + block.Sectors <= disks[number].Traits.Sectors;
        long error = isThere ? Pin(request, domains[number]) : -(long)Errno.EIO;
        if (error == 0)
            flight.Start(rings.Submit(submission));
        else
            peer.Post(() => Finish(request, new Completion { Result = error }));
    }

    /// <inheritdoc/>
    public void Close()
    {
        if (isClosed)
            return;
        isClosed = true;
        rings.Close();
        // The pins go with the last handle: the pci server keeps one until the device has been reset.
        foreach (DmaDomainHandle domain in domains)
            domain.Handle.Close();
    }

    private static BlockOperation Operation(BlockKind kind) => kind switch
    {
        BlockKind.Read => BlockOperation.Read,
        BlockKind.Write => BlockOperation.Write,
        BlockKind.Flush => BlockOperation.Flush,
        BlockKind.Discard => BlockOperation.Discard,
        _ => BlockOperation.WriteZeroes,
    };

    // Neighbouring slots are one pin.
    private long Pin(DiskRequest request, DmaDomainHandle domain)
    {
        IReadOnlyList<BlockSegment> segments = request.Block.Segments;
        Span<byte> piece = rings.Pool((uint)(request.Piece * BlockLimits.PieceLength), BlockLimits.PieceLength);
        Span<ulong> addresses = stackalloc ulong[BlockRequest.MostSegments];
        for (int first = 0; first < segments.Count;)
        {
            int count = 1;
            while (first + count < segments.Count && segments[first + count].Slot == segments[first].Slot + count)
                count++;
            if (domain.TryPin(arena, (ulong)segments[first].Slot * PageLength, addresses[..count], out uint pin) != KernelStatus.Ok)
            {
                Unpin(request, domain);
                return -(long)Errno.EIO;
            }

            request.Pins.Add(pin);
            for (int number = 0; number < count; number++)
            {
                Span<byte> segment = piece[((first + number) * BlockLimits.SegmentLength)..];
                BinaryPrimitives.WriteUInt64LittleEndian(segment, addresses[number] + (ulong)segments[first + number].Offset);
                BinaryPrimitives.WriteUInt64LittleEndian(segment[sizeof(ulong)..], (uint)segments[first + number].Length);
            }

            first += count;
        }

        return 0;
    }

    // False: the device has been refused something, and does not know it if that was a write. What it says to have done may not have happened.
    private static bool Unpin(DiskRequest request, DmaDomainHandle domain)
    {
        bool isBelievable = true;
        foreach (uint pin in request.Pins)
            isBelievable &= domain.Unpin(pin) != KernelStatus.BadState;
        request.Pins.Clear();
        return isBelievable;
    }

    private void Finish(DiskRequest request, in Completion completion)
    {
        if (rings.IsBroken || !IsAnswer(request.Block.Kind, completion.Result))
        {
            Lose();
            return;
        }

        if (isClosed || !peer.Link.Queue.TryTakeAnswer(this, request))
            return;
        if (places[request.Disk.Number] is not (var place and >= 0) || Unpin(request, domains[place]))
        {
            peer.Ended(request, completion.Result);
            return;
        }

        peer.HasStrayed = true;
        Lose();
        peer.Link.Submit(request); // to the driver's successor, as all others
    }

    // What the protocol has for a request that is right. A driver that finds none so that lies within its disk is not to be relied on.
    private static bool IsAnswer(BlockKind kind, long result) => result is 0 or -(long)Errno.EOPNOTSUPP or -(long)Errno.EROFS or -(long)Errno.EIO
        || (result == -(long)Errno.EINVAL && kind is (BlockKind.Discard or BlockKind.WriteZeroes)); // there may be a bound

    /// <summary>Takes what the driver has answered.</summary>
    public void TakeAnswers()
    {
        if (!isClosed)
            rings.TakeAnswers();
    }

    /// <summary>The driver does not do what it has to: its successor gets the requests.</summary>
    public void Lose()
    {
        if (isLost)
            return;
        isLost = true;
        peer.Link.Lost(this);
        peer.Post(Close); // not within its own turn
    }
}
