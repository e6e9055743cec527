namespace Libsys.Personality;

/// <summary>fork, vfork and clone of processes. Owned by the files part.</summary>
internal static unsafe class ProcessCreation
{
    /// <summary>A clone without CLONE_THREAD; flags are checked for contradictions already.</summary>
    public static long Clone(TaskState* task, CloneArguments* arguments) => -Errno.ENOSYS;

    /// <summary>First thing of a new process, in the new thread: learns its ids (<see cref="TaskState.ThreadId"/>, the process's id and slot), frees the files part's locks after a fork.</summary>
    public static void BeginChild(TaskState* task, ThreadStart* start, bool forked) { }
}
