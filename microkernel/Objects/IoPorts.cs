using System.Runtime.InteropServices;
using Libsys.Abi;

namespace Microkernel;

/// <summary>
/// A range of I/O ports. It counts bytes of streams that went through it: a driver that takes over from one that ended knows from that exactly
/// what was sent, and gets back what was read but not handed on.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoPorts
{
    public KernelObject Header;
    public uint First, Count;
    /// <summary>Bytes of streams so far.</summary>
    public ulong Written, Received;
    /// <summary>The last bytes received; byte p at p % <see cref="PortHistory.Length"/>.</summary>
    public fixed byte Last[PortHistory.Length];

    /// <summary>True if an access of some width at a port lies in the range.</summary>
    public bool Covers(ulong port, ulong width) => port - First < Count && width <= Count - (port - First);

    /// <summary>Reads bytes from a port while a status port has one of some bits set; returns how many.</summary>
    public static ulong ReadWhile(IoPorts* ports, ushort port, ushort status, byte mask, byte* bytes, ulong count)
    {
        ulong read = 0;
        for (; read < count && (Machine.PortIn8(status) & mask) != 0; read++)
        {
            byte value = Machine.PortIn8(port);
            bytes[read] = value;
            ports->Last[ports->Received++ % PortHistory.Length] = value;
        }
        return read;
    }
}
