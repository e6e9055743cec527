using Libsys.Hosting;
using Servers.Vfs.Objects;
using Servers.Vfs.Pages;
using Servers.Vfs.Processes;

namespace Servers.Vfs.SystemV;

/// <summary>What a segment is called, for /proc/PID/maps.</summary>
public delegate Location NameSegment(Segment segment);

/// <summary>All segments, and when they go: docs/system-v-ipc.md.</summary>
public sealed class Segments
{
    /// <summary>SHMMAX and SHMALL as Linux has them, shmget(2): as good as none, and no sum of a few overflows.</summary>
    public const ulong Unbounded = ulong.MaxValue - (1UL << 24);

    /// <summary>SHMMNI, shmget(2).</summary>
    public const int DefaultMost = 4096;

    private readonly PageCache cache;
    private readonly Budget pages;
    private readonly long memoryPages;
    private readonly IClock clock;

    // Those whose mappings were more than none when they were counted last, and those that have been removed.
    private readonly HashSet<Segment> attached = [];

    /// <summary>None yet.</summary>
    /// <param name="cache">Has their pages.</param>
    /// <param name="mostPages">Pages that all of them may take.</param>
    /// <param name="memoryPages">Frames of the machine: a segment with more is refused.</param>
    /// <param name="clock">Time.</param>
    public Segments(PageCache cache, long mostPages, long memoryPages, IClock clock)
    {
        this.cache = cache;
        this.clock = clock;
        this.memoryPages = memoryPages;
        pages = new Budget(mostPages);
    }

    /// <summary>Names them.</summary>
    public NameSegment Name { get; set; } = static _ => default;

    /// <summary>Which there are.</summary>
    public SystemVTable<Segment> Table { get; } = new(DefaultMost);

    /// <summary>SHMMAX: bytes of the largest.</summary>
    public ulong Largest { get; set; } = Unbounded;

    /// <summary>SHMALL: pages of all together.</summary>
    public ulong MostPages { get; set; } = Unbounded;

    /// <summary>Pages of all, touched or not.</summary>
    public long TotalPages { get; private set; }

    /// <summary>shmget(2).</summary>
    public Errno Get(int key, ulong size, uint flags, ClientProcess asking, out Segment? segment)
    {
        Errno error = Table.Get(
            key, flags, asking.Credentials, known => size > known.Size ? Errno.EINVAL : Errno.None,
            (Permission permission, bool isFull, out Segment? made) => Make(permission, isFull, size, flags, asking.Pid, out made), out segment);
        if (segment is { HasName: false })
            segment.Name = Name(segment);
        return error;
    }

    /// <summary>A segment by its id, as it is now: what nobody maps any more and was removed is gone. Null: there is none.</summary>
    public Segment? Find(int id) => Table.Find(id) is { } found && IsThere(found, 0) ? found : null;

    /// <summary>The same by its place.</summary>
    public Segment? At(int place) => Table.At(place) is { } found && IsThere(found, 0) ? found : null;

    /// <summary>IPC_RMID: nobody finds it by its key any more, and it goes when nobody maps it.</summary>
    public void Remove(Segment segment)
    {
        Table.ForgetKey(segment);
        segment.Permission.Mode |= SegmentNumbers.Destroyed;
        attached.Add(segment);
        IsThere(segment, 0);
    }

    /// <summary>A space has been copied or is gone, by the process of that number: counts what is attached anew.</summary>
    public void Changed(uint by)
    {
        foreach (Segment segment in attached.ToArray())
            IsThere(segment, by);
    }

    /// <summary>The same of one segment. False: it is gone.</summary>
    public bool IsThere(Segment segment, uint by)
    {
        segment.Look(clock.Wall, by);
        if (segment.Attached > 0)
        {
            attached.Add(segment);
            return true;
        }

        attached.Remove(segment);
        if (!segment.IsRemoved)
            return true;
        Table.Remove(segment);
        TotalPages -= segment.Pages;
        segment.Content.Release();
        return false;
    }

    private Errno Make(Permission permission, bool isFull, ulong size, uint flags, uint creator, out Segment? made)
    {
        made = null;
        if (size == 0 || size > Largest)
            return Errno.EINVAL;
        ulong wanted = (size >> CachedFile.PageBits) + (size % CachedFile.PageSize == 0 ? 0UL : 1);
        if (isFull || (ulong)TotalPages + wanted > MostPages)
            return Errno.ENOSPC;
        if (size > long.MaxValue)
            return Errno.EINVAL; // no file can be that long
        bool isTooLarge = wanted > (ulong)memoryPages && (flags & SegmentNumbers.NoReserve) == 0;
        if (isTooLarge || size > CachedFile.Limit || (flags & SegmentNumbers.HugePages) != 0)
            return Errno.ENOMEM;
        var content = new CachedFile(cache, pages);
        Errno error = content.Truncate((long)wanted << CachedFile.PageBits);
        if (error != Errno.None)
            return error;
        made = new Segment(permission, size, content, creator, clock.Wall);
        TotalPages += made.Pages;
        return Errno.None;
    }
}
