using Libsys.Abi;
using Libsys.Hosting;
using Servers.Vfs.Tmpfs;

namespace Servers.Vfs.Hosting;

/// <summary>File pages in a memory object of the kernel, mapped here for as long as the file lives.</summary>
internal sealed class KernelFileMemory : IFileMemory
{
    private readonly MappedMemory mapped;
    private readonly bool isOwned;

    /// <summary>A mapped object; <paramref name="isOwned"/>: closed with the file.</summary>
    public KernelFileMemory(MemoryObjectHandle handle, MappedMemory mapped, bool isOwned)
    {
        Handle = handle;
        this.mapped = mapped;
        this.isOwned = isOwned;
    }

    /// <summary>The object.</summary>
    public MemoryObjectHandle Handle { get; }

    /// <inheritdoc/>
    public Span<byte> Bytes => mapped.Span(0, (int)mapped.Length);

    /// <inheritdoc/>
    public bool Commit(long offset, long length) => mapped.TryPopulate((ulong)offset, (ulong)length) == KernelStatus.Ok;

    /// <inheritdoc/>
    public void Discard(long offset, long length) => Handle.Discard((ulong)offset, (ulong)length);

    /// <inheritdoc/>
    public void Release()
    {
        if (!isOwned)
            return;
        mapped.Dispose();
        Handle.Handle.Close();
    }
}
