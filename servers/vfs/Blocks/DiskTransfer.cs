namespace Servers.Vfs.Blocks;

/// <summary>Any number of blocks on their way between memory and the device, in as few requests as that takes. Used again once it has ended.</summary>
internal sealed class DiskTransfer
{
    private readonly BlockDevice device;
    private readonly List<BlockRequest> requests = [];
    private BlockKind kind;
    private int used, left;
    private long nextSector;
    private Errno error;
    private Action<Errno>? ended;

    public DiskTransfer(BlockDevice device) => this.device = device;

    /// <summary>Nothing was added.</summary>
    public bool IsEmpty => used == 0;

    /// <summary>Begins anew.</summary>
    public void Begin(BlockKind what) => (kind, used, nextSector, error) = (what, 0, -1, Errno.None);

    /// <summary>Adds memory for the sectors from one on.</summary>
    public void Add(long sector, BlockSegment segment)
    {
        if (sector != nextSector || !requests[used - 1].TryAdd(segment))
        {
            if (used == requests.Count)
                requests.Add(new BlockRequest { Completed = Completed });
            requests[used].Begin(kind, sector);
            requests[used++].TryAdd(segment);
        }

        nextSector = sector + segment.Length / BlockRequest.SectorLength;
    }

    /// <summary>Submits all. <paramref name="done"/> is told once, before this returns or later, with the first error.</summary>
    public void Submit(Action<Errno> done)
    {
        ended = done;
        if (kind == BlockKind.Flush)
            AddFlush();
        // One more, so that it does not end before all are submitted.
        left = used + 1;
        for (int number = 0, count = used; number < count; number++)
            device.Submit(requests[number]);
        End();
    }

    private void AddFlush()
    {
        if (requests.Count == 0)
            requests.Add(new BlockRequest { Completed = Completed });
        requests[0].Begin(BlockKind.Flush, 0);
        used = 1;
    }

    private void Completed(BlockRequest request, Errno late)
    {
        if (error == Errno.None)
            error = late;
        End();
    }

    private void End()
    {
        if (--left > 0)
            return;
        (Action<Errno> tell, ended) = (ended!, null);
        tell(error);
    }
}
