using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>bind(2), connect(2), getsockname(2), getpeername(2).</summary>
internal static unsafe class SocketNameCalls
{
    /// <summary>bind. An address of nothing but the family is for vfs to choose.</summary>
    public static long Bind(TaskState* task, ulong fd, ulong address, ulong length)
    {
        VfsRequest request;
        long result = Begin(task, &request, VfsOperation.BindSocket, fd, address, length, out ushort family);
        if (result < 0)
            return result;
        request.A1 = task->Process->FileMask;
        if (family != SocketNumbers.UnixFamily)
        {
            VfsPool.Give(task, &request);
            return -Errno.EINVAL;
        }
        return PathArgument.Finish(task, &request);
    }

    /// <summary>connect.</summary>
    public static long Connect(TaskState* task, ulong fd, ulong address, ulong length)
    {
        VfsRequest request;
        long result = Begin(task, &request, VfsOperation.Connect, fd, address, length, out ushort family);
        if (result < 0)
            return result;
        request.A1 = family;
        result = VfsClient.Call(task, &request);
        VfsPool.Give(task, &request);
        if (result == 0)
            StreamPlaces.Reconsider(task, (uint)request.A0);
        return SocketCalls.Restart(&request, result);
    }

    /// <summary>getsockname, getpeername.</summary>
    public static long Name(TaskState* task, ulong fd, ulong address, ulong lengthAddress, bool isPeer)
    {
        Descriptor descriptor;
        if (!SocketAddress.TryFind(task, fd, &descriptor, out long result))
            return result;
        VfsRequest request;
        DataRequest.Begin(&request, VfsOperation.SocketName, &descriptor, isPeer ? 1ul : 0);
        result = VfsPool.Take(task, &request, SocketLimits.AddressRoom, SocketLimits.AddressRoom);
        if (result < 0)
            return result;
        result = VfsClient.Call(task, &request);
        if (result >= 0)
            result = SocketAddress.Write(address, lengthAddress, VfsPool.BufferOf(&request), (uint)result);
        VfsPool.Give(task, &request);
        return result;
    }

    private static long Begin(TaskState* task, VfsRequest* request, VfsOperation operation, ulong fd, ulong address, ulong length, out ushort family)
    {
        family = 0;
        Descriptor descriptor;
        if (!SocketAddress.TryFind(task, fd, &descriptor, out long result))
            return result;
        DataRequest.Begin(request, operation, &descriptor);
        result = VfsPool.Take(task, request, SocketAddress.Longest, SocketAddress.Longest);
        if (result < 0)
            return result;
        result = SocketAddress.Read(address, length, VfsPool.BufferOf(request), out family);
        if (result < 0)
            VfsPool.Give(task, request);
        else
            request->PoolLength = (uint)result;
        return result;
    }
}
