using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>The files part of starting a program.</summary>
internal static unsafe class FileStart
{
    /// <summary>Bytes of arguments that the process table keeps for /proc/PID/cmdline.</summary>
    private const uint ShownArguments = ProcessTable.EntryLength - ProcessTable.CommandLine;

    /// <summary>
    /// Exec mode, first of all: takes up the connection at <see cref="Window.VfsConnection"/>, so that <see cref="ExecutableFile"/> works. Returns 0 or -errno.
    /// </summary>
    public static long Connect(TaskState* task)
    {
        ProcessState* process = task->Process;
        process->Space->Connection = VfsConnection.Create();
        process->Descriptors = DescriptorTable.Create();
        return process->Space->Connection == null || process->Descriptors == null ? -Errno.ENOMEM : 0;
    }

    /// <summary>
    /// ExecCommit: puts the program's absolute path and its arguments (as many as /proc shows) into the pool and tells the process server that the program is
    /// loaded; with it vfs closes what is close-on-exec, before anybody hears that the exec has succeeded. 0 or −errno. Its answer has what the program starts
    /// with: signals that wait from before, and the limit of descriptors.
    /// </summary>
    public static long Commit(TaskState* task, byte* path, ArgumentList* arguments)
    {
        const uint texts = PathArgument.Limit + ShownArguments, room = texts + VfsLimits.ClosedByExec * sizeof(uint);
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.GetWorkingDirectory);
        long result = VfsPool.Take(task, &request, room, room);
        if (result < 0)
            return result;
        byte* text = VfsPool.BufferOf(&request);
        uint length = 0;
        if (*path != (byte)'/')
        {
            request.PoolLength = PathArgument.Limit;
            long directory = VfsClient.Call(task, &request);
            // Linux would say "(unreachable)"; the name alone is as much as is known then.
            if (directory > 0 && directory < PathArgument.Limit)
            {
                length = (uint)directory;
                if (text[length - 1] != (byte)'/')
                    text[length++] = (byte)'/';
            }
            while (path[0] == (byte)'.' && path[1] == (byte)'/')
                path += 2;
        }
        uint pathLength = length + ArgumentList.LengthOf(path);
        if (pathLength > VfsLimits.PathLimit)
            pathLength = length = 0;
        else
            BlockMemory.Move(text + length, path, pathLength - length);
        uint end = pathLength;
        for (uint i = 0; i < arguments->Count && pathLength != 0; i++)
        {
            uint piece = ArgumentList.LengthOf((*arguments)[i]) + 1;
            uint left = pathLength + ShownArguments - end;
            // Cut where the process table's entry ends, as its reader would.
            BlockMemory.Move(text + end, (*arguments)[i], piece < left ? piece : left);
            end += piece < left ? piece : left;
        }
        // Right behind them, so that the process server sees all with one look.
        uint list = (end + sizeof(uint) - 1) & ~(uint)(sizeof(uint) - 1);
        uint handles = CloseCalls.TakeForExec(task, (uint*)(text + list), VfsLimits.ClosedByExec);
        result = ControlCalls.Call(
            task, ProcessOperation.ExecCommit, request.PoolOffset, pathLength, end - pathLength, request.PoolOffset + list, handles);
        if (result >= 0)
        {
            task->Process->ServerPending = KernelCalls.MessageWords(task)[1];
            task->Process->Descriptors->Limit = LimitCalls.Bounded(KernelCalls.MessageWords(task)[2]);
        }
        VfsPool.Give(task, &request);
        return result;
    }

    /// <summary>
    /// Fills the descriptor table from the start table's private copy (checked for range only). What a lying table names is harmless: vfs knows which handles
    /// the process has, and a number that leads nowhere answers EBADF.
    /// </summary>
    public static void AdoptDescriptors(TaskState* task, StartDescriptor* descriptors, uint count)
    {
        DescriptorTable* table = task->Process->Descriptors;
        for (uint i = 0; i < count; i++)
            DescriptorTable.Adopt(table, descriptors[i].Fd, descriptors[i].Handle, descriptors[i].Flags);
    }

    /// <summary>After ExecCommit: closes what is close-on-exec and was more than could be closed with it.</summary>
    public static void FinishDescriptors(TaskState* task)
    {
        CloseCalls.CloseOnExec(task);
        DescriptorTable.PublishAll(task->Process);
    }
}
