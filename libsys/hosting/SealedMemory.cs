using Libsys.Abi;

namespace Libsys.Hosting;

/// <summary>
/// Objects of a connection, or of memory that programs are shown: sealed, so that no access to them can fault whatever the peer does, and of a length that
/// both sides know. Their frames are all there and never move, so they can also be pinned for a device.
/// </summary>
public static class SealedMemory
{
    private const MapFlags SharedAccess = MapFlags.Read | MapFlags.Write | MapFlags.Shared;

    /// <summary>Maps a peer's object. BadArgument if it is not sealed, or not exactly <paramref name="length"/> bytes long.</summary>
    public static KernelStatus TryMap(MemoryObjectHandle memory, ulong length, out MappedMemory? mapped)
    {
        mapped = null;
        KernelStatus status = memory.TryQuery(out ulong actual, out MemoryFlags flags, out _);
        if (status != KernelStatus.Ok)
            return status;
        if (actual != length || (flags & MemoryFlags.Sealed) == 0)
            return KernelStatus.BadArgument;
        return MappedMemory.TryMap(memory, 0, length, SharedAccess, out mapped);
    }

    /// <summary>Makes an object, charged to the own account, and maps it. On failure nothing is left.</summary>
    public static KernelStatus TryCreate(ulong length, out MemoryObjectHandle memory, out MappedMemory? mapped)
    {
        mapped = null;
        KernelStatus status = MemoryObjectHandle.TryCreate(length, MemoryFlags.Sealed, out memory);
        if (status != KernelStatus.Ok)
            return status;
        status = MappedMemory.TryMap(memory, 0, length, SharedAccess, out mapped);
        if (status != KernelStatus.Ok)
            memory.Handle.Close();
        return status;
    }
}
