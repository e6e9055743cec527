using Libsys.Abi;

namespace Servers.Vfs.Pages;

/// <summary>What clients map of a file: a pager-backed object that holds pages of the cache. Page numbers are those of the file.</summary>
public interface IMappedPages
{
    /// <summary>What the kernel calls the object.</summary>
    ulong Identity { get; }

    /// <summary>Number of mappings.</summary>
    long CountMappings();

    /// <summary>Number of those that can write them, now or after mprotect(2).</summary>
    long CountWriters();

    /// <summary>
    /// Makes slots pages of the object; those that are there already stay. False: no memory. <paramref name="isAhead"/>: pages that are only read count as
    /// written, until it is collected what was.
    /// </summary>
    bool Share(long page, int slot, int count, bool isAhead = false);

    /// <summary>The same with pages of an image, from a byte offset there on: they can be read and copied, a write asks the cache.</summary>
    bool Lend(long page, IFileImage image, long offset, int count);

    /// <summary>Takes pages away from the object and from all mappings.</summary>
    /// <param name="page">The first.</param>
    /// <param name="count">Number.</param>
    /// <param name="copies">What private mappings have copied goes too.</param>
    /// <returns>Of at most 64 pages, a bit for each that a mapping had written since it was last collected.</returns>
    ulong Discard(long page, long count, bool copies);

    /// <summary>Write-protects up to 128 pages in all mappings, and says which were written since the last time: a bit each, 64 in each word.</summary>
    void CollectDirty(long page, int count, out ulong low, out ulong high);

    /// <summary>Nobody answers for missing pages any more: they are zero, and the object ends after so many pages. It must hold none behind that.</summary>
    void Detach(long pages);

    /// <summary>Lets the object go; mappings keep it.</summary>
    void Close();

    /// <summary>Ends the object with all mappings: whoever touches it afterwards has a fault.</summary>
    void Destroy();
}

/// <summary>Makes them.</summary>
public interface IMappedPagesSource
{
    /// <summary>An object of <see cref="CachedFile.Limit"/> bytes whose missing pages are asked for under a number; null: no memory or handle.</summary>
    IMappedPages? Create(ulong number);

    /// <summary>An object of so many pages, of which none will be asked for; null: no memory or handle.</summary>
    IMappedPages? CreateWindow(int pages);
}

/// <summary>An address space that they can be mapped into.</summary>
public interface IMappingSpace
{
    /// <summary>Maps part of a file's object. The label stays with the mapping, also in copies of the space.</summary>
    KernelStatus Map(ulong address, long length, MapFlags flags, IMappedPages pages, long offset, uint label);
}
