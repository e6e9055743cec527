namespace Libsys.Personality;

/// <summary>A line in the log for calls answered with ENOSYS, so that a test run shows which are missing.</summary>
internal static unsafe class UnknownCalls
{
    // Programs probe: the first ones tell enough, and the log is bounded.
    private const uint Most = 32;

    /// <summary>Counts the call and logs it while there is room.</summary>
    public static void Note(TaskState* task, uint number)
    {
        if (task->Process->UnknownCallsLogged >= Most)
            return;
        task->Process->UnknownCallsLogged++;
        var log = new Log(task);
        log.Text("call "u8);
        log.Number(number);
        log.Text(" answered with ENOSYS"u8);
        log.End();
    }
}
