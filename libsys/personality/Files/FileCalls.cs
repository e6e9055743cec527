using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>Calls on files, processes and ids. Owned by the files part; reached from <see cref="Dispatch"/> for every number that is not local.</summary>
internal static unsafe class FileCalls
{
    /// <summary>Result, or a value of <see cref="Errno"/> negated; -ENOSYS for what is not known.</summary>
    public static long Call(TaskState* task, RegisterFrame* frame, uint number) => -Errno.ENOSYS;
}
