namespace Libsys.Personality;

/// <summary>fork, vfork and clone of processes. Owned by the files part.</summary>
internal static unsafe class ProcessCreation
{
    /// <summary>A clone without CLONE_THREAD; flags are checked for contradictions already.</summary>
    public static long Clone(TaskState* task, CloneArguments* arguments) => -Errno.ENOSYS;
}
