using Libsys.Abi;
using Libsys.Hosting;
using Servers.Vfs.Pages;

namespace Servers.Vfs.Hosting;

/// <summary>A file's pager-backed object.</summary>
internal sealed class KernelMappedPages(MemoryObjectHandle handle, KernelPageArena arena) : IMappedPages
{
    private const ulong PageLength = CachedFile.PageSize;

    /// <summary>The object.</summary>
    public MemoryObjectHandle Handle { get; } = handle;

    /// <inheritdoc/>
    public ulong Identity { get; } = handle.Identity;

    /// <inheritdoc/>
    public long CountMappings() => Handle.CountMappings();

    /// <inheritdoc/>
    public long CountWriters() => Handle.CountWriters();

    /// <inheritdoc/>
    public bool Share(long page, int slot, int count, bool isAhead = false) =>
        Handle.Share((ulong)page * PageLength, (ulong)count * PageLength, arena.Memory, (ulong)slot * PageLength, isAhead) == KernelStatus.Ok;

    /// <inheritdoc/>
    public bool Lend(long page, IFileImage image, long offset, int count) =>
        Handle.Share((ulong)page * PageLength, (ulong)count * PageLength, ((ArchiveImage)image).Handle, (ulong)offset) == KernelStatus.Ok;

    /// <inheritdoc/>
    public ulong Discard(long page, long count, bool copies) => Handle.Discard((ulong)page * PageLength, (ulong)count * PageLength, copies, out ulong written)
        == KernelStatus.Ok ? written : 0;

    /// <inheritdoc/>
    public void CollectDirty(long page, int count, out ulong low, out ulong high) =>
        Handle.CollectDirty((ulong)page * PageLength, (ulong)count * PageLength, out low, out high);

    /// <inheritdoc/>
    public void Detach(long pages) => Handle.Detach((ulong)pages * PageLength);

    /// <inheritdoc/>
    public void Close() => Handle.Handle.Close();

    /// <inheritdoc/>
    public void Destroy()
    {
        Handle.Destroy();
        Handle.Handle.Close();
    }
}
