using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>Signals that a file call raises in its own thread.</summary>
internal static unsafe class SignalToSelf
{
    /// <summary>SIGPIPE for a write without readers, pipe(7): to the thread that wrote.</summary>
    public static void BrokenPipe(TaskState* task) => Raise(task, Signals.SIGPIPE);

    /// <summary>SIGXFSZ if a request failed because its file would have grown beyond RLIMIT_FSIZE, getrlimit(2). The result, unchanged.</summary>
    public static long IfTooLarge(TaskState* task, VfsRequest* request, long result)
    {
        if (result == -Errno.EFBIG && request->V0 == VfsLimits.FileSizeExceeded)
            Raise(task, Signals.SIGXFSZ);
        return result;
    }

    private static void Raise(TaskState* task, uint signal)
    {
        SignalEntry entry;
        SignalQueue.Describe(&entry, signal, Signals.SI_USER, task->Process->ProcessId, 0, 0);
        SignalQueue.Send(task, task->Process, task, &entry);
    }
}
