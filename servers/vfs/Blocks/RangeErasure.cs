using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Blocks;

/// <summary>
/// A range of a device is discarded or becomes zero, as a program asks (BLKDISCARD, BLKZEROOUT): pages of it are let go first, and once more when the device
/// has done it, since somebody may have read in between. Kept in the request's state from its beginning on.
/// </summary>
internal sealed class RangeErasure
{
    private readonly BlockDevice device;
    private readonly BlockKind kind;
    private readonly BlockRequest request;
    private readonly WaitQueue ended = new();
    private readonly long end, most;
    private long next;
    private Errno error;
    private bool isDone;

    private RangeErasure(BlockDevice device, BlockKind kind, long sector, long sectors)
    {
        (this.device, this.kind, next, end) = (device, kind, sector, sector + sectors);
        request = new BlockRequest { Completed = Completed };
        // Whole blocks at a time.
        long bound = Math.Min(kind == BlockKind.Discard ? device.Traits.MostDiscard : device.Traits.MostZeroes, BlockRequest.MostSectors);
        long block = device.Traits.LogicalBlock / BlockRequest.SectorLength;
        most = Math.Max(bound / block * block, block);
    }

    /// <summary>Done, or waits for that. The range lies within the device, in whole blocks of it.</summary>
    public static Errno Await(OperationContext context, BlockDevice device, BlockKind kind, long sector, long sectors)
    {
        if (context.State is not RangeErasure erasure)
        {
            Errno wait = LetGo(context, device, sector, sectors);
            if (wait != Errno.None)
                return wait;
            context.State = erasure = new RangeErasure(device, kind, sector, sectors);
            erasure.Continue();
        }

        if (!erasure.isDone)
            return context.WaitOn(erasure.ended);
        Errno again = LetGo(context, device, sector, sectors);
        if (again != Errno.None)
            return again;
        context.State = null;
        return erasure.error;
    }

    // What of a page lies beside the range stays.
    private static Errno LetGo(OperationContext context, BlockDevice device, long sector, long sectors)
    {
        const int length = BlockRequest.SectorLength;
        Errno error = device.Content.PreparePunch(context, sector * length, sectors * length);
        return error == Errno.None ? device.Content.PunchHole(sector * length, sectors * length) : error;
    }

    private void Continue()
    {
        request.Begin(kind, next, Math.Min(end - next, most));
        device.Submit(request);
    }

    private void Completed(BlockRequest done, Errno result)
    {
        error = result;
        next += Math.Min(end - next, most);
        if (error == Errno.None && next < end)
        {
            Continue();
            return;
        }

        isDone = true;
        ended.Wake();
    }
}
