namespace Libsys.Hosting.Devices.Virtio;

/// <summary>
/// A split virtqueue, virtio 1.2 §2.7, of which every request is one descriptor that stands for a table of them (§2.7.5.3). The device may write what it likes:
/// all that is read from it is checked.
/// </summary>
public sealed class VirtQueue
{
    /// <summary>Bytes of a descriptor.</summary>
    public const int DescriptorLength = 16;

    // A descriptor: address, length, flags, next. §2.7.5.
    private const ulong LengthField = 8, FlagsField = 12, NextField = 14;
    private const ushort HasNext = 1, DeviceWrites = 2, IsTable = 4;

    // Both rings: flags, index, entries, and behind these the index at which the other side wants to be told. §2.7.6, §2.7.8, §2.7.10.
    private const ulong IndexField = 2, RingField = 4, AvailableEntry = 2, UsedEntry = 8, UsedAlignment = 4;

    private readonly DmaMemory memory;
    private readonly ulong start;
    private ushort available, notified, used;

    internal VirtQueue(DmaMemory memory, ulong start, int size, ulong notifyAt)
    {
        (this.memory, this.start, Size, NotifyAt) = (memory, start, size, notifyAt);
        memory.Mapped.Span(start, LengthOf(size)).Clear();
    }

    /// <summary>Requests that it can hold.</summary>
    public int Size { get; }

    internal ulong NotifyAt { get; }

    internal ulong Available => (ulong)(Size * DescriptorLength);

    internal ulong Used => (Available + RingField + (ulong)Size * AvailableEntry + sizeof(ushort) + UsedAlignment - 1) & ~(UsedAlignment - 1);

    /// <summary>Bytes of a queue of a size; up to 128 of it lie in a page.</summary>
    public static int LengthOf(int size) => size * DescriptorLength + (int)RingField + size * (int)AvailableEntry + sizeof(ushort) + (int)UsedAlignment
        + (int)RingField + size * (int)UsedEntry + sizeof(ushort);

    /// <summary>Writes an entry of a request's table.</summary>
    /// <param name="memory">Memory with the table.</param>
    /// <param name="at">Where the entry is.</param>
    /// <param name="address">What it stands for, as the device sees it.</param>
    /// <param name="length">Bytes of it.</param>
    /// <param name="isWritten">The device writes it.</param>
    /// <param name="next">Number of the next entry in the table; 0: it is the last.</param>
    public static void WriteEntry(MappedMemory memory, ulong at, ulong address, uint length, bool isWritten, int next)
    {
        memory.WriteUInt64(at, address);
        memory.WriteUInt32(at + LengthField, length);
        memory.WriteUInt16(at + FlagsField, (ushort)((isWritten ? DeviceWrites : 0) | (next > 0 ? HasNext : 0)));
        memory.WriteUInt16(at + NextField, (ushort)next);
    }

    /// <summary>Gives the device a request under a number below <see cref="Size"/>, which it is not using.</summary>
    public void Add(int number, ulong tableAddress, int entries)
    {
        MappedMemory mapped = memory.Mapped;
        ulong at = start + (ulong)(number * DescriptorLength);
        mapped.WriteUInt64(at, tableAddress);
        mapped.WriteUInt32(at + LengthField, (uint)(entries * DescriptorLength));
        mapped.WriteUInt16(at + FlagsField, IsTable);
        mapped.WriteUInt16(start + Available + RingField + (ulong)(available & (Size - 1)) * AvailableEntry, (ushort)number);
        mapped.WriteUInt16(start + Available + IndexField, ++available);
    }

    /// <summary>True if the device wants to be told of what was added since the last time this was asked (§2.7.10).</summary>
    public bool MustNotify()
    {
        // The device sleeps after it has written its event; either it sees the new index or this sees the event.
        Interlocked.MemoryBarrier();
        ushort wanted = memory.Mapped.ReadUInt16(start + Used + RingField + (ulong)Size * UsedEntry);
        bool must = (ushort)(available - wanted - 1) < (ushort)(available - notified);
        notified = available;
        return must;
    }

    /// <summary>Takes a request that the device has finished. False: there is none, and the device interrupts when there is one again.</summary>
    /// <exception cref="VirtioException">The device says what cannot be.</exception>
    public bool TryTake(out int number)
    {
        MappedMemory mapped = memory.Mapped;
        number = 0;
        ushort index = mapped.ReadUInt16(start + Used + IndexField);
        if (index == used)
        {
            mapped.WriteUInt16(start + Available + RingField + (ulong)Size * AvailableEntry, used);
            Interlocked.MemoryBarrier();
            index = mapped.ReadUInt16(start + Used + IndexField);
            if (index == used)
                return false;
        }

        if ((ushort)(index - used) > Size || (ushort)(available - used) > Size)
            throw new VirtioException($"{(ushort)(index - used)} requests finished of {(ushort)(available - used)}");
        uint id = mapped.ReadUInt32(start + Used + RingField + (ulong)(used & (Size - 1)) * UsedEntry);
        used++;
        number = id < (uint)Size ? (int)id : throw new VirtioException($"finished what there is not: {id}");
        return true;
    }
}
