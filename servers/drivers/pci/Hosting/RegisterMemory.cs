using Libsys.Abi;
using Libsys.Hosting;

namespace Servers.Drivers.Pci.Hosting;

/// <summary>Registers of devices in memory.</summary>
internal static class RegisterMemory
{
    /// <summary>Bytes of a page: what can be mapped, and given away.</summary>
    public const ulong PageLength = 4096;

    /// <summary>Maps registers here.</summary>
    /// <exception cref="InvalidOperationException">The range is no device's, or there is no memory for the mapping.</exception>
    public static MappedMemory Map(MachineHandle machine, ulong address, ulong length)
    {
        KernelStatus status = machine.TryCreateDeviceMemory(address, length, out MemoryObjectHandle memory);
        MappedMemory? mapped = null;
        if (status == KernelStatus.Ok)
        {
            status = MappedMemory.TryMap(memory, 0, length, MapFlags.Read | MapFlags.Write | MapFlags.Shared, out mapped);
            memory.Handle.Close(); // the mapping keeps it
        }

        return mapped ?? throw new InvalidOperationException($"registers at {address:x}: {status}");
    }
}
