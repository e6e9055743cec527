using Libsys.Abi;

namespace Libsys.Hosting;

/// <summary>What went through a range of I/O ports since it was made, whoever held it.</summary>
/// <param name="Written">Bytes of <see cref="IoPorts.WriteBytes"/>.</param>
/// <param name="Received">Bytes of <see cref="IoPorts.ReadWhile"/>.</param>
public readonly record struct PortTransfers(ulong Written, ulong Received);

/// <summary>A range of I/O ports. A port outside the range reads as all ones and is not written, as an absent device would behave.</summary>
/// <param name="Index">Index in the own table.</param>
public readonly record struct IoPorts(uint Index)
{
    /// <summary>As a handle of any type.</summary>
    public KernelHandle Handle => new(Index);

    /// <summary>Reads 8 bits.</summary>
    public byte Read8(ushort port) => (byte)Kernel.Call(KernelCall.PortRead, Index, port, 1);

    /// <summary>Reads 16 bits.</summary>
    public ushort Read16(ushort port) => (ushort)Kernel.Call(KernelCall.PortRead, Index, port, 2);

    /// <summary>Reads 32 bits.</summary>
    public uint Read32(ushort port) => (uint)Kernel.Call(KernelCall.PortRead, Index, port, 4);

    /// <summary>Writes 8 bits.</summary>
    public KernelStatus Write8(ushort port, byte value) => Kernel.Status(KernelCall.PortWrite, Index, port, 1, value);

    /// <summary>Writes 16 bits.</summary>
    public KernelStatus Write16(ushort port, ushort value) => Kernel.Status(KernelCall.PortWrite, Index, port, 2, value);

    /// <summary>Writes 32 bits.</summary>
    public KernelStatus Write32(ushort port, uint value) => Kernel.Status(KernelCall.PortWrite, Index, port, 4, value);

    /// <summary>Longest run of <see cref="WriteBytes"/>, bytes.</summary>
    public const int LongestRun = ThreadBlock.MessageLength;

    /// <summary>Writes bytes to one port in one kernel call: a UART's FIFO is filled so. At most <see cref="LongestRun"/> bytes.</summary>
    public KernelStatus WriteBytes(ushort port, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > LongestRun)
            return KernelStatus.BadArgument;
        bytes.CopyTo(Kernel.MessageBytes);
        return Kernel.Status(KernelCall.PortWriteBytes, Index, port, (ulong)bytes.Length);
    }

    /// <summary>
    /// Reads bytes from a port into the start of <paramref name="bytes"/> while a status port has one of <paramref name="mask"/>'s bits set, at most
    /// <see cref="PortHistory.ReadLimit"/>. Returns how many; 0 as well if the ports are not in the range.
    /// </summary>
    public int ReadWhile(ushort port, ushort statusPort, byte mask, Span<byte> bytes)
    {
        int count = Math.Min(bytes.Length, PortHistory.ReadLimit);
        int read = Math.Max((int)Kernel.Call(KernelCall.PortReadWhile, Index, port, (ulong)statusPort << 16 | mask, (ulong)count), 0);
        Kernel.MessageBytes[..read].CopyTo(bytes);
        return read;
    }

    /// <summary>
    /// What went through the ports so far, and the last bytes that were received: those before position Received, oldest first, as many as fit
    /// <paramref name="last"/>.
    /// </summary>
    /// <param name="last">At most <see cref="PortHistory.Length"/> bytes.</param>
    /// <param name="count">How many bytes were written to it, from its start.</param>
    public KernelStatus TryQuery(Span<byte> last, out PortTransfers transfers, out int count)
    {
        KernelStatus status = Kernel.Status(KernelCall.PortQuery, Index);
        if (status != KernelStatus.Ok)
        {
            transfers = default;
            count = 0;
            return status;
        }
        ReadOnlySpan<byte> area = Kernel.MessageBytes;
        ulong written = BitConverter.ToUInt64(area), received = BitConverter.ToUInt64(area[8..]);
        count = (int)Math.Min(received, (ulong)Math.Min(last.Length, PortHistory.Length));
        for (int i = 0; i < count; i++)
            last[i] = area[16 + (int)((received - (ulong)count + (ulong)i) % PortHistory.Length)];
        transfers = new PortTransfers(written, received);
        return KernelStatus.Ok;
    }
}
