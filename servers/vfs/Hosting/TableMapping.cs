using Libsys.Abi;
using Libsys.Hosting;

namespace Servers.Vfs.Hosting;

/// <summary>Maps tables that other servers publish.</summary>
internal static class TableMapping
{
    /// <summary>Maps the table behind a named handle read-only; null (and a line in the log) if the manifest gave none.</summary>
    public static MappedMemory? TryMap(ServerContext context, string name, ulong length)
    {
        var handle = new MemoryObjectHandle(context.FindHandle(name).Index);
        KernelStatus status = KernelStatus.BadHandle;
        MappedMemory? mapped = null;
        if (handle.Handle.IsValid)
            status = MappedMemory.TryMap(handle, 0, length, MapFlags.Read | MapFlags.Shared, out mapped);
        if (mapped == null)
            context.Log.Write($"no {name}: {status}");
        return mapped;
    }
}
