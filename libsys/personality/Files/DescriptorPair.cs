using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>Two descriptor numbers that are given out together, pipe(2) and socketpair(2): both are reserved before there is anything behind them.</summary>
internal unsafe struct DescriptorPair
{
    private long first, second;

    /// <summary>As the program gets them: int[2].</summary>
    public readonly ulong Word => (uint)first | (ulong)(uint)second << 32;

    /// <summary>Reserves two numbers. 0, or −errno and none is reserved.</summary>
    public static long Reserve(TaskState* task, out DescriptorPair pair)
    {
        pair.second = -1;
        pair.first = DescriptorTable.Reserve(task);
        if (pair.first < 0)
            return pair.first;
        pair.second = DescriptorTable.Reserve(task);
        if (pair.second >= 0)
            return 0;
        DescriptorTable.Unreserve(task, pair.first);
        return pair.second;
    }

    /// <summary>Gives both back.</summary>
    public readonly void Unreserve(TaskState* task)
    {
        DescriptorTable.Unreserve(task, first);
        DescriptorTable.Unreserve(task, second);
    }

    /// <summary>Opens both for two handles of vfs, with their access modes. 0, or −errno: then neither is open and both handles are closed.</summary>
    public readonly long Install(TaskState* task, ulong handle, uint access, ulong otherHandle, uint otherAccess, uint bits, uint mode)
    {
        long result = OpenCalls.InstallNew(task, first, handle, bits, mode, access);
        if (result < 0)
        {
            DescriptorTable.Unreserve(task, second);
            VfsClient.Call(task, VfsOperation.Close, otherHandle);
            return result;
        }
        result = OpenCalls.InstallNew(task, second, otherHandle, bits, mode, otherAccess);
        if (result < 0)
            CloseCalls.Close(task, (ulong)first);
        return result < 0 ? result : 0;
    }
}
