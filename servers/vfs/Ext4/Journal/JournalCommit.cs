using System.Buffers.Binary;
using Servers.Vfs.Blocks;

namespace Servers.Vfs.Ext4;

/// <summary>
/// Writes a transaction into the log, which has only this one, and then to its place. The steps: descriptors and blocks; flush; superblock and commit block;
/// flush: now it is on the disk. Then the blocks in their places, which the next transaction's first flush makes safe. That one lies in the other half of the
/// log: the superblock on the disk leads to this one until after that flush, and what it leads to must be whole until then.
/// </summary>
internal sealed class JournalCommit(Volume volume, JournalPlace place, JournalSuperBlock super)
{
    private const int StateOffset = 0x3A, IncompatibleOffset = 0x60;

    private readonly DiskTransfer transfer = new(volume.Device);
    private readonly BlockBuffers scratch = new(volume);
    private bool isMarked, isInSecondHalf;

    // Of all blocks of the transaction in the order of the log, for the first version of checksums.
    private uint whole;

    /// <summary>Blocks that half of the log has room for, beside descriptors and the commit block.</summary>
    public long MostBlocks
    {
        get
        {
            long perBlock = JournalBlock.MostTags(volume.BlockSize, super);
            return Math.Max(Half - 2, 0) * perBlock / (perBlock + 1);
        }
    }

    private long Half => (super.Blocks - super.First) / 2;

    /// <summary>Memory for descriptors, commit block and superblock.</summary>
    public bool TryPrepare(int most) => scratch.TryGrow(most / JournalBlock.MostTags(volume.BlockSize, super) + 2);

    public void Free() => scratch.Free();

    /// <summary>The steps. <paramref name="onDisk"/> is called when nothing can take the transaction back.</summary>
    public IEnumerator<DiskTransfer> Run(Transaction transaction, long now, Action onDisk)
    {
        if (transaction.Blocks.Count > 0)
        {
            if (!isMarked)
            {
                // From now on there is something to be replayed.
                foreach (bool isRead in (bool[])[true, false])
                {
                    Mark(isRead, needsRecovery: true);
                    yield return transfer;
                }

                isMarked = true;
                yield return Flush();
            }

            long end = Log(transaction);
            yield return transfer;
            yield return Flush();
            // Whichever of the two a loss of power leaves out: a replay finds the one before, all of which is in its place by now, or nothing.
            transfer.Begin(BlockKind.Write);
            WriteSuper(scratch.Bytes(0));
            transfer.Add(volume.Sector(place[0]), scratch.Segment(0));
            JournalBlock.WriteCommit(scratch.Bytes(1), super, super.Sequence, now, whole);
            transfer.Add(volume.Sector(place[end]), scratch.Segment(1));
            yield return transfer;
        }

        yield return Flush();
        onDisk();
        if (transaction.Blocks.Count == 0)
            yield break;
        transfer.Begin(BlockKind.Write);
        foreach ((long block, int slot) in transaction.Blocks.OrderBy(static block => block.Key))
            transfer.Add(volume.Sector(block), new BlockSegment(slot, 0, volume.BlockSize));
        yield return transfer;
        foreach ((long block, int slot) in transaction.Blocks)
            volume.Device.Content.Replace(block << volume.BlockBits, volume.Cache.Slots.Span(slot, 1)[..volume.BlockSize]);
        volume.Direct.Changed();
        super.Sequence++;
    }

    /// <summary>Empties the log and says so in the superblock.</summary>
    public IEnumerator<DiskTransfer> Close()
    {
        if (!isMarked && !volume.IsDamaged)
            yield break;
        if (isMarked)
        {
            // The blocks of the last transaction are in their places, and safe before nothing leads to them any more.
            yield return Flush();
            super.Start = 0;
            WriteSuper(scratch.Bytes(0));
            transfer.Begin(BlockKind.Write);
            transfer.Add(volume.Sector(place[0]), scratch.Segment(0));
            yield return transfer;
            yield return Flush();
        }

        foreach (bool isRead in (bool[])[true, false])
        {
            Mark(isRead, needsRecovery: false);
            yield return transfer;
        }

        isMarked = false;
        yield return Flush();
    }

    // Fills and adds all but the commit block: the block that this one gets.
    private long Log(Transaction transaction)
    {
        transfer.Begin(BlockKind.Write);
        whole = Checksums.Start;
        super.Start = (uint)(super.First + (isInSecondHalf ? Half : 0));
        isInSecondHalf = !isInSecondHalf;
        long position = super.Start;
        int used = 1, perBlock = JournalBlock.MostTags(volume.BlockSize, super);
        foreach (KeyValuePair<long, int>[] part in transaction.Blocks.OrderBy(static block => block.Key).Chunk(perBlock))
        {
            int number = used++, at = JournalBlock.HeaderLength;
            JournalBlock.Begin(scratch.Bytes(number), JournalBlockKind.Descriptor, super.Sequence);
            long descriptor = position++;
            var segments = new List<BlockSegment>();
            for (int index = 0; index < part.Length; index++)
            {
                Span<byte> bytes = InLog(part[index].Value, ref used, out BlockSegment segment, out bool isEscaped);
                var tag = new JournalTag(part[index].Key, isEscaped, JournalBlock.TagSum(bytes, super, super.Sequence));
                JournalBlock.WriteTag(scratch.Bytes(number), ref at, super, tag, index == part.Length - 1);
                segments.Add(segment);
            }

            JournalBlock.Seal(scratch.Bytes(number), super);
            Add(descriptor, scratch.Segment(number));
            foreach (BlockSegment segment in segments)
                Add(position++, segment);
        }

        return position;
    }

    // A block as it lies in the log: one of the file system that looks like one of the journal's without its first word.
    private Span<byte> InLog(int slot, ref int used, out BlockSegment segment, out bool isEscaped)
    {
        Span<byte> bytes = volume.Cache.Slots.Span(slot, 1)[..volume.BlockSize];
        segment = new BlockSegment(slot, 0, volume.BlockSize);
        isEscaped = BinaryPrimitives.ReadUInt32BigEndian(bytes) == JournalBlock.Magic && scratch.TryGrow(used + 1);
        if (!isEscaped)
            return bytes;
        Span<byte> copy = scratch.Bytes(used);
        bytes.CopyTo(copy);
        copy[..sizeof(uint)].Clear();
        segment = scratch.Segment(used++);
        return copy;
    }

    private void Add(long block, BlockSegment segment)
    {
        transfer.Add(volume.Sector(place[block]), segment);
        if (super.HasWholeChecksums)
            whole = Checksums.HighestFirst(whole, volume.Cache.Slots.Span(segment.Slot, 1).Slice(segment.Offset, segment.Length));
    }

    private void WriteSuper(Span<byte> into)
    {
        super.Seal();
        into.Clear();
        super.Bytes.CopyTo(into);
    }

    // Reads the superblock of the file system, or changes and writes it.
    private void Mark(bool isRead, bool needsRecovery)
    {
        long home = SuperBlock.Position >> volume.BlockBits;
        transfer.Begin(isRead ? BlockKind.Read : BlockKind.Write);
        transfer.Add(volume.Sector(home), scratch.Segment(0));
        if (isRead)
            return;
        Span<byte> bytes = scratch.Bytes(0).Slice(SuperBlock.Position & (volume.BlockSize - 1), SuperBlock.Length);
        uint features = BinaryPrimitives.ReadUInt32LittleEndian(bytes[IncompatibleOffset..]) & ~(uint)IncompatibleFeatures.NeedsRecovery;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[IncompatibleOffset..], features | (needsRecovery ? (uint)IncompatibleFeatures.NeedsRecovery : 0));
        // Whoever checks file systems looks at this one.
        if (volume.IsDamaged)
            bytes[StateOffset] |= (byte)SuperBlock.ErrorState;
        if (volume.Super.HasMetadataChecksums)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[SuperBlock.ChecksumOffset..], SuperBlock.ChecksumOf(bytes));
        volume.Device.Content.Replace(home << volume.BlockBits, scratch.Bytes(0));
    }

    private DiskTransfer Flush()
    {
        transfer.Begin(BlockKind.Flush);
        return transfer;
    }
}
