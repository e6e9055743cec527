using System.Runtime.InteropServices;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>What a sent message has beside bytes, read from the program: descriptors as vfs handles, and credentials, unix(7).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct OutgoingControl
{
    /// <summary>Handles.</summary>
    public fixed uint Handles[SocketLimits.MostRights];

    /// <summary>How many of them there are.</summary>
    public uint Count;

    /// <summary>1: the next three are given.</summary>
    public uint HasCredentials;

    /// <summary>struct ucred.</summary>
    public uint Pid, User, Group;

    /// <summary>Reads control data: EINVAL for what is malformed, EBADF for what is not open. Other levels than SOL_SOCKET mean nothing, as on Linux.</summary>
    public static long Read(TaskState* task, OutgoingControl* control, ulong address, ulong length)
    {
        const int levelAt = 8, typeAt = 12;
        for (ulong at = 0; length >= SocketNumbers.ControlHeader && at <= length - SocketNumbers.ControlHeader;)
        {
            if (!UserMemory.ReadU64(address + at, out ulong piece) || !UserMemory.ReadU32(address + at + levelAt, out uint level)
                || !UserMemory.ReadU32(address + at + typeAt, out uint type))
                return -Errno.EFAULT;
            if (piece < SocketNumbers.ControlHeader || piece > length - at)
                return -Errno.EINVAL;
            ulong data = address + at + SocketNumbers.ControlHeader;
            long result = level != SocketNumbers.SocketLevel ? 0
                : type == SocketNumbers.Rights ? ReadRights(task, control, data, piece - SocketNumbers.ControlHeader)
                : type == SocketNumbers.Credentials ? ReadCredentials(control, data, piece - SocketNumbers.ControlHeader) : -Errno.EINVAL;
            if (result < 0)
                return result;
            at += piece + 7 & ~7ul;
        }
        return 0;
    }

    private static long ReadRights(TaskState* task, OutgoingControl* control, ulong address, ulong length)
    {
        ulong count = length / sizeof(int);
        if (count + control->Count > SocketLimits.MostRights)
            return -Errno.EINVAL;
        for (ulong index = 0; index < count; index++)
        {
            Descriptor descriptor;
            if (!UserMemory.ReadU32(address + index * sizeof(int), out uint fd))
                return -Errno.EFAULT;
            if (!DescriptorTable.Find(task, fd, &descriptor))
                return -Errno.EBADF;
            // An epoll set moves to where the receiver finds it.
            if ((descriptor.Bits & DescriptorBits.Local) != 0)
            {
                long result = EpollMove.All(task);
                if (result < 0)
                    return result;
                if (!DescriptorTable.Find(task, fd, &descriptor))
                    return -Errno.EBADF;
                if ((descriptor.Bits & DescriptorBits.Local) != 0)
                    return -Errno.EINVAL;
            }
            control->Handles[control->Count++] = descriptor.Handle;
        }
        return 0;
    }

    private static long ReadCredentials(OutgoingControl* control, ulong address, ulong length)
    {
        if (length != SocketNumbers.CredentialsLength)
            return -Errno.EINVAL;
        control->HasCredentials = 1;
        return UserMemory.ReadU32(address, out control->Pid) && UserMemory.ReadU32(address + 4, out control->User)
            && UserMemory.ReadU32(address + 8, out control->Group) ? 0 : -Errno.EFAULT;
    }
}
