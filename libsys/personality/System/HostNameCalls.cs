using System;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>uname, sethostname, setdomainname. The two names that can change are kept by vfs, which shows them under /proc/sys too.</summary>
internal static unsafe class HostNameCalls
{
    private const int SystemField = 0, HostField = 1, ReleaseField = 2, VersionField = 3, MachineField = 4, DomainField = 5, Fields = 6;

    /// <summary>uname(buffer): six fields.</summary>
    public static long Uname(TaskState* task, RegisterFrame* frame)
    {
        byte* fields = stackalloc byte[Fields * SystemName.Field];
        BlockMemory.Zero(fields, Fields * SystemName.Field);
        Put(fields, SystemField, SystemName.System);
        Put(fields, ReleaseField, SystemName.Release);
        Put(fields, VersionField, SystemName.Version);
        Put(fields, MachineField, SystemName.Machine);
        long result = 0;
        if (ControlCalls.HasServer(task))
        {
            result = Get(task, fields + HostField * SystemName.Field, fields + DomainField * SystemName.Field);
        }
        else
        {
            // A server: vfs may not run yet, or be the one who asks.
            Put(fields, HostField, SystemName.Unset);
            Put(fields, DomainField, SystemName.Unset);
        }
        if (result < 0)
            return result;
        return UserMemory.CopyOut(frame->Rdi, fields, Fields * SystemName.Field) ? 0 : -Errno.EFAULT;
    }

    /// <summary>sethostname or setdomainname (name, length).</summary>
    public static long Set(TaskState* task, ulong action, ulong name, ulong length)
    {
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.HostNames, action);
        // vfs decides first whether the program may change it at all: a byte more than any name asks just that.
        const uint TooLong = SystemName.Longest + 1;
        long result = VfsPool.Take(task, &request, TooLong, TooLong);
        if (result < 0)
            return result;
        bool readable = true;
        if ((uint)length <= SystemName.Longest)
        {
            readable = UserMemory.CopyIn(VfsPool.BufferOf(&request), name, (uint)length);
            request.PoolLength = readable ? (uint)length : TooLong;
        }
        result = VfsClient.Call(task, &request);
        VfsPool.Give(task, &request);
        return !readable && result == -Errno.EINVAL ? -Errno.EFAULT : result;
    }

    private static long Get(TaskState* task, byte* host, byte* domain)
    {
        const uint Both = 2 * SystemName.Field;
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.HostNames, HostNameAction.Get);
        long result = VfsPool.Take(task, &request, Both, Both);
        if (result < 0)
            return result;
        result = VfsClient.Call(task, &request);
        if (result >= 0)
        {
            byte* answer = VfsPool.BufferOf(&request);
            BlockMemory.Move(host, answer, SystemName.Field);
            BlockMemory.Move(domain, answer + SystemName.Field, SystemName.Field);
        }
        VfsPool.Give(task, &request);
        return result;
    }

    private static void Put(byte* fields, int field, ReadOnlySpan<byte> text)
    {
        byte* to = fields + field * SystemName.Field;
        for (int i = 0; i < text.Length; i++)
            to[i] = text[i];
    }
}
