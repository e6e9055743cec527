using Libsys.Hosting;
using Servers.Drivers.Console.Serial;

namespace Servers.Drivers.Console.Hosting;

/// <summary>The registers of a UART at its I/O ports.</summary>
internal sealed class UartPorts(IoPorts ports, ushort first) : IPorts
{
    /// <inheritdoc/>
    public byte Read(int register) => ports.Read8((ushort)(first + register));

    /// <inheritdoc/>
    public void Write(int register, byte value) => ports.Write8((ushort)(first + register), value);

    /// <inheritdoc/>
    public void Transmit(ReadOnlySpan<byte> bytes) => ports.WriteBytes(first, bytes);
}
