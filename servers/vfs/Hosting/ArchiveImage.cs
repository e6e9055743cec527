using Libsys.Hosting;
using Servers.Vfs.Pages;

namespace Servers.Vfs.Hosting;

/// <summary>The boot archive, which the kernel maps and lends.</summary>
internal sealed class ArchiveImage(MemoryObjectHandle handle, MappedMemory mapped) : IFileImage
{
    /// <summary>The object.</summary>
    public MemoryObjectHandle Handle { get; } = handle;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Bytes => mapped.Span(0, (int)mapped.Length);
}
