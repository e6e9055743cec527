using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Hosting.Keeping;
using Libsys.Messages;

namespace Servers.Drivers.Pci.Hosting;

/// <summary>The memory of the table of functions: those who map it see what a successor of this server writes too.</summary>
internal static class KeptTable
{
    private const string Name = "table";

    /// <summary>Finds a predecessor's, or makes one.</summary>
    /// <exception cref="InvalidOperationException">No memory.</exception>
    public static (MemoryObjectHandle Memory, MappedMemory Mapped) Open(KeptObjects names, AccountHandle kept)
    {
        Span<KernelHandle> handles = stackalloc KernelHandle[KeptObjects.MostHandles];
        MemoryObjectHandle memory;
        if (names.TryFind(Name, handles, out int count) == KeepStatus.Ok && count == 1)
        {
            memory = new MemoryObjectHandle(handles[0].Index);
        }
        else
        {
            KernelStatus status = MemoryObjectHandle.TryCreate(FunctionTable.Length, MemoryFlags.None, out memory, kept);
            if (status != KernelStatus.Ok || names.Keep(Name, memory.Handle) != KeepStatus.Ok)
                throw new InvalidOperationException("table of functions: " + status);
        }

        KernelStatus mapping = MappedMemory.TryMap(memory, 0, FunctionTable.Length, MapFlags.Read | MapFlags.Write | MapFlags.Shared, out MappedMemory? mapped);
        return (memory, mapped ?? throw new InvalidOperationException("table of functions: " + mapping));
    }
}
