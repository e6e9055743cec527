using Servers.Vfs.Blocks;
using Servers.Vfs.Pages;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Fat;

/// <summary>Reads pages of the table for transfers, one after the other, into a slot of its own.</summary>
internal sealed class FatReads
{
    private readonly FatFileSystem fileSystem;
    private readonly Queue<TransferTable> waiting = [];
    private readonly DiskTransfer transfer;
    private TransferTable? current;
    private int slot;
    private bool isStarting;

    public FatReads(FatFileSystem fileSystem)
    {
        this.fileSystem = fileSystem;
        transfer = new DiskTransfer(fileSystem.Disk);
    }

    private PageCache Cache => fileSystem.Sources.Cache;

    /// <summary>Takes the slot. False: no memory.</summary>
    public bool TryPrepare() => slot > 0 || Cache.TakeSlots(1, out slot, out _) > 0;

    /// <summary>Gives it back; nothing is under way.</summary>
    public void Close()
    {
        if (slot > 0)
            Cache.Slots.Give(slot, 1, isShared: false);
        slot = 0;
    }

    /// <summary>Reads a page for somebody: Wait, or EIO for one that there is not.</summary>
    public Errno Begin(TransferTable reader)
    {
        if (LengthOf(reader.Wanted) <= 0)
            return Errno.EIO;
        waiting.Enqueue(reader);
        Next();
        return Errno.Wait;
    }

    private int LengthOf(long page) => (int)Math.Clamp(fileSystem.Disk.Content.Size - page * CachedFile.PageSize, 0, CachedFile.PageSize);

    private void Next()
    {
        // What ends at once does not go deeper and deeper.
        if (isStarting)
            return;
        isStarting = true;
        while (current == null && waiting.TryDequeue(out current))
        {
            int length = LengthOf(current.Wanted);
            Cache.Slots.Span(slot, 1)[length..].Clear();
            transfer.Begin(BlockKind.Read);
            transfer.Add(current.Wanted * (CachedFile.PageSize / BlockRequest.SectorLength), new BlockSegment(slot, 0, length));
            transfer.Submit(Arrived);
        }

        isStarting = false;
    }

    private void Arrived(Errno error)
    {
        TransferTable reader = current!;
        current = null;
        reader.Arrived(error, Cache.Slots.Span(slot, 1));
        Next();
    }
}
