using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>The files part of starting a program.</summary>
internal static unsafe class FileStart
{
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
    /// After ExecCommit: fills the descriptor table from the start table's private copy (checked for range only) and closes close-on-exec ones. What a lying
    /// table names is harmless: vfs knows which handles the process has, and a number that leads nowhere answers EBADF.
    /// </summary>
    public static void AdoptDescriptors(TaskState* task, StartDescriptor* descriptors, uint count)
    {
        DescriptorTable* table = task->Process->Descriptors;
        table->Limit = LimitCalls.OpenFileLimit(task);
        for (uint i = 0; i < count; i++)
            DescriptorTable.Adopt(table, descriptors[i].Fd, descriptors[i].Handle, descriptors[i].Flags);
        CloseCalls.CloseOnExec(task);
        DescriptorTable.PublishAll(task->Process);
    }
}
