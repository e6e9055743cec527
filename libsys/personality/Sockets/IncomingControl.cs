using System.Runtime.InteropServices;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>Control data of a received message, as it goes into msg_control: cmsg(3), unix(7).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IncomingControl
{
    // CMSG_SPACE of struct ucred.
    private const uint CredentialsSpace = 32;

    /// <summary>Where the next goes, and how much room there is.</summary>
    public ulong Address, Room;

    /// <summary>MSG_CTRUNC, once something was lost.</summary>
    public uint Flags;

    /// <summary>Writes credentials.</summary>
    public static long WriteCredentials(IncomingControl* control, ulong pid, ulong ids)
    {
        byte* piece = stackalloc byte[(int)CredentialsSpace];
        BlockMemory.Zero(piece, CredentialsSpace);
        ulong length = SocketNumbers.ControlHeader + SocketNumbers.CredentialsLength;
        if (control->Room < SocketNumbers.ControlHeader)
        {
            control->Flags |= SocketNumbers.MsgControlTruncated;
            return 0;
        }
        if (control->Room < length)
        {
            control->Flags |= SocketNumbers.MsgControlTruncated;
            length = control->Room;
        }
        Fill(piece, length, SocketNumbers.Credentials);
        *(uint*)(piece + SocketNumbers.ControlHeader) = (uint)pid;
        *(uint*)(piece + SocketNumbers.ControlHeader + 4) = (uint)ids;
        *(uint*)(piece + SocketNumbers.ControlHeader + 8) = (uint)(ids >> 32);
        if (!UserMemory.CopyOut(control->Address, piece, length))
            return -Errno.EFAULT;
        Advance(control, CredentialsSpace);
        return 0;
    }

    /// <summary>
    /// Opens what has come under the lowest numbers, and writes those. What there is no number or memory for is closed, and said by MSG_CTRUNC.
    /// </summary>
    public static long WriteRights(TaskState* task, IncomingControl* control, byte* rights, uint count, bool isCloseOnExec)
    {
        uint done = 0;
        ulong numbers = control->Address + SocketNumbers.ControlHeader;
        bool mayGoOn = true;
        for (uint index = 0; index < count; index++)
        {
            byte* right = rights + index * SocketRight.Length;
            long number = mayGoOn ? DescriptorTable.Reserve(task) : -Errno.EMFILE;
            if (number >= 0 && !UserMemory.WriteU32(numbers + done * sizeof(int), (uint)number))
            {
                DescriptorTable.Unreserve(task, number);
                number = -Errno.EFAULT;
            }
            if (number >= 0)
                number = Install(task, number, right, isCloseOnExec);
            else
                VfsClient.Call(task, VfsOperation.Close, *(uint*)(right + SocketRight.Handle));
            mayGoOn = number >= 0;
            done += mayGoOn ? 1u : 0;
        }
        if (done < count)
            control->Flags |= SocketNumbers.MsgControlTruncated;
        if (done == 0)
            return 0;
        ulong length = SocketNumbers.ControlHeader + done * sizeof(int);
        byte* header = stackalloc byte[(int)SocketNumbers.ControlHeader];
        Fill(header, length, SocketNumbers.Rights);
        if (!UserMemory.CopyOut(control->Address, header, SocketNumbers.ControlHeader))
            return -Errno.EFAULT;
        Advance(control, length + 7 & ~7ul);
        return 0;
    }

    private static long Install(TaskState* task, long number, byte* right, bool isCloseOnExec)
    {
        ulong opened = *(ulong*)(right + SocketRight.Opened);
        uint access = *(uint*)(right + SocketRight.Access);
        uint bits = (isCloseOnExec ? DescriptorBits.CloseOnExec : 0) | ((opened & OpenedFile.Seekable) != 0 ? DescriptorBits.Seekable : 0)
            | ((opened & SocketRight.IsStream) != 0 ? DescriptorBits.Stream : 0) | ((opened & SocketRight.IsCounter) != 0 ? DescriptorBits.EventCounter : 0)
            | ((opened & SocketRight.IsSet) != 0 ? DescriptorBits.Set : 0) | ((opened & SocketRight.IsMessages) != 0 ? DescriptorBits.Messages : 0)
            | ((opened & SocketRight.IsTimer) != 0 ? DescriptorBits.Timer : 0) | ((opened & SocketRight.IsSignals) != 0 ? DescriptorBits.Signals : 0)
            | DescriptorBits.OfDevice(OpenedFile.DeviceOf(opened), access) | *(uint*)(right + SocketRight.Server) << DescriptorBits.ServerShift;
        return OpenCalls.InstallNew(task, number, *(uint*)(right + SocketRight.Handle), bits, *(uint*)(right + SocketRight.Mode), access);
    }

    private static void Fill(byte* header, ulong length, uint type)
    {
        *(ulong*)header = length;
        *(uint*)(header + 8) = SocketNumbers.SocketLevel;
        *(uint*)(header + 12) = type;
    }

    private static void Advance(IncomingControl* control, ulong space)
    {
        if (space > control->Room)
            space = control->Room;
        control->Address += space;
        control->Room -= space;
    }
}
