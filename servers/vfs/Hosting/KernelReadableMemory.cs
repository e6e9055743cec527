using Libsys.Abi;
using Libsys.Hosting;
using Servers.Vfs.Processes;

namespace Servers.Vfs.Hosting;

/// <summary>An object that vfs writes and programs map by a handle that can only be read: no mapping of theirs ever becomes writable.</summary>
internal sealed class KernelReadableMemory : IReadableMemory
{
    /// <summary>Makes one, charged to vfs, of zeros.</summary>
    /// <exception cref="InvalidOperationException">There is no memory for it.</exception>
    public KernelReadableMemory(ulong length)
    {
        KernelStatus status = SealedMemory.TryCreate(length, out MemoryObjectHandle memory, out MappedMemory? mapped);
        KernelHandle readable = default;
        if (status == KernelStatus.Ok)
            status = memory.Handle.TryDuplicate(Rights.Read, out readable);
        if (status != KernelStatus.Ok)
            throw new InvalidOperationException($"memory for programs to read: {status}");
        Memory = mapped!;
        Object = new MemoryObjectHandle(readable.Index);
        memory.Handle.Close(); // the mapping keeps it
    }

    /// <summary>As vfs sees it.</summary>
    public MappedMemory Memory { get; }

    /// <summary>What is mapped for programs.</summary>
    public MemoryObjectHandle Object { get; }

    /// <inheritdoc/>
    public ulong Length => Memory.Length;
}
