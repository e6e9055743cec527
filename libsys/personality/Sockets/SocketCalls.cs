using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>socket(2), socketpair(2), listen(2), accept(2), shutdown(2), getsockopt(2), setsockopt(2).</summary>
internal static unsafe class SocketCalls
{
    private const uint Mode = InodeMode.Socket | 0x1FF;

    // The longest value of an option that is known: two words of 64 bits.
    private const uint LongestOption = 16;

    /// <summary>socket.</summary>
    public static long Create(TaskState* task, ulong family, ulong type, ulong protocol)
    {
        long result = Check(family, type, protocol, out ulong what, out uint flags);
        if (result < 0)
            return result;
        long number = DescriptorTable.Reserve(task);
        if (number < 0)
            return number;
        result = VfsClient.Call(task, VfsOperation.CreateSocket, what, flags & OpenFlags.NonBlock);
        if (result < 0)
        {
            DescriptorTable.Unreserve(task, number);
            return result;
        }
        return OpenCalls.InstallNew(task, number, (ulong)result, BitsOf(what, flags), Mode, OpenFlags.ReadWrite);
    }

    /// <summary>socketpair. As on Linux the numbers are written before there is anything behind them.</summary>
    public static long CreatePair(TaskState* task, ulong family, ulong type, ulong protocol, ulong address)
    {
        if (((uint)type & ~(SocketNumbers.TypeMask | OpenFlags.NonBlock | OpenFlags.CloseOnExec)) != 0)
            return -Errno.EINVAL;
        long result = DescriptorPair.Reserve(task, out DescriptorPair pair);
        if (result < 0)
            return result;
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.CreateSocket);
        result = UserMemory.WriteU64(address, pair.Word) ? Check(family, type, protocol, out ulong what, out uint flags) : Fault(out what, out flags);
        if (result == 0)
        {
            request.A0 = what;
            request.A1 = flags & OpenFlags.NonBlock;
            request.A2 = 1;
            result = VfsClient.Call(task, &request);
        }
        if (result < 0)
        {
            pair.Unreserve(task);
            return result;
        }
        return pair.Install(task, (ulong)result, OpenFlags.ReadWrite, request.V0, OpenFlags.ReadWrite, BitsOf(what, flags), Mode);
    }

    /// <summary>listen.</summary>
    public static long Listen(TaskState* task, ulong fd, ulong backlog)
    {
        Descriptor descriptor;
        if (!SocketAddress.TryFind(task, fd, &descriptor, out long error))
            return error;
        VfsRequest request;
        DataRequest.Begin(&request, VfsOperation.Listen, &descriptor, (uint)backlog);
        return VfsClient.Call(task, &request);
    }

    /// <summary>accept, accept4.</summary>
    public static long Accept(TaskState* task, ulong fd, ulong address, ulong lengthAddress, ulong flags)
    {
        if (((uint)flags & ~(OpenFlags.NonBlock | OpenFlags.CloseOnExec)) != 0)
            return -Errno.EINVAL;
        Descriptor descriptor;
        if (!SocketAddress.TryFind(task, fd, &descriptor, out long result))
            return result;
        long number = DescriptorTable.Reserve(task);
        if (number < 0)
            return number;
        VfsRequest request;
        DataRequest.Begin(&request, VfsOperation.Accept, &descriptor, (uint)flags & OpenFlags.NonBlock);
        result = VfsPool.Take(task, &request, SocketLimits.AddressRoom, SocketLimits.AddressRoom);
        if (result == 0)
            result = VfsClient.Call(task, &request);
        ulong handle = (ulong)result;
        if (result >= 0 && address != 0)
            result = SocketAddress.Write(address, lengthAddress, VfsPool.BufferOf(&request), (uint)request.V1);
        VfsPool.Give(task, &request);
        if (result < 0)
        {
            DescriptorTable.Unreserve(task, number);
            if ((long)handle >= 0 && !ErrnoResult.IsError((long)handle))
                VfsClient.Call(task, VfsOperation.Close, handle);
            return Restart(&request, result);
        }
        // Connections are what who listens is.
        uint bits = descriptor.Bits & DescriptorBits.Mapped | (((uint)flags & OpenFlags.CloseOnExec) != 0 ? DescriptorBits.CloseOnExec : 0);
        return OpenCalls.InstallNew(task, number, handle, bits, Mode, OpenFlags.ReadWrite);
    }

    /// <summary>shutdown.</summary>
    public static long ShutDown(TaskState* task, ulong fd, ulong what)
    {
        Descriptor descriptor;
        if (!SocketAddress.TryFind(task, fd, &descriptor, out long error))
            return error;
        VfsRequest request;
        DataRequest.Begin(&request, VfsOperation.ShutDown, &descriptor, (uint)what);
        return VfsClient.Call(task, &request);
    }

    /// <summary>setsockopt.</summary>
    public static long SetOption(TaskState* task, ulong fd, ulong level, ulong option, ulong address, ulong length)
    {
        if ((int)(uint)length < 0)
            return -Errno.EINVAL;
        Descriptor descriptor;
        if (!SocketAddress.TryFind(task, fd, &descriptor, out long result))
            return result;
        VfsRequest request;
        DataRequest.Begin(&request, VfsOperation.SocketOption, &descriptor, (uint)level | option << 32, 1);
        result = VfsPool.Take(task, &request, LongestOption, LongestOption);
        if (result < 0)
            return result;
        request.PoolLength = (uint)length < LongestOption ? (uint)length : LongestOption;
        bool isReadable = (uint)length < sizeof(int) || UserMemory.CopyIn(VfsPool.BufferOf(&request), address, request.PoolLength);
        result = isReadable ? VfsClient.Call(task, &request) : -Errno.EFAULT;
        VfsPool.Give(task, &request);
        return result;
    }

    /// <summary>getsockopt.</summary>
    public static long GetOption(TaskState* task, ulong fd, ulong level, ulong option, ulong address, ulong lengthAddress)
    {
        Descriptor descriptor;
        if (!SocketAddress.TryFind(task, fd, &descriptor, out long result))
            return result;
        if ((uint)level == SocketNumbers.SocketLevel)
        {
            if (!UserMemory.ReadU32(lengthAddress, out uint given))
                return -Errno.EFAULT;
            if ((int)given < 0)
                return -Errno.EINVAL;
        }
        VfsRequest request;
        DataRequest.Begin(&request, VfsOperation.SocketOption, &descriptor, (uint)level | option << 32);
        result = VfsPool.Take(task, &request, LongestOption, LongestOption);
        if (result < 0)
            return result;
        result = VfsClient.Call(task, &request);
        if (result > LongestOption)
            result = -Errno.EIO;
        if (result >= 0)
            result = WriteOption(address, lengthAddress, VfsPool.BufferOf(&request), (uint)result);
        VfsPool.Give(task, &request);
        return result;
    }

    /// <summary>An interrupted call of a socket with a time-out does not start again, signal(7).</summary>
    public static long Restart(VfsRequest* request, long result) =>
        result == -Errno.EINTR && (request->V0 & SocketAnswer.IsTimed) != 0 ? result : PathArgument.Restart(request, result);

    private static long WriteOption(ulong address, ulong lengthAddress, byte* value, uint length)
    {
        if (!UserMemory.ReadU32(lengthAddress, out uint room))
            return -Errno.EFAULT;
        if (room > length)
            room = length;
        return UserMemory.CopyOut(address, value, room) && UserMemory.WriteU32(lengthAddress, room) ? 0 : -Errno.EFAULT;
    }

    // Which server has sockets of a family would be decided here: there is none but vfs' own.
    private static long Check(ulong family, ulong type, ulong protocol, out ulong what, out uint flags)
    {
        uint kind = (uint)type & SocketNumbers.TypeMask;
        flags = (uint)type & ~SocketNumbers.TypeMask;
        what = (ushort)family | (ulong)kind << 16 | (ulong)((uint)protocol > ushort.MaxValue ? ushort.MaxValue : (uint)protocol) << 32;
        if ((flags & ~(OpenFlags.NonBlock | OpenFlags.CloseOnExec)) != 0)
            return -Errno.EINVAL;
        if ((uint)family >= SocketNumbers.MostFamilies)
            return -Errno.EAFNOSUPPORT;
        if (kind >= SocketNumbers.MostTypes)
            return -Errno.EINVAL;
        return (uint)family == SocketNumbers.UnixFamily ? 0 : -Errno.EAFNOSUPPORT;
    }

    private static long Fault(out ulong what, out uint flags)
    {
        what = 0;
        flags = 0;
        return -Errno.EFAULT;
    }

    private static uint BitsOf(ulong what, uint flags) =>
        ((uint)(what >> 16 & SocketNumbers.TypeMask) == SocketNumbers.Stream ? DescriptorBits.Stream : DescriptorBits.Messages)
        | ((flags & OpenFlags.CloseOnExec) != 0 ? DescriptorBits.CloseOnExec : 0);
}
