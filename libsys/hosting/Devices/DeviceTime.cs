namespace Libsys.Hosting.Devices;

/// <summary>
/// Time that a device takes and in which nothing can be done with it. The caller's loop stands still, so this is for what is rare and bounded; it gives signs
/// of life, lest it looks like a hang.
/// </summary>
public static class DeviceTime
{
    private const int Step = 10;

    /// <summary>Lets milliseconds pass, during which others have the CPU.</summary>
    public static void Pass(int milliseconds, ServerHealth? health)
    {
        for (; milliseconds > 0; milliseconds -= Step)
        {
            health?.AnswerHeartbeat();
            Thread.Sleep(Math.Min(Step, milliseconds));
        }
    }
}
