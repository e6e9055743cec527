using Libsys.Hosting;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Pages;

/// <summary>Pages of all files in memory, and the objects through which files are mapped: docs/page-cache.md.</summary>
/// <param name="arena">The frames.</param>
/// <param name="mappings">Makes objects.</param>
public sealed class PageCache
{
    // Objects that nobody maps are kept for the next who does: programs and libraries. Those that are mapped, by anybody, have an end too: each is a handle and
    // a frame or two.
    private const int MostIdle = 512, MostMapped = 8192;

    // When there are too many, so many are looked at, and a mapped one goes to the end: about as often as a file is mapped, an old one goes.
    private const int LooksPerTurn = 16;

    // Objects through which programs write: a handle and a frame or two each.
    private const int MostWindows = 256;

    // Files that may have pages which nobody has touched yet: 8 MiB in all.
    private const int MostFilesAhead = 32;

    // All that a client's pool holds.
    private const int MostPagesAtOnce = 256;

    private readonly Dictionary<ulong, CachedFile> byNumber = [];
    private readonly Dictionary<ulong, CachedFile> byIdentity = [];
    private readonly LinkedList<CachedFile> byUse = [];
    private readonly List<CachedFile> ahead = new(MostFilesAhead);
    private readonly IMappedPagesSource mappings;
    private ulong lastNumber;
    private int windows;

    /// <summary>A cache without files.</summary>
    /// <param name="arena">The frames.</param>
    /// <param name="mappings">Makes objects.</param>
    /// <param name="kept">Pays for what the cache keeps in vfs' own heap.</param>
    /// <param name="now">Nanoseconds since boot; without it no page gets old.</param>
    public PageCache(IPageArena arena, IMappedPagesSource mappings, Budget kept, Func<long>? now = null)
    {
        this.mappings = mappings;
        Slots = new SlotPool(arena);
        Capacity = arena.Slots;
        Kept = kept;
        States = new SlotStates(arena.Slots);
        Reclaim = new PageReclaim(this, arena.Slots);
        WriteBack = new WriteBack(now ?? (static () => 0), () => Transfers.MayWrite, arena.Slots);
        MostAtOnce = Math.Clamp(arena.Slots / 4, 1, MostPagesAtOnce);
    }

    /// <summary>The slots.</summary>
    public SlotPool Slots { get; }

    /// <summary>Pages that the arena has, committed or not.</summary>
    public int Capacity { get; }

    /// <summary>Pays for the indexes of files.</summary>
    public Budget Kept { get; }

    /// <summary>Decides when what is dirty is written.</summary>
    public WriteBack WriteBack { get; }

    /// <summary>Pages of files with a store that were taken for others.</summary>
    public long Reclaimed => Reclaim.Taken;

    /// <summary>Most pages that one request needs at once; a read or write of more is short.</summary>
    internal int MostAtOnce { get; }

    /// <summary>Whose pages slots hold, where files have a store.</summary>
    internal SlotStates States { get; }

    /// <summary>What is under way to stores.</summary>
    internal TransferTable Transfers { get; } = new();

    /// <summary>Finds slots when there are none.</summary>
    internal PageReclaim Reclaim { get; }

    /// <summary>Bounds nothing: pages of files with a store are the cache's to take back.</summary>
    internal Budget Unbounded { get; } = new(long.MaxValue);

    /// <summary>Files that have an object.</summary>
    public int MappedFiles => byUse.Count;

    /// <summary>The file behind an object of the kernel, or null.</summary>
    public CachedFile? FindMapped(ulong identity) => byIdentity.GetValueOrDefault(identity);

    /// <summary>True while somebody maps a file so that it can be written, and has opened it through a mount: mount(2), EBUSY.</summary>
    public bool IsWrittenThrough(Mount mount)
    {
        foreach (CachedFile file in byUse)
        {
            if (file.Mapped?.IsWrittenThrough(mount) == true)
                return true;
        }

        return false;
    }

    /// <summary>A client touched a page that an object lacks, or may not write.</summary>
    /// <param name="number">The object's number.</param>
    /// <param name="page">Page of the file.</param>
    /// <param name="isWrite">The page itself is to be written.</param>
    /// <param name="missing">Where the page is on its way: tells what has become of it.</param>
    public Supplied Supply(ulong number, long page, bool isWrite, out MissingPage? missing)
    {
        missing = null;
        // An object that has gone meanwhile is no longer mapped there, or needs nobody: the client sees when it tries again.
        if (!byNumber.TryGetValue(number, out CachedFile? file))
            return Supplied.Ready;
        if (file.TrySupply(page, isWrite, out Supplied answer))
            return answer;
        if (!Transfers.MayKeep)
            return Supplied.Ready;
        var made = new MissingPage(this, number, page, isWrite);
        answer = file.SupplyLater(page, made);
        if (answer != Supplied.Later)
            return answer;
        Transfers.MissingPages++;
        missing = made;
        return answer;
    }

    /// <summary>What one waited for has ended.</summary>
    internal Supplied Supply(ulong number, long page, bool isWrite, MissingPage missing)
    {
        if (!byNumber.TryGetValue(number, out CachedFile? file))
            return Supplied.Ready;
        return file.TrySupply(page, isWrite, out Supplied answer) ? answer : file.SupplyLater(page, missing);
    }

    /// <summary>Gives up all pages that their stores have as they are here, and begins to write the others.</summary>
    public void DropClean()
    {
        Reclaim.MeetNothing();
        while (Reclaim.Free(States.Count))
        {
        }
    }

    /// <summary>
    /// Memory is short elsewhere: gives up to so many frames back that can be had at once, and begins to write what is dirty. False: there was nothing to give.
    /// </summary>
    public bool GiveBack(int frames)
    {
        Reclaim.MeetNothing();
        bool any = Slots.BeginGathering();
        // Who reads goes on, if slowly.
        int spare = States.Count - 2 * MostAtOnce;
        any |= spare > 0 && Reclaim.Free(Math.Min(frames, spare));
        Slots.EndGathering();
        return any;
    }

    /// <summary>Takes neighbouring slots as <see cref="SlotPool.Take"/> does, from files with a store if there are none.</summary>
    internal int TakeSlots(int wanted, out int first, out bool isZero)
    {
        int count = Slots.Take(wanted, out first, out isZero);
        if (count > 0)
            return count;
        Reclaim.MeetNothing();
        return TakeOthers(wanted, out first, out isZero);
    }

    /// <summary>As <see cref="TakeSlots"/>, but leaves what the present operation needs.</summary>
    internal int TakeOthers(int wanted, out int first, out bool isZero)
    {
        int count = Slots.Take(wanted, out first, out isZero);
        return count > 0 || !Reclaim.Free(wanted) ? count : Slots.Take(wanted, out first, out isZero);
    }

    /// <summary>Makes sure that so many slots can be taken.</summary>
    internal bool TryEnsure(int count)
    {
        while (!Slots.TryEnsure(count))
        {
            if (!SettleAhead() && !Reclaim.Free(count))
                return false;
        }

        return true;
    }

    /// <summary>
    /// Gives frames back to the account, which pays for the tables of mapped objects too: slots take all that it has. False: none. What the present operation
    /// needs stays.
    /// </summary>
    internal bool TryGiveFrames()
    {
        if (Slots.Trim())
            return true;
        bool isFreed = Reclaim.Free(1);
        Slots.Trim();
        return isFreed;
    }

    /// <summary>Makes room in an index, if need be by taking pages for which others keep entries.</summary>
    internal bool TryReserve(PageIndex index, long page, int count) => index.Reserve(page, count) || (Reclaim.Free(1) && index.Reserve(page, count));

    /// <summary>Gives up what was made ahead in all files and was not written. True: there was such.</summary>
    public bool SettleAhead()
    {
        bool any = false;
        while (ahead.Count > 0)
            any |= ahead[^1].SettleAhead();
        return any;
    }

    /// <summary>A file has pages that were made ahead; if too many have, it is too late for those of the first.</summary>
    internal void AddAhead(CachedFile file)
    {
        if (ahead.Count == MostFilesAhead)
            ahead[0].SettleAhead();
        ahead.Add(file);
    }

    /// <summary>It has none any more.</summary>
    internal void RemoveAhead(CachedFile file) => ahead.Remove(file);

    /// <summary>Most pages that are read ahead: a small part of the arena.</summary>
    internal int MostAhead(int most) => Math.Clamp(MostAtOnce / 4, 1, most);

    /// <summary>Gives a file an object, or null.</summary>
    internal MappedFile? Open(CachedFile file)
    {
        if (byUse.Count >= MostIdle)
            CloseIdle();
        if (byUse.Count >= MostMapped)
            return null;
        IMappedPages? pages = mappings.Create(++lastNumber);
        if (pages == null)
        {
            Reclaim.MeetNothing();
            pages = TryGiveFrames() ? mappings.Create(lastNumber) : null;
        }

        if (pages == null)
            return null;
        var mapped = new MappedFile(lastNumber, pages, byUse.AddLast(file));
        byNumber.Add(lastNumber, file);
        byIdentity.Add(pages.Identity, file);
        return mapped;
    }

    /// <summary>Makes an object of so many pages through which one client writes, or null.</summary>
    internal WriteWindow? OpenWindow(int count)
    {
        if (windows >= MostWindows || mappings.CreateWindow(count) is not { } pages)
            return null;
        windows++;
        return new WriteWindow(pages, () => windows--);
    }

    /// <summary>It was mapped again.</summary>
    internal void Touch(MappedFile mapped)
    {
        if (mapped.Place.Next == null)
            return;
        byUse.Remove(mapped.Place);
        byUse.AddLast(mapped.Place);
    }

    /// <summary>Lets an object go.</summary>
    internal void Close(MappedFile mapped)
    {
        byUse.Remove(mapped.Place);
        byNumber.Remove(mapped.Number);
        byIdentity.Remove(mapped.Pages.Identity);
        mapped.Pages.Close();
    }

    private void CloseIdle()
    {
        for (int looks = 0; looks < LooksPerTurn && byUse.First is { } place; looks++)
        {
            if (place.Value.TryCloseMapping())
                continue;
            byUse.Remove(place);
            byUse.AddLast(place);
        }
    }
}
