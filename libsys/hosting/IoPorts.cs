using Libsys.Abi;

namespace Libsys.Hosting;

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
}
