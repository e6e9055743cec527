using Libsys.Abi;
using Libsys.Hosting;
using Servers.Vfs.Pages;

namespace Servers.Vfs.Hosting;

/// <summary>An object with files of the root, which the kernel maps and lends: the boot archive or the root image.</summary>
internal sealed class ArchiveImage(MemoryObjectHandle handle, MappedMemory mapped) : IFileImage
{
    /// <summary>The object.</summary>
    public MemoryObjectHandle Handle { get; } = handle;

    /// <summary>Maps an object as a whole; null without one.</summary>
    /// <exception cref="InvalidDataException">It cannot be mapped.</exception>
    public static ArchiveImage? TryMap(KernelHandle handle)
    {
        if (!handle.IsValid)
            return null;
        var memory = new MemoryObjectHandle(handle.Index);
        MappedMemory? mapped = null;
        KernelStatus status = memory.TryQuery(out ulong length, out _, out _);
        if (status == KernelStatus.Ok)
            status = MappedMemory.TryMap(memory, 0, length, MapFlags.Read | MapFlags.Shared, out mapped);
        return status == KernelStatus.Ok ? new ArchiveImage(memory, mapped!) : throw new InvalidDataException($"root image: cannot be mapped ({status})");
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Bytes(long offset, int length) => mapped.Span((ulong)offset, length);
}
