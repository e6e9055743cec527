using Servers.Vfs.Objects;
using Servers.Vfs.Pages;

namespace Servers.Vfs.Ext4;

// fallocate(2): room that is there before it is written, and holes. Each call is one change: all of it, or nothing.
internal sealed partial class Ext4File
{
    /// <summary>
    /// fallocate(2): EOPNOTSUPP for other modes than 0, FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE, FALLOC_FL_ZERO_RANGE, FALLOC_FL_COLLAPSE_RANGE and
    /// FALLOC_FL_INSERT_RANGE.
    /// </summary>
    public Errno Allocate(OperationContext context, AllocateMode mode, long offset, long length)
    {
        if ((mode & (AllocateMode.CollapseRange | AllocateMode.InsertRange)) != 0)
            return Shift(context, mode, offset, length);
        Errno error = CheckChangeable();
        bool keepsSize = (mode & AllocateMode.KeepSize) != 0;
        AllocateMode kind = mode & ~AllocateMode.KeepSize;
        bool isKnown = kind is AllocateMode.None or AllocateMode.ZeroRange || (kind == AllocateMode.PunchHole && keepsSize);
        if (error == Errno.None && (!isKnown || !Record.Has(InodeRecord.Extents)))
            error = Errno.EOPNOTSUPP;
        if (error == Errno.None && offset + length > MostBytes)
            error = Errno.EFBIG;
        if (error == Errno.None)
            error = AwaitCut(context);
        if (error == Errno.None)
            error = PrepareRange(context, offset, length, keepsSize);
        if (error != Errno.None)
            return error;
        var change = new Change(Disk, new RequestReader(Volume, context));
        InodeRecord record = change[this];
        record.ModifyTime = record.ChangeTime = Disk.Clock.Wall;
        // Pages that are dirty may be given up here, and be what would have told the length.
        long size = keepsSize ? Size : Math.Max(Size, offset + length);
        record.Size = size;
        error = kind == AllocateMode.PunchHole ? Punch(change, record, offset, length) : Fill(context, change, record, offset, length, kind);
        if (error == Errno.None)
            error = change.TryApply(context);
        if (error != Errno.None)
            return error;
        if (size > Size)
            Content.Truncate(size);
        return kind == AllocateMode.None ? Errno.None : Content.PunchHole(offset, length);
    }

    // Nothing of the range is on its way to the disk: who writes has found where, or that there is nothing yet.
    private Errno PrepareRange(OperationContext context, long offset, long length, bool keepsSize)
    {
        const long mask = CachedFile.PageSize - 1;
        long first = offset & ~mask, end = (offset + length + mask) & ~mask;
        Errno error = Content.PreparePunch(context, offset, length);
        if (error == Errno.None)
            error = Content.PreparePunch(context, first, end - first);
        return error == Errno.None && !keepsSize && offset + length > Size ? Content.PrepareTruncate(context, offset + length) : error;
    }

    // Blocks of whole pages: what is cut from others is written as zeros.
    private (long First, long End) Whole(long offset, long length)
    {
        long pages = (Math.Min(offset + length, (Size + CachedFile.PageSize - 1) & -CachedFile.PageSize)) / CachedFile.PageSize;
        return ((offset + CachedFile.PageSize - 1) / CachedFile.PageSize * Volume.BlocksPerPage, pages * Volume.BlocksPerPage);
    }

    private Errno Punch(Change change, InodeRecord record, long offset, long length)
    {
        (long first, long end) = Whole(offset, length);
        if (end <= first)
            return Errno.None;
        Errno error = new ExtentEditor(change, (uint)Number, record).Remove(first, end, isFreed: true, Disk.Log!.Limit, out long left);
        return error == Errno.None && left > first ? Errno.ENOSPC : error;
    }

    // Holes get blocks that read as zero; so do blocks of whole pages, if that is wanted.
    private Errno Fill(OperationContext context, Change change, InodeRecord record, long offset, long length, AllocateMode kind)
    {
        (long whole, long wholeEnd) = kind == AllocateMode.ZeroRange ? Whole(offset, length) : (0, 0);
        long end = FreeJob.FirstBehind(Volume, offset + length), goal = Goal;
        var editor = new ExtentEditor(change, (uint)Number, record);
        for (long block = offset >> Volume.BlockBits; block < end;)
        {
            Errno error = BlockMap.Find(change, (uint)Number, record, block, out BlockRun run);
            if (error != Errno.None)
                return error;
            run = run with { Count = Math.Min(run.Count, end - block) };
            // Where whole pages begin and end there is another answer.
            foreach (long border in (ReadOnlySpan<long>)[whole, wholeEnd])
            {
                if (border > block && border < run.End)
                    run = run with { Count = border - block };
            }

            if (run.Physical == 0)
            {
                error = AddRoom(context, change, record, goal, ref run);
                if (error == Errno.None)
                    error = editor.Insert(block, run.Count, run.Physical, isUnwritten: true);
            }
            else if (run.HasData && block >= whole && block < wholeEnd)
            {
                error = editor.Remove(block, run.End, isFreed: false, int.MaxValue, out _);
                if (error == Errno.None)
                    error = editor.Insert(block, run.Count, run.Physical, isUnwritten: true);
            }

            if (error != Errno.None)
                return error;
            (block, goal) = (run.End, run.Physical + run.Count);
        }

        return Errno.None;
    }

    private Errno AddRoom(OperationContext context, Change change, InodeRecord record, long goal, ref BlockRun run)
    {
        Errno error = Disk.AwaitRoom(context, run.Count - change.FreeBlocks);
        long physical = 0, count = 0;
        if (error == Errno.None)
            error = Disk.Allocator.Find(change, Disk.Log!, goal, run.Count, out physical, out count);
        if (error == Errno.None)
            error = Allocator.Mark(change, physical, count, isUsed: true);
        record.SetSectors(Volume.Super, record.Sectors(Volume.Super) + Volume.Sector(count));
        run = run with { Count = count, Physical = physical };
        return error;
    }
}
