using Servers.Vfs.Objects;
using Servers.Vfs.Pages;

namespace Servers.Vfs.Ext4;

// fallocate(2) with FALLOC_FL_COLLAPSE_RANGE and FALLOC_FL_INSERT_RANGE: what lies behind a place moves to or from it, by its extents. One change: all of it,
// or nothing.
internal sealed partial class Ext4File
{
    // Each extent is taken out and put in again, while nobody else is served.
    private const int MostShifted = 4096;

    private Errno Shift(OperationContext context, AllocateMode mode, long offset, long length)
    {
        Errno error = CheckShift(mode, offset, length);
        if (error == Errno.None)
            error = AwaitCut(context);
        // The pages from there on show other bytes afterwards: what they have is written first, also what mappings have changed, and then they go.
        long page = offset & -CachedFile.PageSize;
        if (error == Errno.None)
            error = Content.Settle(context);
        if (error != Errno.None)
            return error;
        var change = new Change(Disk, new RequestReader(Volume, context));
        InodeRecord record = change[this];
        long distance = mode == AllocateMode.CollapseRange ? -length : length, size = Size + distance;
        record.ModifyTime = record.ChangeTime = Disk.Clock.Wall;
        record.Size = size;
        error = ShiftBlocks(change, record, offset >> Volume.BlockBits, distance >> Volume.BlockBits);
        if (error == Errno.None)
            error = change.TryApply(context);
        if (error != Errno.None)
            return error;
        Content.Truncate(page);
        Content.Truncate(size);
        return Errno.None;
    }

    // The answers and their order are Linux'.
    private Errno CheckShift(AllocateMode mode, long offset, long length)
    {
        if (mode is not (AllocateMode.CollapseRange or AllocateMode.InsertRange))
            return (mode & AllocateMode.PunchHole) != 0 && (mode & (AllocateMode.ZeroRange | AllocateMode.KeepSize)) != AllocateMode.KeepSize
                ? Errno.EOPNOTSUPP : Errno.EINVAL;
        Errno error = CheckChangeable();
        if (error == Errno.None && !Record.Has(InodeRecord.Extents))
            error = Errno.EOPNOTSUPP;
        if (error != Errno.None)
            return error;
        if (((offset | length) & (Volume.BlockSize - 1)) != 0)
            return Errno.EINVAL;
        // Who wants to take the end away can cut the file; who wants more behind it can make it longer.
        if (mode == AllocateMode.CollapseRange)
            return offset + length >= Size ? Errno.EINVAL : Errno.None;
        return Size + length > MostBytes ? Errno.EFBIG : offset >= Size ? Errno.EINVAL : Errno.None;
    }

    private Errno ShiftBlocks(Change change, InodeRecord record, long from, long distance)
    {
        var editor = new ExtentEditor(change, (uint)Number, record);
        if (distance < 0)
        {
            long end = from - distance;
            Errno error = editor.Remove(from, end, isFreed: true, MostShifted, out long left);
            if (error == Errno.None && left > from)
                error = Errno.ENOSPC;
            if (error != Errno.None)
                return error;
            from = end;
        }

        Errno found = FindRuns(change, record, from, out List<BlockRun> runs);
        if (found != Errno.None)
            return found;
        // Each goes where nothing is any more: those that move up begin with the last.
        if (distance > 0)
            runs.Reverse();
        foreach (BlockRun run in runs)
        {
            Errno error = editor.Remove(run.First, run.End, isFreed: false, int.MaxValue, out _);
            if (error == Errno.None)
                error = editor.Insert(run.First + distance, run.Count, run.Physical, isUnwritten: run.IsUnwritten);
            if (error != Errno.None)
                return error;
        }

        return Errno.None;
    }

    // All that is mapped, also behind the end of the file. ENOSPC: more than one change should move.
    private Errno FindRuns(Change change, InodeRecord record, long from, out List<BlockRun> runs)
    {
        runs = [];
        for (long block = from; block < BlockMap.MostBlocks;)
        {
            Errno error = BlockMap.Find(change, (uint)Number, record, block, out BlockRun run);
            if (error != Errno.None)
                return error;
            if (run.Physical != 0)
                runs.Add(run);
            if (runs.Count > MostShifted)
                return Errno.ENOSPC;
            block = run.End;
        }

        return Errno.None;
    }
}
