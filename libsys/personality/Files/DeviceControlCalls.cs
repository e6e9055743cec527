using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>ioctl(2). Which structure a request carries is known here, because vfs cannot reach the program's memory.</summary>
internal static unsafe class DeviceControlCalls
{
    /// <summary>Copied in, copied out.</summary>
    private const uint In = 1, Out = 2;

    /// <summary>BLKBSZGET: its number says size_t, and what it tells is an int (linux/fs.h).</summary>
    private const uint BlockLengthRequest = 0x8008_1270;

    /// <summary>ioctl.</summary>
    public static long Control(TaskState* task, ulong fd, ulong request, ulong argument)
    {
        Descriptor descriptor;
        if (!DescriptorTable.Find(task, fd, &descriptor))
            return -Errno.EBADF;
        uint number = (uint)request;
        switch (number)
        {
            case Ioctl.CloseOnExec:
                return DescriptorTable.SetBits(task, fd, 0, DescriptorBits.CloseOnExec) ? 0 : -Errno.EBADF;
            case Ioctl.KeepOnExec:
                return DescriptorTable.SetBits(task, fd, DescriptorBits.CloseOnExec, 0) ? 0 : -Errno.EBADF;
        }
        if ((descriptor.Bits & DescriptorBits.Local) != 0)
            return -Errno.ENOTTY;
        if (number == Ioctl.NonBlocking)
            return SetNonBlocking(task, descriptor.Handle, argument);
        if (number == TerminalRequest.OpenPeer)
            return OpenPeer(task, descriptor.Handle, (uint)argument);
        if (number == Ioctl.PartitionControl)
            return ControlPartitions(task, &descriptor, argument);
        uint length = Structure(number, out uint direction);
        return Pass(task, &descriptor, number, argument, length, direction);
    }

    /// <summary>
    /// Bytes and direction of a request's structure. The terminal requests are older than the scheme that encodes them in the number (ioctl_tty(2));
    /// of the others the number itself says it (ioctl(2), _IOR and _IOW).
    /// </summary>
    private static uint Structure(uint number, out uint direction)
    {
        switch (number)
        {
            case TerminalRequest.GetTermios:
                direction = Out;
                return 36;
            case TerminalRequest.SetTermios or TerminalRequest.SetTermiosDrain or TerminalRequest.SetTermiosFlush:
                direction = In;
                return 36;
            case TerminalRequest.GetTermio:
                direction = Out;
                return 18;
            case TerminalRequest.SetTermio or TerminalRequest.SetTermioDrain or TerminalRequest.SetTermioFlush:
                direction = In;
                return 18;
            case TerminalRequest.GetWindowSize:
                direction = Out;
                return 8;
            case TerminalRequest.SetWindowSize:
                direction = In;
                return 8;
            case TerminalRequest.SimulateInput:
                direction = In;
                return 1;
            case TerminalRequest.GetForeground or TerminalRequest.BytesQueued or TerminalRequest.GetModem or TerminalRequest.GetSoftCarrier
                or TerminalRequest.BytesReadable or TerminalRequest.GetDiscipline or TerminalRequest.GetSession:
                direction = Out;
                return 4;
            case TerminalRequest.SetForeground or TerminalRequest.SetModemBits or TerminalRequest.ClearModemBits or TerminalRequest.SetModem
                or TerminalRequest.SetSoftCarrier or TerminalRequest.PacketMode or TerminalRequest.SetDiscipline or Ioctl.Async:
                direction = In;
                return 4;
        }
        direction = 0;
        if (number >> 8 == Ioctl.TerminalType)
            return 0;
        if (number == BlockLengthRequest)
        {
            direction = Out;
            return sizeof(uint);
        }

        uint given = Ioctl.BlockDeviceInputLength(number);
        if (given != 0)
        {
            direction = In;
            return given;
        }

        uint ofBlockDevice = Ioctl.BlockDeviceLength(number);
        if (ofBlockDevice != 0)
        {
            direction = Out;
            return ofBlockDevice;
        }

        uint size = number >> 16 & 0x3FFF;
        direction = number >> 30; // _IOC_WRITE 1: the program writes, so it is copied in; _IOC_READ 2: copied out
        return direction == 0 ? 0 : size;
    }

    private static long Pass(TaskState* task, Descriptor* descriptor, uint number, ulong argument, uint length, uint direction)
    {
        VfsRequest request;
        DataRequest.Begin(&request, VfsOperation.Control, descriptor, number, argument);
        long result = length == 0 ? 0 : VfsPool.Take(task, &request, length, length);
        if (result < 0)
            return result;
        byte* buffer = VfsPool.BufferOf(&request);
        if (length != 0)
        {
            BlockMemory.Zero(buffer, length);
            if ((direction & In) != 0 && !UserMemory.CopyIn(buffer, argument, length))
            {
                VfsPool.Give(task, &request);
                return -Errno.EFAULT;
            }
        }
        result = VfsClient.Call(task, &request);
        if (result >= 0 && (direction & Out) != 0 && length != 0 && !UserMemory.CopyOut(argument, buffer, length))
            result = -Errno.EFAULT;
        VfsPool.Give(task, &request);
        return PathArgument.Restart(&request, result);
    }

    /// <summary>BLKPG: what to do (int at 0), and behind it what the pointer at 16 leads to: first byte and length (s64), number (s32).</summary>
    private static long ControlPartitions(TaskState* task, Descriptor* descriptor, ulong argument)
    {
        const uint outer = 24, inner = 20, before = 8;
        ulong* words = stackalloc ulong[(int)outer / sizeof(ulong)];
        if (!UserMemory.CopyIn((byte*)words, argument, outer))
            return -Errno.EFAULT;
        VfsRequest request;
        DataRequest.Begin(&request, VfsOperation.Control, descriptor, Ioctl.PartitionControl, argument);
        long result = VfsPool.Take(task, &request, before + inner, before + inner);
        if (result < 0)
            return result;
        byte* buffer = VfsPool.BufferOf(&request);
        *(ulong*)buffer = (uint)words[0];
        if (UserMemory.CopyIn(buffer + before, words[2], inner))
            result = VfsClient.Call(task, &request);
        else
            result = -Errno.EFAULT;
        VfsPool.Give(task, &request);
        return PathArgument.Restart(&request, result);
    }

    /// <summary>ioctl_tty(2) TIOCGPTPEER: the answer is a fresh handle of the slave.</summary>
    private static long OpenPeer(TaskState* task, uint handle, uint flags)
    {
        long number = DescriptorTable.Reserve(task);
        if (number < 0)
            return number;
        long opened = VfsClient.Call(task, VfsOperation.Control, handle, TerminalRequest.OpenPeer, flags);
        if (opened < 0)
        {
            DescriptorTable.Unreserve(task, number);
            return opened;
        }
        uint bits = (flags & OpenFlags.CloseOnExec) != 0 ? DescriptorBits.CloseOnExec : 0;
        return OpenCalls.InstallNew(task, number, (ulong)opened, bits, InodeMode.Character, flags & OpenFlags.AccessMode);
    }

    private static long SetNonBlocking(TaskState* task, uint handle, ulong argument)
    {
        if (!UserMemory.ReadU32(argument, out uint on))
            return -Errno.EFAULT;
        long flags = VfsClient.Call(task, VfsOperation.GetFlags, handle);
        if (flags < 0)
            return flags;
        ulong changed = on != 0 ? (ulong)flags | OpenFlags.NonBlock : (ulong)flags & ~(ulong)OpenFlags.NonBlock;
        return VfsClient.Call(task, VfsOperation.SetFlags, handle, changed);
    }
}
