using System.Buffers.Binary;
using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Hosting.Devices;
using Libsys.Hosting.Devices.Disks;
using Libsys.Hosting.Devices.Virtio;
using Libsys.Messages;
using Libsys.Rings;

namespace Servers.Drivers.VirtioBlk.Disks;

/// <summary>
/// A disk. It keeps nothing but what is under way: all that a successor needs are the requests, which the client has too, and the device, which is reset first.
/// </summary>
internal sealed class VirtioDisk : IServedDisk
{
    private const int QueueSize = BlockLimits.Requests;

    // Descriptors beside the segments of a request: header and status.
    private const int OtherEntries = 2;

    private const uint PageLength = 4096;

    // A queue of the protocol's size lies in a page; spreading requests over several lets a device work at several at once.
    private const int MostQueues = 4;

    // The interrupt of all queues.
    private const ushort QueueVector = 0;

    private readonly PciDevice function;
    private readonly VirtioDevice device;
    private readonly RequestSlots slots;
    private readonly VirtQueue[] queues;
    private readonly ulong features;

    // Requests with the device, by slot: whose, and its tag.
    private readonly (IBlockClient? Client, ulong Tag)[] underWay = new (IBlockClient?, ulong)[BlockLimits.Requests];
    private readonly int[] queueOf = new int[BlockLimits.Requests];
    private readonly Stack<int> free = new(Enumerable.Range(0, BlockLimits.Requests));
    private readonly Queue<(IBlockClient Client, Submission Request)> waiting = new();
    private readonly bool[] hasNews;
    private readonly uint mostSegments, mostDiscard, mostZeroes, granularity;
    private byte[]? serial;

    /// <summary>Takes over a device in whatever state it is.</summary>
    /// <exception cref="VirtioException">It cannot be used.</exception>
    /// <exception cref="InvalidOperationException">No memory, or it is somebody else's.</exception>
    public VirtioDisk(PciDevice function)
    {
        this.function = function;
        device = new VirtioDevice(function);
        device.Reset();
        const ulong needed = VirtioDevice.Version1 | VirtioDevice.IndirectDescriptors | VirtioDevice.EventIndex;
        features = device.Negotiate(needed | VirtioDevice.AccessPlatform | BlockLayout.SegmentMaximum | BlockLayout.ReadOnly | BlockLayout.BlockSize
            | BlockLayout.Flush | BlockLayout.Topology | BlockLayout.SeveralQueues | BlockLayout.Discard | BlockLayout.WriteZeroes, needed);
        Span<byte> configuration = stackalloc byte[BlockLayout.ConfigurationLength];
        device.ReadConfiguration(configuration);
        int count = Has(BlockLayout.SeveralQueues) ? BinaryPrimitives.ReadUInt16LittleEndian(configuration[BlockLayout.QueueCount..]) : 1;
        count = Math.Clamp(count, 1, MostQueues);
        KernelStatus status = DmaMemory.TryCreate(function.Domain, count + RequestSlots.Pages, out DmaMemory? memory);
        if (status != KernelStatus.Ok)
            throw new InvalidOperationException("memory of a disk: " + status);
        slots = new RequestSlots(memory!, (ulong)count * PageLength);
        device.SetConfigurationVector(VirtioDevice.NoVector);
        queues = [.. Enumerable.Range(0, count).Select(index => device.Prepare(index, QueueSize, QueueVector, memory!, (ulong)index * PageLength)
            ?? throw new VirtioException($"no queue {index}"))];
        hasNews = new bool[count];
        Sectors = BinaryPrimitives.ReadUInt64LittleEndian(configuration[BlockLayout.Capacity..]);
        LogicalBlock = BlockLimits.SectorLength;
        if (Has(BlockLayout.BlockSize))
            LogicalBlock = BinaryPrimitives.ReadUInt32LittleEndian(configuration[BlockLayout.BlockLength..]);
        if (LogicalBlock is not (BlockLimits.SectorLength or PageLength))
            throw new VirtioException($"blocks of {LogicalBlock} bytes");
        int exponent = Has(BlockLayout.Topology) ? configuration[BlockLayout.PhysicalExponent] & 15 : 0;
        PhysicalBlock = LogicalBlock << exponent;
        uint optimal = Has(BlockLayout.Topology) ? BinaryPrimitives.ReadUInt32LittleEndian(configuration[BlockLayout.OptimalBlocks..]) : 0;
        OptimalTransfer = optimal <= int.MaxValue / LogicalBlock ? optimal * LogicalBlock : 0;
        mostSegments = Has(BlockLayout.SegmentMaximum) ? BinaryPrimitives.ReadUInt32LittleEndian(configuration[BlockLayout.MostSegments..]) : 1;
        mostDiscard = Bound(configuration[BlockLayout.MostDiscardSectors..]);
        mostZeroes = Bound(configuration[BlockLayout.MostZeroSectors..]);
        uint alignment = BinaryPrimitives.ReadUInt32LittleEndian(configuration[BlockLayout.DiscardAlignment..]);
        granularity = alignment is > 0 and <= int.MaxValue / BlockLimits.SectorLength ? alignment * BlockLimits.SectorLength : LogicalBlock;
        if (mostSegments < BlockLimits.Segments)
            throw new VirtioException($"a request has at most {mostSegments} segments");
        function.Enable();
        device.Start();
    }

    /// <inheritdoc/>
    public ulong Sectors { get; }

    /// <inheritdoc/>
    public uint LogicalBlock { get; }

    /// <inheritdoc/>
    public uint PhysicalBlock { get; }

    /// <inheritdoc/>
    public uint OptimalTransfer { get; }

    /// <inheritdoc/>
    public DiskFlags Flags => (Has(BlockLayout.ReadOnly) ? DiskFlags.ReadOnly : 0) | (Has(BlockLayout.Flush) ? DiskFlags.WriteCache : 0)
        | (Has(BlockLayout.Discard) ? DiskFlags.Discard : 0) | (Has(BlockLayout.WriteZeroes) ? DiskFlags.WriteZeroes : 0);

    /// <inheritdoc/>
    public DmaDomainHandle Domain => function.Domain;

    /// <inheritdoc/>
    public bool IsConfined => function.IsConfined;

    /// <inheritdoc/>
    public uint Address => function.Address;

    /// <inheritdoc/>
    public EraseLimits Erase => new(mostDiscard, granularity, mostZeroes);

    /// <summary>Its serial number, once it has said so.</summary>
    public ReadOnlySpan<byte> Serial => serial;

    /// <summary>Asks for the serial number; <paramref name="client"/> is told when it is there.</summary>
    public void Identify(IBlockClient client, ulong tag) => Submit(client, new Submission { Tag = tag, Operation = Identification });

    // Not an operation of the protocol: no client can send it.
    internal const ushort Identification = ushort.MaxValue;

    /// <inheritdoc/>
    public void Submit(IBlockClient client, in Submission request)
    {
        if (free.Count == 0)
        {
            // Those of a connection that has ended have slots too.
            waiting.Enqueue((client, request));
            return;
        }

        long result = Start(client, request);
        if (result != 0)
            client.Complete(request.Tag, result);
    }

    /// <inheritdoc/>
    public void Notify()
    {
        for (int index = 0; index < queues.Length; index++)
        {
            if (hasNews[index] && queues[index].MustNotify())
                device.Notify(index, queues[index]);
            hasNews[index] = false;
        }
    }

    /// <summary>Answers what the device has finished: after an interrupt, which may be one for nothing.</summary>
    /// <exception cref="VirtioException">The device says what cannot be, or that it has failed.</exception>
    public void Serve()
    {
        for (int index = 0; index < queues.Length; index++)
        {
            while (queues[index].TryTake(out int slot))
                Finish(index, slot);
        }

        while (free.Count > 0 && waiting.TryDequeue(out (IBlockClient Client, Submission Request) next))
            Submit(next.Client, next.Request);
        Notify();
        if (device.IsBroken)
            throw new VirtioException("the device says that it has failed");
    }

    private void Finish(int queue, int slot)
    {
        (IBlockClient? client, ulong tag) = underWay[slot];
        byte status = slots.Mapped.ReadByte(slots.StatusAt(slot));
        if (client == null || queueOf[slot] != queue || status == BlockLayout.NoStatus)
            throw new VirtioException($"request {slot} is finished and was not begun, or has no status");
        underWay[slot] = default;
        free.Push(slot);
        if (slots.Mapped.ReadUInt32(slots.HeaderAt(slot)) == BlockLayout.GetId)
            serial = slots.Mapped.Span(slots.RangeAt(slot), BlockLimits.SerialLength).ToArray();
        client.Complete(tag, status switch { BlockLayout.Ok => 0, BlockLayout.Unsupported => -Errno.EOPNOTSUPP, _ => -Errno.EIO });
    }

    // 0, or the answer.
    private long Start(IBlockClient client, in Submission request)
    {
        (uint type, long error) = Check(request);
        if (error != 0)
            return error;
        int slot = free.Peek();
        int entries = 1;
        bool deviceWrites = type is BlockLayout.In or BlockLayout.GetId;
        if (type is BlockLayout.In or BlockLayout.Out)
        {
            error = AddSegments(client, request, slot, deviceWrites, ref entries);
            if (error != 0)
                return error;
        }
        else if (type != BlockLayout.FlushRequest)
        {
            AddRange(request, slot, type, ref entries);
        }

        free.Pop();
        ulong header = slots.HeaderAt(slot), table = slots.TableAt(slot);
        slots.Mapped.WriteUInt64(header, type);
        slots.Mapped.WriteUInt64(header + BlockLayout.HeaderSector, type is BlockLayout.In or BlockLayout.Out ? request.A1 : 0);
        slots.Mapped.WriteByte(slots.StatusAt(slot), BlockLayout.NoStatus);
        VirtQueue.WriteEntry(slots.Mapped, table, slots.AddressOf(header), BlockLayout.HeaderLength, isWritten: false, 1);
        VirtQueue.WriteEntry(slots.Mapped, table + (ulong)(entries * VirtQueue.DescriptorLength), slots.AddressOf(slots.StatusAt(slot)), 1, isWritten: true, 0);
        underWay[slot] = (client, request.Tag);
        int queue = slot % queues.Length;
        queueOf[slot] = queue;
        queues[queue].Add(slot, slots.AddressOf(table), entries + 1);
        hasNews[queue] = true;
        return 0;
    }

    private (uint Type, long Error) Check(in Submission request)
    {
        if (request.Operation == Identification)
            return (BlockLayout.GetId, 0);
        if (BlockChecks.Check(this, request) is var error and not 0)
            return (0, error);
        (uint type, uint most) = (BlockOperation)request.Operation switch
        {
            BlockOperation.Read => (BlockLayout.In, uint.MaxValue),
            BlockOperation.Write => (BlockLayout.Out, uint.MaxValue),
            BlockOperation.Flush => (BlockLayout.FlushRequest, uint.MaxValue),
            BlockOperation.Discard => (BlockLayout.DiscardRequest, mostDiscard),
            _ => (BlockLayout.ZeroesRequest, mostZeroes),
        };
        return (type, request.A2 > most ? -Errno.EINVAL : 0);
    }

    private long AddSegments(IBlockClient client, in Submission request, int slot, bool deviceWrites, ref int entries)
    {
        ReadOnlySpan<byte> segments = client.Segments(request);
        if (segments.IsEmpty || segments.Length % BlockLimits.SegmentLength != 0 || segments.Length > BlockLimits.PieceLength)
            return -Errno.EINVAL;
        ulong bytes = 0, at = slots.TableAt(slot) + VirtQueue.DescriptorLength, end = 0, start = 0;
        for (int offset = 0; offset < segments.Length; offset += BlockLimits.SegmentLength)
        {
            if (!BlockChecks.TryReadSegment(segments[offset..], BlockLimits.SectorLength, out ulong address, out uint length))
                return -Errno.EINVAL;
            bytes += length;
            // Neighbours are one descriptor.
            if (offset > 0 && address == end)
            {
                entries--;
                at -= VirtQueue.DescriptorLength;
            }
            else
            {
                start = address;
            }

            end = address + length;
            entries++;
            VirtQueue.WriteEntry(slots.Mapped, at, start, (uint)(end - start), deviceWrites, entries);
            at += VirtQueue.DescriptorLength;
        }

        return bytes == request.A2 * BlockLimits.SectorLength && entries <= BlockLimits.Segments + OtherEntries ? 0 : -Errno.EINVAL;
    }

    private void AddRange(in Submission request, int slot, uint type, ref int entries)
    {
        bool isId = type == BlockLayout.GetId;
        ulong at = slots.RangeAt(slot);
        slots.Mapped.Span(at, BlockLimits.SerialLength).Clear();
        if (!isId)
        {
            slots.Mapped.WriteUInt64(at, request.A1);
            slots.Mapped.WriteUInt32(at + BlockLayout.RangeSectors, (uint)request.A2);
            slots.Mapped.WriteUInt32(at + BlockLayout.RangeFlags, 0);
        }

        entries++;
        VirtQueue.WriteEntry(slots.Mapped, slots.TableAt(slot) + VirtQueue.DescriptorLength, slots.AddressOf(at),
            isId ? BlockLimits.SerialLength : (uint)BlockLayout.RangeLength, isWritten: isId, entries);
    }

    // 0 is no bound: one that takes nothing does not offer it.
    private static uint Bound(ReadOnlySpan<byte> field) => BinaryPrimitives.ReadUInt32LittleEndian(field) is var sectors and > 0 ? sectors : uint.MaxValue;

    private bool Has(ulong feature) => (features & feature) != 0;
}
