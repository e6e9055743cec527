using Libsys.Abi;
using Libsys.Hosting;
using Servers.Vfs.Tmpfs;

namespace Servers.Vfs.Hosting;

/// <summary>File pages in a memory object of the kernel, mapped here for as long as the file lives.</summary>
internal sealed class KernelFileMemory : IFileMemory
{
    private readonly MappedMemory mapped;
    private readonly KernelFileMemorySource? source;

    /// <summary>A mapped object, closed with the file if it comes from <paramref name="source"/>; null: somebody else's, all of whose pages exist.</summary>
    public KernelFileMemory(MemoryObjectHandle handle, MappedMemory mapped, KernelFileMemorySource? source)
    {
        Handle = handle;
        this.mapped = mapped;
        this.source = source;
    }

    /// <summary>The object.</summary>
    public MemoryObjectHandle Handle { get; }

    /// <inheritdoc/>
    public Span<byte> Bytes => mapped.Span(0, (int)mapped.Length);

    /// <inheritdoc/>
    public bool Commit(long offset, long length) =>
        (source == null || source.MayTake(length)) && mapped.TryPopulate((ulong)offset, (ulong)length) == KernelStatus.Ok;

    /// <inheritdoc/>
    public void Discard(long offset, long length) => Handle.Discard((ulong)offset, (ulong)length);

    /// <inheritdoc/>
    public void Release()
    {
        if (source == null)
            return;
        mapped.Dispose();
        Handle.Handle.Close();
    }
}
