using Servers.Vfs.Blocks;
using Servers.Vfs.Pages;

namespace Servers.Vfs.Tests.Blocks;

/// <summary>A disk that is an array of bytes. Requests end when <see cref="Step"/> is called, the newest first, so that nobody relies on an order.</summary>
internal sealed class ArrayDisk(byte[] bytes, IPageArena arena, int logicalBlock = 512, bool hasWriteCache = true) : IDisk
{
    private readonly Stack<BlockRequest> pending = [];

    public DiskTraits Traits { get; init; } = new(bytes.Length / BlockRequest.SectorLength, logicalBlock, logicalBlock, IsReadOnly: false, CanDiscard: true,
        CanWriteZeroes: true, hasWriteCache, "array");

    public int Flushes { get; private set; }

    public int Pending => pending.Count;

    /// <summary>Sectors of the longest run of zeroes that was asked for at once.</summary>
    public long Longest { get; private set; }

    /// <summary>Requests fail.</summary>
    public bool Fails { get; set; }

    public void Submit(BlockRequest request) => pending.Push(request);

    /// <summary>Ends a request; false: there is none.</summary>
    public bool Step()
    {
        if (!pending.TryPop(out BlockRequest? request))
            return false;
        long offset = request.Sector * BlockRequest.SectorLength;
        foreach (BlockSegment segment in request.Segments)
        {
            Span<byte> memory = arena.Span(segment.Slot, 1).Slice(segment.Offset, segment.Length), sectors = bytes.AsSpan((int)offset, segment.Length);
            if (request.Kind == BlockKind.Read)
                sectors.CopyTo(memory);
            else
                memory.CopyTo(sectors);
            offset += segment.Length;
        }

        // What is discarded is anything: here it stays.
        if (request.Kind == BlockKind.WriteZeroes && !Fails)
            bytes.AsSpan((int)offset, (int)request.Sectors * BlockRequest.SectorLength).Clear();
        Longest = Math.Max(Longest, request.Kind == BlockKind.WriteZeroes ? request.Sectors : 0);
        Flushes += request.Kind == BlockKind.Flush ? 1 : 0;
        request.Complete(Fails ? Errno.EIO : Errno.None);
        return true;
    }
}
