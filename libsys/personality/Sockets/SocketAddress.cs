namespace Libsys.Personality;

/// <summary>struct sockaddr_un as calls give and take it, unix(7), and what calls on sockets begin with.</summary>
internal static unsafe class SocketAddress
{
    /// <summary>Bytes of struct sockaddr_storage: no address is longer.</summary>
    public const uint Longest = 128;

    /// <summary>Bytes of the family.</summary>
    public const uint FamilyLength = 2;

    /// <summary>A descriptor that is a socket: EBADF, ENOTSOCK.</summary>
    public static bool TryFind(TaskState* task, ulong fd, Descriptor* descriptor, out long error)
    {
        error = -Errno.EBADF;
        if (!DescriptorTable.Find(task, fd, descriptor) || !DescriptorFacts.Learn(task, fd, descriptor) || (descriptor->Access & OpenFlags.Path) != 0)
            return false;
        error = -Errno.ENOTSOCK;
        return (descriptor->Bits & DescriptorBits.Local) == 0 && (descriptor->Mode & InodeMode.TypeMask) == InodeMode.Socket;
    }

    /// <summary>
    /// Copies an address without its family to <paramref name="to"/>, which has room for <see cref="Longest"/> bytes: its length, −EINVAL or −EFAULT.
    /// </summary>
    public static long Read(ulong address, ulong length, byte* to, out ushort family)
    {
        family = 0;
        int given = (int)(uint)length;
        if (given < 0 || given > (int)Longest)
            return -Errno.EINVAL;
        byte* copy = stackalloc byte[(int)Longest];
        if (!UserMemory.CopyIn(copy, address, (uint)given))
            return -Errno.EFAULT;
        if (given < (int)FamilyLength)
            return -Errno.EINVAL;
        family = *(ushort*)copy;
        BlockMemory.Move(to, copy + FamilyLength, (uint)given - FamilyLength);
        return given - (int)FamilyLength;
    }

    /// <summary>
    /// Gives an address of so many bytes without family, as accept(2) does: cut to what there is room for, with its whole length behind
    /// <paramref name="lengthAddress"/>. <paramref name="isNothing"/>: no address at all, of length 0.
    /// </summary>
    public static long Write(ulong address, ulong lengthAddress, byte* from, uint length, bool isNothing = false)
    {
        if (!UserMemory.ReadU32(lengthAddress, out uint room))
            return -Errno.EFAULT;
        if ((int)room < 0)
            return -Errno.EINVAL;
        long whole = WriteTo(address, room, from, length, isNothing);
        return whole < 0 || UserMemory.WriteU32(lengthAddress, (uint)whole) ? whole < 0 ? whole : 0 : -Errno.EFAULT;
    }

    /// <summary>The same where the length is not an own argument: bytes of the address, or −EFAULT.</summary>
    public static long WriteTo(ulong address, uint room, byte* from, uint length, bool isNothing)
    {
        byte* composed = stackalloc byte[(int)Longest];
        if (length > Longest - FamilyLength)
            length = Longest - FamilyLength;
        *(ushort*)composed = SocketNumbers.UnixFamily;
        BlockMemory.Move(composed + FamilyLength, from, length);
        uint whole = isNothing ? 0 : length + FamilyLength;
        if (room > whole)
            room = whole;
        return room == 0 || UserMemory.CopyOut(address, composed, room) ? whole : -Errno.EFAULT;
    }
}
