namespace Libsys.Personality;

/// <summary>A line in the log for each call number that was answered with ENOSYS, so that a test run shows which are missing.</summary>
internal static unsafe class UnknownCalls
{
    // Beyond the highest number of any Linux; larger ones are nonsense and not logged.
    private const uint Limit = 512;

    /// <summary>
    /// Does not log what the .NET runtime asks for in every server as it starts and does without: files about control groups, and the policy of memory nodes.
    /// </summary>
    public static void ExpectRuntimeStart(ProcessState* process)
    {
        Mark(process, LinuxCall.open);
        Mark(process, LinuxCall.statfs);
        Mark(process, LinuxCall.get_mempolicy);
    }

    /// <summary>Logs the number the first time.</summary>
    public static void Note(TaskState* task, uint number)
    {
        if (number >= Limit)
            return;
        if (!Mark(task->Process, number))
            return;
        var log = new Log(task);
        ServerOutput.BeginLine(ref log, task);
        log.Text("call "u8);
        log.Number(number);
        log.Text(" answered with ENOSYS"u8);
        log.End();
    }

    // True if it was not marked.
    private static bool Mark(ProcessState* process, uint number)
    {
        ulong* word = &process->UnknownCalls[number / 64];
        ulong before = *word;
        *word |= 1ul << (int)(number % 64);
        return *word != before;
    }
}
