using Servers.Vfs.Blocks;
using Servers.Vfs.Pages;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Ext4;

/// <summary>
/// Writes pages of a file: finds their blocks, or free ones, writes the data, and lets the file have the blocks and the length when the data is on the device.
/// So nobody ever reads what was there before.
/// </summary>
internal sealed class WriteJob : LogJob
{
    private readonly Ext4File file;
    private readonly PageTransfer pages;
    private readonly Volume volume;
    private readonly DiskTransfer transfer;
    private readonly List<BlockRun> claimed = [], unwritten = [];
    private readonly long end;
    private long next, goal;
    private bool isWritten;

    public WriteJob(Ext4File file, PageTransfer pages)
        : base(file.Disk)
    {
        (this.file, this.pages, volume) = (file, pages, file.Volume);
        transfer = new DiskTransfer(volume.Device);
        transfer.Begin(BlockKind.Write);
        next = pages.Page * volume.BlocksPerPage;
        long ofFile = (file.Content.Size + volume.BlockSize - 1) >> volume.BlockBits;
        end = Math.Min((pages.Page + pages.Count) * volume.BlocksPerPage, ofFile);
    }

    protected override Errno Step() => isWritten ? Finish() : Map();

    protected override void Stepped(Errno error)
    {
        if (error != Errno.None || isWritten)
            End(error);
        else
            transfer.Submit(Written);
    }

    private Errno Map()
    {
        if (file.Disk.Log is not { IsBroken: false } log)
            return Errno.EROFS;
        while (next < end)
        {
            Errno error = file.FindBlock(Reader, next, out BlockRun run);
            if (error != Errno.None)
                return error;
            run = run with { Count = Math.Min(run.Count, end - next) };
            if (run.Physical == 0 && !file.Record.Has(InodeRecord.Extents))
                return Errno.EOPNOTSUPP;
            if (run.Physical == 0)
            {
                if (goal == 0 && next > 0)
                {
                    error = file.FindBlock(Reader, next - 1, out BlockRun before);
                    if (error != Errno.None)
                        return error;
                    goal = before.Physical == 0 ? 0 : before.Physical + 1;
                }

                error = file.Disk.Allocator.Find(Reader, log, goal > 0 ? goal : file.Goal, run.Count, out long block, out long count);
                if (error != Errno.None)
                    return error;
                run = new BlockRun(next, count, block, false);
                file.Disk.Allocator.Claim(block, count);
                claimed.Add(run);
            }
            else if (run.IsUnwritten)
            {
                unwritten.Add(run);
            }

            goal = run.Physical + run.Count;
            for (long block = 0; block < run.Count;)
                block += Add(next + block, run.Count - block, run.Physical + block);
            next += run.Count;
        }

        return Errno.None;
    }

    // Blocks within one page: their number.
    private int Add(long block, long most, long physical)
    {
        long first = pages.Page * volume.BlocksPerPage;
        int page = (int)((block - first) / volume.BlocksPerPage), within = (int)((block - first) % volume.BlocksPerPage);
        int count = (int)Math.Min(most, volume.BlocksPerPage - within);
        transfer.Add(volume.Sector(physical), new BlockSegment(pages.Slot + page, within << volume.BlockBits, count << volume.BlockBits));
        return count;
    }

    private void Written(Errno error)
    {
        isWritten = true;
        if (error == Errno.None)
            Run();
        else
            End(error);
    }

    private Errno Finish()
    {
        long length = Math.Min(file.Content.Size, (pages.Page + pages.Count) * CachedFile.PageSize);
        if (claimed.Count == 0 && unwritten.Count == 0 && length <= file.Record.Size && !file.HasNewAttributes)
            return Errno.None;
        var change = new Change(file.Disk, Reader);
        InodeRecord record = change[file];
        var editor = new ExtentEditor(change, (uint)file.Number, record);
        Errno error = Errno.None;
        foreach (BlockRun run in claimed)
        {
            record.SetSectors(volume.Super, record.Sectors(volume.Super) + volume.Sector(run.Count));
            error = Allocator.Mark(change, run.Physical, run.Count, isUsed: true);
            if (error == Errno.None)
                error = editor.Insert(run.First, run.Count, run.Physical, isUnwritten: false);
            if (error != Errno.None)
                return error;
        }

        foreach (BlockRun run in unwritten)
        {
            error = editor.Remove(run.First, run.End, isFreed: false, int.MaxValue, out _);
            if (error == Errno.None)
                error = editor.Insert(run.First, run.Count, run.Physical, isUnwritten: false);
            if (error != Errno.None)
                return error;
        }

        record.Size = Math.Max(record.Size, length);
        return change.TryApply();
    }

    private void End(Errno error)
    {
        foreach (BlockRun run in claimed)
            file.Disk.Allocator.Unclaim(run.Physical, run.Count);
        pages.Complete(error);
        file.Disk.GoOn();
    }
}
