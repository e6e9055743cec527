using Servers.Vfs.Blocks;
using Servers.Vfs.Pages;

namespace Servers.Vfs.Tests.Ext4;

/// <summary>A disk over bytes in memory: requests end when <see cref="Step"/> is called, in any order, and sectors may be bad.</summary>
internal sealed class TestDisk(byte[] bytes, HeapArena arena, int seed) : IDisk
{
    private readonly Random random = new(seed);
    private readonly List<BlockRequest> pending = [];
    private readonly Dictionary<BlockRequest, int> begun = [];
    private int writesBeforeFlush;

    public DiskTraits Traits { get; init; } =
        new(bytes.Length / BlockRequest.SectorLength, BlockRequest.SectorLength, CachedFile.PageSize, false, false, false, true, "test");

    /// <summary>What lies on it.</summary>
    public byte[] Bytes => bytes;

    /// <summary>Sectors that can be neither read nor written.</summary>
    public HashSet<long> Bad { get; } = [];

    /// <summary>Requests end as they are submitted.</summary>
    public bool IsAtOnce { get; set; }

    public int Pending => pending.Count;

    /// <summary>What reached the disk, in order, if it is recorded.</summary>
    public List<DiskEvent>? Recorded { get; set; }

    /// <summary>Requests that were made.</summary>
    public int Reads { get; private set; }

    public int Writes { get; private set; }

    public int Flushes { get; private set; }

    /// <summary>Writes that had ended when the last flush was submitted; of a disk that has nothing to flush all.</summary>
    public int WritesBeforeFlush => Traits.HasWriteCache ? writesBeforeFlush : Writes;

    public void Submit(BlockRequest request)
    {
        if (request.Kind == BlockKind.Flush)
        {
            (writesBeforeFlush, Flushes) = (Writes, Flushes + 1);
            begun[request] = Recorded?.Count ?? 0;
        }

        if (IsAtOnce)
            End(request);
        else
            pending.Add(request);
    }

    /// <summary>Ends one request; false: there was none.</summary>
    public bool Step()
    {
        if (pending.Count == 0)
            return false;
        int index = random.Next(pending.Count);
        BlockRequest request = pending[index];
        pending.RemoveAt(index);
        End(request);
        return true;
    }

    private void End(BlockRequest request)
    {
        for (long sector = request.Sector; sector < request.Sector + request.Sectors; sector++)
        {
            if (!Bad.Contains(sector))
                continue;
            request.Complete(Errno.EIO);
            return;
        }

        int at = (int)(request.Sector * BlockRequest.SectorLength);
        Reads += request.Kind == BlockKind.Read ? 1 : 0;
        Writes += request.Kind == BlockKind.Write ? 1 : 0;
        if (request.Kind == BlockKind.Flush)
            Recorded?.Add(new DiskEvent(0, null, begun[request]));
        foreach (BlockSegment segment in request.Segments)
        {
            Span<byte> memory = arena.Span(segment.Slot, 1).Slice(segment.Offset, segment.Length), disk = bytes.AsSpan(at, segment.Length);
            if (request.Kind == BlockKind.Read)
                disk.CopyTo(memory);
            else
                memory.CopyTo(disk);
            if (request.Kind == BlockKind.Write)
                Recorded?.Add(new DiskEvent(at, memory.ToArray(), 0));
            at += segment.Length;
        }

        request.Complete(Errno.None);
    }
}

/// <summary>A write that ended, or a flush (without bytes), after which what ended before it began is safe.</summary>
/// <param name="At">Where on the disk.</param>
/// <param name="Bytes">What was written; null: a flush.</param>
/// <param name="Covered">Of a flush: how many events had been when it began.</param>
internal sealed record DiskEvent(int At, byte[]? Bytes, int Covered);
