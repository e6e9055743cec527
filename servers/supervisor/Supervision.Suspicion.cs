using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Hosting.Manifest;
using Libsys.Messages;
using Servers.Supervisor.Policy;

namespace Servers.Supervisor;

// Servers for which somebody has waited too long.
internal sealed partial class Supervision
{
    private long Suspect(Server reporter, in Message message)
    {
        long error = FindPeer(reporter, in message, out Server? peer);
        if (error != 0)
            return error;
        // The notice is too short for an end that nobody makes good.
        if (peer is not { State: ServerState.Running, Current: { IsEnding: false } current, Description.Restart.Mode: RestartMode.Always }
            || peer.Suspicion.IsOpen
            || !TryCpuTime(current, out ulong time, out _))
            return NotNow;
        peer.Suspicion.Begin(time);
        // One that was asked already has not answered yet: that is the same question.
        if (current.HasAnswered)
            current.Ask(peer.Loop);
        peer.SuspicionTimer!.Set(SystemClock.Now + Suspicion.Period);
        return 0;
    }

    private void LookAgain(Server server)
    {
        if (server.Current is not { IsEnding: false } current || server.State != ServerState.Running || !TryCpuTime(current, out ulong time, out uint runnable))
        {
            server.Suspicion.End();
            return;
        }

        string? cause = server.Suspicion.Look(new HealthSample(current.HasAnswered, time, runnable, server.Description.DependsOn.All(Answers)));
        if (server.Suspicion.IsOpen)
        {
            server.SuspicionTimer!.Set(SystemClock.Now + Suspicion.Period);
        }
        else if (cause is not null)
        {
            current.IsSuspected = !server.Suspicion.Counts;
            if (!current.IsRequested)
                server.Suspicion.Found();
            EndHanging(server, current, cause);
        }
    }

    private static bool TryCpuTime(ServerInstance instance, out ulong time, out uint runnable)
    {
        bool isKnown = instance.Space.TryUsage(0, out SpaceUsage usage) == KernelStatus.Ok;
        time = usage.UserNanoseconds + usage.SystemNanoseconds / KernelTimeWeight;
        runnable = usage.Runnable;
        return isKnown;
    }
}
