using Libsys.Abi;
using Libsys.Hosting;
using Servers.Vfs.Machine;

namespace Servers.Vfs.Hosting;

/// <summary>The log behind a machine handle that may read it and nothing else.</summary>
internal sealed class KernelLogReader(MachineHandle machine) : IKernelLogSource
{
    /// <inheritdoc/>
    public int Capacity => LogBuffer.Capacity;

    /// <inheritdoc/>
    public long Read(ref ulong position, Span<byte> text, out ulong skipped) => machine.ReadLog(ref position, text, out skipped);
}
