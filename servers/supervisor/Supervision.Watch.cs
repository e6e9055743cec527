using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Supervisor.Policy;

namespace Servers.Supervisor;

// Heartbeats.
internal sealed partial class Supervision
{
    // A hang is noticed about when a person would notice it. Servers that do little are asked less often (HangDetector).
    private const ulong WatchPeriod = 250_000_000;

    /// <summary>
    /// Of the supervisor's threads, above all servers (priorities up to 30): one that runs for ever must not keep its supervisor from seeing it.
    /// </summary>
    public const int Priority = 31;

    // A server that hangs loops in its own code. One kernel call may take long for another reason (a fork of gigabytes) and comes back by itself; a loop of
    // kernel calls is noticed later.
    private const ulong KernelTimeWeight = 8;

    private readonly LoopTimer watch;
    private readonly Watchdog watchdog;

    private void Watch()
    {
        // The next check is counted from now: after a pause of the whole machine there is one check, not one for each that was missed.
        watch.Set(SystemClock.Now + WatchPeriod);
        watchdog.ShowLife();
        foreach (Server server in servers)
        {
            if (server.Current is { IsEnding: false } current)
            {
                Check(server, current);
            }

            if (server.Spare is { IsEnding: false, Parked.IsValid: false } spare)
                Check(server, spare);
        }
    }

    private void Check(Server server, ServerInstance instance)
    {
        if (!TryCpuTime(instance, out ulong time, out uint runnable))
            return;
        bool serves = instance == server.Current && server.State == ServerState.Running;
        var sample = new HealthSample(
            serves && instance.HasAnswered, time, runnable, server.Description.DependsOn.All(Answers));
        string? cause = instance.Detector.Check(in sample, out bool asks);
        if (cause is not null)
        {
            EndHanging(server, instance, cause);
        }
        else if (asks && serves)
        {
            instance.Ask(server.Loop);
        }
    }

    private void EndHanging(Server server, ServerInstance instance, string cause)
    {
        instance.Space.Suspend(0);
        instance.Report ??= CrashReport.OfThread(instance, slot: 0); // the loop runs on the first thread
        Fail(server, instance, cause);
    }

    private bool Answers(string name) =>
        servers.Exists(server => server.Name == name && server is { State: ServerState.Running, Current: { IsEnding: false, HasAnswered: true } });
}
