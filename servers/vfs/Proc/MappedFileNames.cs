using Servers.Vfs.Objects;
using Servers.Vfs.Pages;
using Servers.Vfs.Processes;

namespace Servers.Vfs.Proc;

/// <summary>Names of the files of a page cache.</summary>
public sealed class MappedFileNames(PageCache cache) : IMappedNames
{
    /// <inheritdoc/>
    public Location? Find(ulong memoryObject) => cache.FindMapped(memoryObject)?.MappedAs;
}
