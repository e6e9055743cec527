using Libsys.Abi;
using Libsys.Rings;

namespace Libsys.Hosting;

/// <summary>Tells the client of a connection, through its rings, that the server behind it has ended.</summary>
public static class DeadConnection
{
    /// <summary>Marks the rings: the client gives the connection up when it looks at them next.</summary>
    public static void Mark(MemoryObjectHandle rings)
    {
        if (MappedMemory.TryMap(rings, 0, PageLength, MapFlags.Read | MapFlags.Write | MapFlags.Shared, out MappedMemory? page) != KernelStatus.Ok)
            return;
        page!.WriteUInt64(RingLayout.Generation, RingLayout.DeadGeneration);
        page.Dispose();
    }

    private const ulong PageLength = 4096;
}
