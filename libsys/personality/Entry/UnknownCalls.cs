namespace Libsys.Personality;

/// <summary>A line in the log for each call number that was answered with ENOSYS, so that a test run shows which are missing.</summary>
internal static unsafe class UnknownCalls
{
    // Beyond the highest number of any Linux; larger ones are nonsense and not logged.
    private const uint Limit = 512;

    /// <summary>Logs the number the first time.</summary>
    public static void Note(TaskState* task, uint number)
    {
        if (number >= Limit)
            return;
        ulong* word = &task->Process->UnknownCalls[number / 64];
        ulong bit = 1ul << (int)(number % 64);
        if ((*word & bit) != 0)
            return;
        *word |= bit;
        var log = new Log(task);
        ServerOutput.BeginLine(ref log, task);
        log.Text("call "u8);
        log.Number(number);
        log.Text(" answered with ENOSYS"u8);
        log.End();
    }
}
