using Libsys.Abi;
using Libsys.Hosting;

namespace Servers.Supervisor;

/// <summary>
/// Watches the supervisor itself from a second thread: nobody else would notice that it hangs, and a system whose servers are no longer watched only seems to
/// be well. Its loop shows a sign of life with each round of heartbeats; without one for long, the watchdog ends the machine.
/// </summary>
/// <param name="panic">Says why and ends the machine; called on the watchdog's thread.</param>
internal sealed class Watchdog(Action<string> panic)
{
    // Few, so that an idle system is woken rarely.
    private const ulong Period = 1_000_000_000;

    // Ten seconds in which this thread could run ten times and the loop, of the same priority, not once. Three seconds were seen between two turns of a
    // virtual CPU on a busy host.
    private const int MostSilentChecks = 10;

    private uint signs;

    /// <summary>The loop runs. From the loop's thread.</summary>
    public void ShowLife() => Volatile.Write(ref signs, signs + 1);

    /// <summary>Begins to watch.</summary>
    public void Start() => new Thread(Watch) { IsBackground = true, Name = "watchdog" }.Start();

    private void Watch()
    {
        // A loop that spins on the only CPU must not keep its watchdog from running.
        ServerStartException.Check(new ThreadHandle(WellKnownHandle.CurrentThread).SetPriority(Supervision.Priority), "priority of the watchdog");
        ServerStartException.Check(NotificationHandle.TryCreate(out NotificationHandle never), "notification of the watchdog");
        uint seen = Volatile.Read(ref signs);
        for (int silent = 0; silent < MostSilentChecks;)
        {
            never.Wait(SystemClock.Now + Period, out _); // nobody signals it: it ends at the deadline
            uint now = Volatile.Read(ref signs);
            silent = now == seen ? silent + 1 : 0;
            seen = now;
        }

        panic($"the supervisor hangs: no turn of its loop at {MostSilentChecks} checks in a row");
    }
}
