using Libsys.Hosting;
using Servers.Drivers.Console.Serial;

namespace Servers.Drivers.Console.Hosting;

/// <summary>The registers of a UART at its I/O ports. The counts are the kernel's: they outlive this process.</summary>
internal sealed class UartPorts(IoPorts ports, ushort first, ServerHealth health) : IPorts
{
    private const ushort LineStatus = 5;
    private const byte DataReady = 1;

    /// <inheritdoc/>
    public byte Read(int register) => ports.Read8((ushort)(first + register));

    /// <inheritdoc/>
    public void Write(int register, byte value) => ports.Write8((ushort)(first + register), value);

    /// <inheritdoc/>
    public void Transmit(ReadOnlySpan<byte> bytes)
    {
        ports.WriteBytes(first, bytes);
        health.NoteOutput();
    }

    /// <inheritdoc/>
    public int Receive(Span<byte> to) => ports.ReadWhile(first, (ushort)(first + LineStatus), DataReady, to);

    /// <inheritdoc/>
    public LinePositions Positions(Span<byte> last) =>
        ports.TryQuery(last, out PortTransfers transfers, out int kept) == Libsys.Abi.KernelStatus.Ok
        ? new LinePositions(transfers.Written, transfers.Received, kept) : default;
}
