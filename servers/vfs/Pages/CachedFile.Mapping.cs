using Libsys.Abi;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Pages;

// The file as clients map it.
public sealed partial class CachedFile
{
    // Pages shared when a file is first mapped: most programs and libraries as a whole.
    private const int SharedAtFirst = 1024;

    /// <summary>Its object, while it has one.</summary>
    internal MappedFile? Mapped { get; private set; }

    /// <summary>Frames may be somebody else's too, also when the object has been closed: a device that has pinned them.</summary>
    internal bool WasMapped { get; private set; }

    /// <summary>Somebody may map it shared and writable.</summary>
    internal bool IsWritableShared
    {
        get => isWritableShared;
        private set => Change(ref isWritableShared, value);
    }

    /// <summary>Somebody maps it.</summary>
    public bool IsMapped => CountMappings() > 0;

    /// <summary>How many regions of spaces show it.</summary>
    public long CountMappings() => Mapped?.Pages.CountMappings() ?? 0;

    /// <summary>The name it was last mapped by, for /proc/PID/maps.</summary>
    public Location MappedAs { get; private set; }

    /// <summary>
    /// Maps a page-aligned range into a client, also beyond the end: what is there is decided when it is touched. <paramref name="told"/> is that of the
    /// description, for <see cref="SyncMapping"/>; <paramref name="label"/> is the mapping's if that gives it none.
    /// </summary>
    public Errno Map(
        IMappingSpace space, Location name, ulong address, long offset, long length, MapFlags flags, WriteErrorCursor? told = null, uint label = 0)
    {
        MappedAs = name;
        Inode?.EndPosting();
        bool mayWrite = (flags & (MapFlags.Shared | MapFlags.NeverWrite)) == MapFlags.Shared;
        IsWritableShared |= mayWrite;
        if (Mapped != null)
            cache.Touch(Mapped);
        else if ((Mapped = cache.Open(this)) == null)
            return Errno.ENOMEM;
        else
            ShareFirst();
        if (mayWrite && name.Mount is { } mount)
            Mapped.NoteWritten(mount);
        // What is to be mapped again elsewhere is not touched itself.
        if (mayWrite && (flags & MapFlags.MayRepeat) == 0)
        {
            (Mapped.Front, Mapped.End) = (offset >> PageBits, Pages(offset + length));
            if (stored == null)
                MakeFirst(Mapped);
        }

        if (stored != null && IsWritableShared)
            cache.WriteBack.Watch(stored);
        if (mayWrite && told != null && stored != null)
            label = stored.Errors.Label(told);
        return space.Map(address, length, flags, Mapped.Pages, offset, label) switch
        {
            KernelStatus.Ok => Errno.None,
            KernelStatus.Occupied => Errno.EEXIST,
            KernelStatus.BadArgument => Errno.EINVAL,
            KernelStatus.NoRight => Errno.EACCES,
            _ => Errno.ENOMEM,
        };
    }

    /// <summary>
    /// Makes the object show a page that it lacks or may not write; refused where there is none, or no memory for it. False: the store has to be asked.
    /// </summary>
    internal bool TrySupply(long page, bool isWrite, out Supplied answer)
    {
        answer = Supplied.Ready;
        if (Mapped == null)
            return true;
        answer = Supplied.Refused;
        if (page >= Pages(Size))
            return true;
        if (stored != null)
        {
            bool isShared = stored.TryShare(page);
            answer = isShared ? Supplied.Ready : Supplied.Later;
            return isShared;
        }

        bool isThere = SupplyHere(page, isWrite);
        if (!isThere)
        {
            cache.Reclaim.MeetNothing();
            isThere = cache.TryGiveFrames() && SupplyHere(page, isWrite);
        }

        if (isThere)
            answer = Supplied.Ready;
        return true;
    }

    /// <summary>The same for a page that the store has, or that is on its way.</summary>
    internal Supplied SupplyLater(long page, MissingPage missing) => stored!.Supply(page, missing);

    private bool SupplyHere(long page, bool isWrite)
    {
        int entry = index[page];
        if (entry > 0 || (entry == 0 && page < imagePages && !isWrite))
        {
            long first = page & -PageIndex.LeafPages;
            return ShareRange(first, Math.Min(first + PageIndex.LeafPages, Pages(Size)), page);
        }

        int made = MakeMissing(Mapped!, page, isAsked: true, out int slot);
        return made > 0 && Mapped!.Pages.Share(page, slot, made, isAhead: made > 1);
    }

    /// <summary>Lets the object go if nobody maps it. False: somebody does.</summary>
    internal bool TryCloseMapping(bool isLast = false)
    {
        if (Mapped!.Pages.CountMappings() > 0)
            return false;
        if (isLast)
            ForgetAhead(Mapped);
        else
            SettleAhead();
        stored?.ObjectCloses();
        cache.Close(Mapped);
        Mapped = null;
        return true;
    }

    private void ShareFirst()
    {
        WasMapped = true;
        // Best effort: what is not shared now is asked for.
        ShareRange(0, Math.Min(SharedAtFirst, Pages(Size)), -1);
    }

    /// <summary>Shares the pages of a range that are there. False: not the one that is needed.</summary>
    private bool ShareRange(long first, long end, long needed)
    {
        if (stored != null)
            return stored.Share(first, end, needed);
        bool hasNeeded = true;
        for (long page = first; page < end;)
        {
            int run = index.Run(page, (int)Math.Min(end - page, int.MaxValue), out int entry);
            bool done = true;
            if (entry > 0)
            {
                done = Mapped!.Pages.Share(page, entry, run);
            }
            else if (entry == 0 && page < imagePages)
            {
                run = (int)Math.Min(run, imagePages - page);
                done = Mapped!.Pages.Lend(page, image!, imageOffset + (page << PageBits), run);
            }

            if (!done && needed >= page && needed < page + run)
                hasNeeded = false;
            page = entry == 0 && page >= imagePages ? index.Next(page, end) : page + run;
        }

        return hasNeeded;
    }

    /// <summary>Leaves the object to its mappings, with all pages that the file has: nobody will ask for it here any more.</summary>
    private void LeaveMapping()
    {
        if (Mapped == null || TryCloseMapping(isLast: true))
            return;
        stored?.Errors.ForgetLabels();
        SettleAhead();
        OwnWritable();
        ShareRange(0, Pages(Size), -1);
        Mapped.Pages.Detach(Pages(Size));
        cache.Close(Mapped);
        Mapped = null;
    }

    // A lent page can be written by nobody once nobody asks. Those of a file that was written before are few enough; without memory for them the access will
    // fail.
    private void OwnWritable()
    {
        if (!IsWritableShared)
            return;
        for (long page = 0; page < imagePages;)
        {
            int run = index.Run(page, (int)Math.Min(imagePages - page, PageIndex.LeafPages), out int entry);
            if (entry == 0 && (run = Make(page, run, 0, 0, out _)) == 0)
                return;
            page += run;
        }
    }
}
