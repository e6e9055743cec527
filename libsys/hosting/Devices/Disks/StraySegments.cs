using System.Buffers.Binary;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Hosting.Devices.Disks;

/// <summary>
/// Segments as a driver with a bug would give them to its device (<see cref="InjectedFault.Stray"/>): they lie in a page that is the driver's own and was lent
/// to the device once, but is not any more.
/// </summary>
internal static class StraySegments
{
    private const ulong PageLength = 4096;

    /// <summary>Copies segments and has them lie elsewhere; as they are, if there is no memory for that.</summary>
    public static byte[] Of(ReadOnlySpan<byte> segments, DmaDomainHandle domain)
    {
        byte[] strayed = segments.ToArray();
        Span<ulong> address = stackalloc ulong[1];
        if (SealedMemory.TryCreate(PageLength, out MemoryObjectHandle memory, out _) != KernelStatus.Ok
            || domain.TryPin(memory, 0, address, out uint pin) != KernelStatus.Ok)
        {
            return strayed;
        }

        // The page stays, mapped here: no frame of anybody else's is at stake.
        domain.Unpin(pin);
        for (int offset = 0; offset + BlockLimits.SegmentLength <= strayed.Length; offset += BlockLimits.SegmentLength)
        {
            Span<byte> field = strayed.AsSpan(offset);
            BinaryPrimitives.WriteUInt64LittleEndian(field, address[0] | BinaryPrimitives.ReadUInt64LittleEndian(field) & (PageLength - 1));
        }

        return strayed;
    }
}
