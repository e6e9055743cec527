namespace Libsys.Personality;

/// <summary>Signals that a file call raises in its own thread.</summary>
internal static unsafe class SignalToSelf
{
    /// <summary>SIGPIPE for a write without readers, pipe(7): to the thread that wrote.</summary>
    public static void BrokenPipe(TaskState* task)
    {
        SignalEntry entry;
        SignalQueue.Describe(&entry, SignalSet.SIGPIPE, SignalSet.SI_USER, task->Process->ProcessId, 0, 0);
        SignalQueue.Send(task, task->Process, task, &entry);
    }
}
