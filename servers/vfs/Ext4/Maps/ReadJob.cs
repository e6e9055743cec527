using Servers.Vfs.Blocks;
using Servers.Vfs.Pages;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Ext4;

/// <summary>Fills pages of a file from the device: finds the blocks, which may wait for blocks of metadata, and reads them into the pages.</summary>
internal sealed class ReadJob
{
    private readonly Ext4File file;
    private readonly PageTransfer pages;
    private readonly Volume volume;
    private readonly DirectReader reader;
    private readonly DiskTransfer transfer;
    private long next;
    private bool isRunning, isAgain;

    public ReadJob(Ext4File file, PageTransfer pages)
    {
        (this.file, this.pages, volume) = (file, pages, file.Volume);
        reader = new DirectReader(volume, Run);
        transfer = new DiskTransfer(volume.Device);
        transfer.Begin(BlockKind.Read);
        next = pages.Page * volume.BlocksPerPage;
    }

    /// <summary>Goes on; called again when a block has arrived.</summary>
    public void Run()
    {
        isAgain = true;
        if (isRunning)
            return;
        isRunning = true;
        Errno error = Errno.None;
        while (isAgain)
        {
            isAgain = false;
            error = Map();
        }

        isRunning = false;
        if (error == Errno.Wait)
            return;
        if (error == Errno.None)
            transfer.Submit(End);
        else
            End(error);
    }

    private Errno Map()
    {
        for (long end = (pages.Page + pages.Count) * volume.BlocksPerPage; next < end;)
        {
            if (file.Record.Has(InodeRecord.InlineData))
                return Inline();
            Errno error = file.FindBlock(reader, next, out BlockRun run);
            if (error != Errno.None)
                return error;
            long count = Math.Min(run.Count, end - next);
            for (long block = 0; block < count;)
                block += Add(next + block, count - block, run.HasData ? run.Physical + block : 0);
            next += count;
        }

        return Errno.None;
    }

    // Blocks within one page: their number.
    private int Add(long block, long most, long physical)
    {
        long first = pages.Page * volume.BlocksPerPage;
        int page = (int)((block - first) / volume.BlocksPerPage), within = (int)((block - first) % volume.BlocksPerPage);
        int count = (int)Math.Min(most, volume.BlocksPerPage - within);
        if (physical == 0)
            pages.Bytes.Slice((int)(block - first) << volume.BlockBits, count << volume.BlockBits).Clear();
        else
            transfer.Add(volume.Sector(physical), new BlockSegment(pages.Slot + page, within << volume.BlockBits, count << volume.BlockBits));
        return count;
    }

    private Errno Inline()
    {
        pages.Bytes.Clear();
        if (pages.Page == 0)
            file.InlineBytes.AsSpan(0, Math.Min(file.InlineBytes.Length, CachedFile.PageSize)).CopyTo(pages.Bytes);
        return Errno.None;
    }

    private void End(Errno error)
    {
        // What lies behind the end on the disk is nobody's.
        long rest = file.Content.Size - pages.Page * CachedFile.PageSize;
        if (rest >= 0 && rest < pages.Bytes.Length)
            pages.Bytes[(int)rest..].Clear();
        pages.Complete(error);
    }
}
