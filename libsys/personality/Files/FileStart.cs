using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>The files part of starting a program. Owned by the files part.</summary>
internal static unsafe class FileStart
{
    /// <summary>Exec mode, first of all: takes up the connection at <see cref="Window.VfsConnection"/>, so that <see cref="ExecutableFile"/> works. Returns 0 or -errno.</summary>
    public static long Connect(TaskState* task) => -Errno.ENOSYS;

    /// <summary>After ExecCommit: fills the descriptor table from the start table's private copy (checked for range only) and closes close-on-exec ones.</summary>
    public static void AdoptDescriptors(TaskState* task, StartDescriptor* descriptors, uint count) { }
}
