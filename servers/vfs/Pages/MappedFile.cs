using Servers.Vfs.Objects;

namespace Servers.Vfs.Pages;

/// <summary>A file's object, its place among those that were used, and who fills holes through it.</summary>
/// <param name="Number">What missing pages are asked for under.</param>
/// <param name="Pages">The object.</param>
/// <param name="Place">In the list.</param>
internal sealed record MappedFile(ulong Number, IMappedPages Pages, LinkedListNode<CachedFile> Place)
{
    // A set is dear, and nearly always there is one.
    private Mount? writtenThrough;
    private HashSet<Mount>? otherWritten;

    /// <summary>The file was opened through a mount and mapped so that it can be written.</summary>
    public void NoteWritten(Mount mount)
    {
        writtenThrough ??= mount;
        if (writtenThrough != mount)
            (otherWritten ??= []).Add(mount);
    }

    /// <summary>True if somebody who can write the pages now may have opened the file through a mount.</summary>
    public bool IsWrittenThrough(Mount mount) =>
        (writtenThrough == mount || otherWritten?.Contains(mount) == true) && Pages.CountWriters() > 0;

    /// <summary>First page of the latest mapping that can be written, until something is missing; else −1.</summary>
    public long Front { get; set; } = -1;

    /// <summary>The page behind that mapping.</summary>
    public long End { get; set; }

    /// <summary>Where the next page will be missing if a client goes on from front to back.</summary>
    public long NextMissing { get; set; } = -1;

    /// <summary>How many pages were made last.</summary>
    public int MadeLast { get; set; }

    /// <summary>First of the pages that were made ahead: neighbours in the file and in the arena.</summary>
    public long FirstAhead { get; set; }

    /// <summary>Number of those.</summary>
    public int AheadCount { get; set; }
}
