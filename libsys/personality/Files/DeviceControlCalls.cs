using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>ioctl(2). Which structure a request carries is known here, because vfs cannot reach the program's memory.</summary>
internal static unsafe class DeviceControlCalls
{
    private const uint FIONCLEX = 0x5450, FIOCLEX = 0x5451, FIONBIO = 0x5421, FIOASYNC = 0x5452, TIOCGPTPEER = 0x5441;

    /// <summary>Copied in, copied out.</summary>
    private const uint In = 1, Out = 2;

    /// <summary>ioctl.</summary>
    public static long Control(TaskState* task, ulong fd, ulong request, ulong argument)
    {
        Descriptor descriptor;
        if (!DescriptorTable.Find(task, fd, &descriptor))
            return -Errno.EBADF;
        uint number = (uint)request;
        switch (number)
        {
            case FIOCLEX:
                return DescriptorTable.SetBits(task, fd, 0, DescriptorBits.CloseOnExec) ? 0 : -Errno.EBADF;
            case FIONCLEX:
                return DescriptorTable.SetBits(task, fd, DescriptorBits.CloseOnExec, 0) ? 0 : -Errno.EBADF;
        }
        if ((descriptor.Bits & DescriptorBits.Local) != 0)
            return -Errno.ENOTTY;
        if (number == FIONBIO)
            return SetNonBlocking(task, descriptor.Handle, argument);
        if (number == TIOCGPTPEER)
            return OpenPeer(task, descriptor.Handle, (uint)argument);
        uint length = Structure(number, out uint direction);
        return Pass(task, descriptor.Handle, number, argument, length, direction);
    }

    /// <summary>
    /// Bytes and direction of a request's structure. The terminal requests are older than the scheme that encodes them in the number (ioctl_tty(2));
    /// of the others the number itself says it (ioctl(2), _IOR and _IOW).
    /// </summary>
    private static uint Structure(uint number, out uint direction)
    {
        switch (number)
        {
            case 0x5401: // TCGETS
                direction = Out;
                return 36;
            case 0x5402 or 0x5403 or 0x5404: // TCSETS, TCSETSW, TCSETSF
                direction = In;
                return 36;
            case 0x5405: // TCGETA
                direction = Out;
                return 18;
            case 0x5406 or 0x5407 or 0x5408: // TCSETA, TCSETAW, TCSETAF
                direction = In;
                return 18;
            case 0x5413: // TIOCGWINSZ
                direction = Out;
                return 8;
            case 0x5414: // TIOCSWINSZ
                direction = In;
                return 8;
            case 0x5412: // TIOCSTI
                direction = In;
                return 1;
            case 0x540F or 0x5411 or 0x5415 or 0x5419 or 0x541B or 0x5424 or 0x5429: // TIOCGPGRP, TIOCOUTQ, TIOCMGET, TIOCGSOFTCAR, FIONREAD, TIOCGETD, TIOCGSID
                direction = Out;
                return 4;
            case 0x5410 or 0x5416 or 0x5417 or 0x5418 or 0x541A or 0x5420 or 0x5423 or FIOASYNC: // TIOCSPGRP, TIOCMBIS, TIOCMBIC, TIOCMSET, TIOCSSOFTCAR, TIOCPKT, TIOCSETD
                direction = In;
                return 4;
        }
        direction = 0;
        if (number >> 8 == 0x54)
            return 0;
        uint size = number >> 16 & 0x3FFF;
        direction = number >> 30; // _IOC_WRITE 1: the program writes, so it is copied in; _IOC_READ 2: copied out
        return direction == 0 ? 0 : size;
    }

    private static long Pass(TaskState* task, uint handle, uint number, ulong argument, uint length, uint direction)
    {
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.Control, handle, number, argument);
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

    /// <summary>ioctl_tty(2) TIOCGPTPEER: the answer is a fresh handle of the slave.</summary>
    private static long OpenPeer(TaskState* task, uint handle, uint flags)
    {
        const uint modeOfTerminal = 0x2000; // S_IFCHR
        long number = DescriptorTable.Reserve(task);
        if (number < 0)
            return number;
        long opened = VfsClient.Call(task, VfsOperation.Control, handle, TIOCGPTPEER, flags);
        if (opened < 0)
        {
            DescriptorTable.Unreserve(task, number);
            return opened;
        }
        uint bits = (flags & FileFlags.O_CLOEXEC) != 0 ? DescriptorBits.CloseOnExec : 0;
        return OpenCalls.InstallNew(task, number, (ulong)opened, bits, modeOfTerminal, flags & FileFlags.O_ACCMODE);
    }

    private static long SetNonBlocking(TaskState* task, uint handle, ulong argument)
    {
        if (!UserMemory.ReadU32(argument, out uint on))
            return -Errno.EFAULT;
        long flags = VfsClient.Call(task, VfsOperation.GetFlags, handle);
        if (flags < 0)
            return flags;
        ulong changed = on != 0 ? (ulong)flags | FileFlags.O_NONBLOCK : (ulong)flags & ~(ulong)FileFlags.O_NONBLOCK;
        return VfsClient.Call(task, VfsOperation.SetFlags, handle, changed);
    }
}
