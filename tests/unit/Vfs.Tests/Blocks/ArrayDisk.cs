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

        Flushes += request.Kind == BlockKind.Flush ? 1 : 0;
        request.Complete(Fails ? Errno.EIO : Errno.None);
        return true;
    }
}
