using Libsys.Hosting;

namespace Servers.Vfs.Pages;

/// <summary>Pages of all files in memory, and the objects through which files are mapped: docs/page-cache.md.</summary>
/// <param name="arena">The frames.</param>
/// <param name="mappings">Makes objects.</param>
/// <param name="kept">Pays for what the cache keeps in vfs' own heap.</param>
public sealed class PageCache(IPageArena arena, IMappedPagesSource mappings, Budget kept)
{
    // Objects that nobody maps are kept for the next who does: programs and libraries. Those that are mapped, by anybody, have an end too: each is a handle and
    // a frame or two.
    private const int MostIdle = 512, MostMapped = 8192;

    // When there are too many, so many are looked at, and a mapped one goes to the end: about as often as a file is mapped, an old one goes.
    private const int LooksPerTurn = 16;

    private readonly Dictionary<ulong, CachedFile> byNumber = [];
    private readonly Dictionary<ulong, CachedFile> byIdentity = [];
    private readonly LinkedList<CachedFile> byUse = [];
    private ulong lastNumber;

    /// <summary>The slots.</summary>
    public SlotPool Slots { get; } = new(arena);

    /// <summary>Pays for the indexes of files.</summary>
    public Budget Kept { get; } = kept;

    /// <summary>Files that have an object.</summary>
    public int MappedFiles => byUse.Count;

    /// <summary>The file behind an object of the kernel, or null.</summary>
    public CachedFile? FindMapped(ulong identity) => byIdentity.GetValueOrDefault(identity);

    /// <summary>A client touched a page that an object lacks, or may not write. False: the access fails.</summary>
    /// <param name="number">The object's number.</param>
    /// <param name="page">Page of the file.</param>
    /// <param name="isWrite">The page itself is to be written.</param>
    public bool Supply(ulong number, long page, bool isWrite) =>
        // An object that has gone meanwhile is no longer mapped there, or needs nobody: the client sees when it tries again.
        !byNumber.TryGetValue(number, out CachedFile? file) || file.Supply(page, isWrite);

    /// <summary>Gives a file an object, or null.</summary>
    internal MappedFile? Open(CachedFile file)
    {
        if (byUse.Count >= MostIdle)
            CloseIdle();
        if (byUse.Count >= MostMapped || mappings.Create(++lastNumber) is not { } pages)
            return null;
        var mapped = new MappedFile(lastNumber, pages, byUse.AddLast(file));
        byNumber.Add(lastNumber, file);
        byIdentity.Add(pages.Identity, file);
        return mapped;
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

/// <summary>A file's object, and its place among those that were used.</summary>
/// <param name="Number">What missing pages are asked for under.</param>
/// <param name="Pages">The object.</param>
/// <param name="Place">In the list.</param>
internal sealed record MappedFile(ulong Number, IMappedPages Pages, LinkedListNode<CachedFile> Place);
