using Libsys.Hosting;
using Libsys.Hosting.Devices;
using Libsys.Messages;

namespace Servers.Drivers.VirtioBlk.Disks;

/// <summary>Memory of a disk's requests that the device reads and writes: of each a header, a status, a range and a table of descriptors.</summary>
/// <param name="memory">All of it.</param>
/// <param name="start">Where the first begins: at a page.</param>
internal sealed class RequestSlots(DmaMemory memory, ulong start)
{
    /// <summary>Bytes of one: half a page, so that each lies together.</summary>
    public const ulong Length = 2048;

    private const ulong Status = BlockLayout.HeaderLength, Range = 32, Table = 64;

    /// <summary>Pages of as many as a client can have in flight.</summary>
    public const int Pages = BlockLimits.Requests * (int)Length / 4096;

    /// <summary>The memory as the driver sees it.</summary>
    public MappedMemory Mapped => memory.Mapped;

    /// <summary>Offset of a slot's header.</summary>
    public ulong HeaderAt(int slot) => start + (ulong)slot * Length;

    /// <summary>Offset of its status.</summary>
    public ulong StatusAt(int slot) => HeaderAt(slot) + Status;

    /// <summary>Offset of its range.</summary>
    public ulong RangeAt(int slot) => HeaderAt(slot) + Range;

    /// <summary>Offset of its table.</summary>
    public ulong TableAt(int slot) => HeaderAt(slot) + Table;

    /// <summary>Where the device sees an offset.</summary>
    public ulong AddressOf(ulong offset) => memory.AddressOf(offset);
}
