using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>What a call on extended attributes names.</summary>
internal enum AttributeOf : byte
{
    /// <summary>What a path leads to.</summary>
    Path,
    /// <summary>What a path names, also a symbolic link.</summary>
    Link,
    /// <summary>An open file.</summary>
    Descriptor,
}

/// <summary>setxattr(2), getxattr(2), listxattr(2), removexattr(2) and their relatives, xattr(7).</summary>
internal static unsafe class ExtendedAttributeCalls
{
    private const ulong Here = unchecked((ulong)AtFlags.WorkingDirectory);

    // A name with its NUL.
    private const uint NameRoom = ExtendedAttribute.LongestName + 1;

    // A request is one block of the pool: what is longer than the block without the longest path and name cannot be told.
    private const uint MostBytes = (uint)(PoolBlocks.UnitLength << PoolBlocks.LargestOrder) - PathArgument.Limit - NameRoom;

    public static long Set(TaskState* task, AttributeOf what, ulong target, ulong name, ulong value, ulong size, ulong flags)
    {
        uint room = size <= MostBytes ? (uint)size : 0;
        VfsRequest request;
        long length = Begin(task, &request, VfsOperation.SetExtendedAttribute, what, target, NameRoom + room);
        if (length < 0)
            return length;
        // Linux resolves the path first, and then looks at the other arguments in this order.
        long named = ((uint)flags & ~(ExtendedAttribute.Create | ExtendedAttribute.Replace)) != 0 ? -Errno.EINVAL : TakeName(&request, length, name);
        if (named > 0 && size > ExtendedAttribute.LongestValue)
            named = -Errno.E2BIG;
        else if (named > 0 && size > MostBytes)
            named = -Errno.ENOSPC;
        else if (named > 0 && size > 0 && !UserMemory.CopyIn(VfsPool.BufferOf(&request) + length + named, value, size))
            named = -Errno.EFAULT;
        if (named < 0)
            return Fail(task, &request, length, named);
        request.A3 = (uint)named | (ulong)(uint)flags << ExtendedAttribute.FlagShift;
        request.PoolLength = (uint)(length + named) + room;
        return PathArgument.Finish(task, &request);
    }

    public static long Get(TaskState* task, AttributeOf what, ulong target, ulong name, ulong buffer, ulong size)
    {
        VfsRequest request;
        uint room = Wanted(size);
        long length = Begin(task, &request, VfsOperation.GetExtendedAttribute, what, target, room > NameRoom ? room : NameRoom);
        if (length < 0)
            return length;
        long named = TakeName(&request, length, name);
        if (named < 0)
            return Fail(task, &request, length, named);
        request.A3 = (ulong)named;
        return GiveResult(task, &request, buffer, size, room);
    }

    public static long List(TaskState* task, AttributeOf what, ulong target, ulong buffer, ulong size)
    {
        VfsRequest request;
        uint room = Wanted(size);
        long length = Begin(task, &request, VfsOperation.ListExtendedAttributes, what, target, room);
        return length < 0 ? length : GiveResult(task, &request, buffer, size, room);
    }

    public static long Remove(TaskState* task, AttributeOf what, ulong target, ulong name)
    {
        VfsRequest request;
        long length = Begin(task, &request, VfsOperation.RemoveExtendedAttribute, what, target, NameRoom);
        if (length < 0)
            return length;
        long named = TakeName(&request, length, name);
        if (named < 0)
            return Fail(task, &request, length, named);
        request.A3 = (ulong)named;
        request.PoolLength = (uint)(length + named);
        return PathArgument.Finish(task, &request);
    }

    // Path or handle, and room behind it.
    private static long Begin(TaskState* task, VfsRequest* request, VfsOperation operation, AttributeOf what, ulong target, uint room)
    {
        long length = 0;
        if (what == AttributeOf.Descriptor)
        {
            VfsRequest.Begin(request, operation);
            if (!AttributeCalls.Handle(task, target, out request->A0))
                return -Errno.EBADF;
            if (room > 0)
                length = VfsPool.Take(task, request, room, room);
        }
        else
        {
            length = PathArgument.Begin(task, request, operation, Here, target, room);
        }

        request->A1 = what == AttributeOf.Descriptor ? AtFlags.EmptyPath : what == AttributeOf.Link ? AtFlags.NoFollow : 0;
        request->A2 = length > 0 ? (ulong)length : 0;
        return length;
    }

    // Behind the path. Linux knows no other error for a name that cannot be one.
    private static long TakeName(VfsRequest* request, long length, ulong name)
    {
        long named = UserMemory.CopyString(VfsPool.BufferOf(request) + length, name, NameRoom);
        return named == 0 || named == -Errno.ENAMETOOLONG ? -Errno.ERANGE : named;
    }

    // An argument is wrong; what is wrong with the path comes before that.
    private static long Fail(TaskState* task, VfsRequest* request, long length, long error)
    {
        if (length > 0)
        {
            request->Operation = VfsOperation.Access;
            request->A2 = request->A1;
            request->A1 = 0;
            request->A3 = 0;
            request->PoolLength = (uint)length;
            long found = VfsClient.Call(task, request);
            if (found < 0)
                error = PathArgument.Restart(request, found);
        }

        VfsPool.Give(task, request);
        return error;
    }

    private static uint Wanted(ulong size) => size < MostBytes ? (uint)size : MostBytes;

    private static long GiveResult(TaskState* task, VfsRequest* request, ulong buffer, ulong size, uint room)
    {
        request->A4 = room;
        long result = VfsClient.Call(task, request);
        // The program has room for what no request can bring.
        if (result == -Errno.ERANGE && size > room)
            result = -Errno.E2BIG;
        if (result > room && room > 0)
            result = -Errno.EIO;
        if (result > 0 && room > 0 && !UserMemory.CopyOut(buffer, VfsPool.BufferOf(request), (ulong)result))
            result = -Errno.EFAULT;
        VfsPool.Give(task, request);
        return PathArgument.Restart(request, result);
    }
}
