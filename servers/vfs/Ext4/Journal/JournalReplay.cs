using System.Buffers.Binary;
using Servers.Vfs.Blocks;

namespace Servers.Vfs.Ext4;

/// <summary>
/// Brings a file system to what its journal says, before it is mounted: committed transactions are written to their places, the log is empty afterwards, and
/// the superblock says so. It may end anywhere and be made again.
/// </summary>
internal sealed class JournalReplay
{
    // Blocks on their way at a time.
    private const int Batch = 32;

    private readonly Volume volume;
    private readonly JournalPlace place;
    private readonly BlockBuffers buffers;
    private readonly DiskTransfer transfer;
    private Errno failure;

    public JournalReplay(Volume volume, JournalPlace place)
    {
        (this.volume, this.place) = (volume, place);
        buffers = new BlockBuffers(volume);
        transfer = new DiskTransfer(volume.Device);
    }

    /// <summary>Begins. <paramref name="ended"/> is told once, at once or later.</summary>
    public void Begin(Action<Errno> ended)
    {
        if (!buffers.TryGrow(Batch))
        {
            buffers.Free();
            ended(Errno.ENOMEM);
            return;
        }

        DiskSteps.Run(Steps(), error =>
        {
            buffers.Free();
            ended(error != Errno.None ? error : failure);
        });
    }

    private IEnumerator<DiskTransfer> Steps()
    {
        Read([place[0]]);
        yield return transfer;
        var super = new JournalSuperBlock(buffers.Bytes(0)[..JournalSuperBlock.Length].ToArray());
        Errno error = super.Check(volume.BlockSize, place.Blocks, out string why);
        if (error != Errno.None)
        {
            volume.Corrupted(why);
            failure = error;
            yield break;
        }

        if (super.Start != 0)
        {
            var scan = new JournalScan(super, volume);
            for (bool goesOn = true; goesOn;)
            {
                Read([.. Enumerable.Range(0, Batch).Select(number => place[Wrapped(super, scan.Position + (uint)number)])]);
                yield return transfer;
                for (int number = 0; number < Batch && goesOn; number++)
                    goesOn = scan.TryTake(buffers.Bytes(number));
            }

            if (scan.IsDamaged)
                volume.Corrupted($"the journal ends with transaction {scan.Sequence}, which is damaged");
            foreach ((uint LogBlock, uint Sequence, JournalTag Tag)[] batch in scan.Blocks().Chunk(Batch))
            {
                Read([.. batch.Select(block => place[block.LogBlock])]);
                yield return transfer;
                if (!TryPrepare(super, batch))
                    yield break;
                Write([.. batch.Select(static block => block.Tag.Home)]);
                yield return transfer;
            }

            yield return Flush();
            (super.Start, super.Sequence) = (0, scan.Sequence + 1);
            super.Seal();
            Read([place[0]]);
            yield return transfer;
            super.Bytes.CopyTo(buffers.Bytes(0));
            Write([place[0]]);
            yield return transfer;
            // Nothing says that the log is to be replayed before it is empty.
            yield return Flush();
        }

        // The superblock may be among what was written.
        long home = SuperBlock.Position >> volume.BlockBits;
        int offset = SuperBlock.Position & (volume.BlockSize - 1);
        Read([home]);
        yield return transfer;
        Recovered(buffers.Bytes(0).Slice(offset, SuperBlock.Length));
        Write([home]);
        yield return transfer;
        yield return Flush();
    }

    private static uint Wrapped(JournalSuperBlock super, uint block) =>
        block < super.Blocks ? block : super.First + (block - super.Blocks) % (super.Blocks - super.First);

    private static void Recovered(Span<byte> super)
    {
        const int incompatible = 0x60;
        uint features = BinaryPrimitives.ReadUInt32LittleEndian(super[incompatible..]) & ~(uint)IncompatibleFeatures.NeedsRecovery;
        BinaryPrimitives.WriteUInt32LittleEndian(super[incompatible..], features);
        if (new SuperBlock(super.ToArray()).HasMetadataChecksums)
            BinaryPrimitives.WriteUInt32LittleEndian(super[SuperBlock.ChecksumOffset..], SuperBlock.ChecksumOf(super));
    }

    private bool TryPrepare(JournalSuperBlock super, (uint LogBlock, uint Sequence, JournalTag Tag)[] batch)
    {
        for (int number = 0; number < batch.Length; number++)
        {
            Span<byte> bytes = buffers.Bytes(number);
            JournalTag tag = batch[number].Tag;
            if (JournalBlock.TagSum(bytes, super, batch[number].Sequence) != tag.Checksum)
            {
                failure = volume.BadChecksum($"block {tag.Home} in the journal");
                return false;
            }

            if (tag.IsEscaped)
                BinaryPrimitives.WriteUInt32BigEndian(bytes, JournalBlock.Magic);
        }

        return true;
    }

    private void Read(long[] blocks)
    {
        transfer.Begin(BlockKind.Read);
        for (int number = 0; number < blocks.Length; number++)
            transfer.Add(volume.Sector(blocks[number]), buffers.Segment(number));
    }

    // What somebody has read of the device shows the new bytes as well.
    private void Write(long[] blocks)
    {
        transfer.Begin(BlockKind.Write);
        for (int number = 0; number < blocks.Length; number++)
        {
            transfer.Add(volume.Sector(blocks[number]), buffers.Segment(number));
            volume.Device.Content.Replace(blocks[number] << volume.BlockBits, buffers.Bytes(number));
        }
    }

    private DiskTransfer Flush()
    {
        transfer.Begin(BlockKind.Flush);
        return transfer;
    }
}
