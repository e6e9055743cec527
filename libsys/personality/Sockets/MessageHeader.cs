using System.Runtime.InteropServices;

namespace Libsys.Personality;

/// <summary>struct msghdr, sendmsg(2).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MessageHeader
{
    /// <summary>Bytes of it, and of struct mmsghdr.</summary>
    public const ulong Length = 56, LengthOfMany = 64;

    /// <summary>Offsets of what recvmsg(2) writes.</summary>
    public const ulong NameLengthAt = 8, ControlLengthAt = 40, FlagsAt = 48;

    // net.core.optmem_max of Linux 6.1: more control data is refused when it is sent.
    private const ulong LargestControl = 20480;
    private const ulong MostVectors = 1024;

    /// <summary>Address.</summary>
    public ulong Name;
    /// <summary>Bytes of it.</summary>
    public uint NameLength;
    private readonly uint padding;
    /// <summary>Buffers.</summary>
    public ulong Vectors, VectorCount;
    /// <summary>Control data.</summary>
    public ulong Control, ControlLength;
    /// <summary>Flags of what was received.</summary>
    public uint Flags;
    private readonly uint more;

    /// <summary>Copies one, with its buffers: 0 or −errno; after success <see cref="IoVectors.Free"/> is owed.</summary>
    public static long Load(ulong address, MessageHeader* header, IoVectors* vectors, bool isSent)
    {
        if (!UserMemory.CopyIn(header, address, Length))
            return -Errno.EFAULT;
        if (header->Name == 0)
            header->NameLength = 0;
        if ((int)header->NameLength < 0)
            return -Errno.EINVAL;
        if (header->NameLength > SocketAddress.Longest)
            header->NameLength = SocketAddress.Longest;
        if (header->VectorCount > MostVectors)
            return -Errno.EMSGSIZE;
        if (isSent && header->ControlLength > LargestControl)
            return -Errno.ENOBUFS;
        return IoVectors.Load(vectors, header->Vectors, header->VectorCount);
    }
}
