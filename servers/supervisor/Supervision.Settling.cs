using System.Globalization;
using Libsys.Hosting;
using Libsys.Messages;

namespace Servers.Supervisor;

// How long restarts took.
internal sealed partial class Supervision
{
    // A driver's first answer comes within milliseconds, if anybody waits for one. Looked for at times that double: seven are half a second.
    private const ulong FirstSettling = 8_000_000, LastSettling = 512_000_000;

    private void Settle(Server server)
    {
        FinishLeft(server);
        StartSpare(server);
        if (server.Current is not { IsEnding: false, PredecessorNoticedAt: not 0 } current)
            return;
        ulong passed = SystemClock.Now - current.ReadyAt;
        if (passed > LastSettling || current.Health.ReadUInt64(HealthPage.FirstOutput) != 0)
            TellRestart(server, current, server.Generation);
        else
            server.SettlingTimer!.Set(SystemClock.Now + Math.Max(passed, FirstSettling));
    }

    /// <summary>Tells once how long a successor took: when its first answer is known, or nobody asked, or it has ended.</summary>
    private void TellRestart(Server server, ServerInstance instance, uint generation)
    {
        (ulong failed, ulong noticed) = (instance.PredecessorFailedAt, instance.PredecessorNoticedAt);
        if (noticed == 0 || instance.ReadyAt == 0)
            return;
        instance.PredecessorNoticedAt = 0;
        uint After(int field) => RestartTimes.Between(failed, instance.Health.ReadUInt64((ulong)field));
        server.LastRestart = new RestartTimes(
            generation, RestartTimes.Between(failed, noticed), After(HealthPage.QuiescedAt), RestartTimes.Between(failed, instance.ReadyAt),
            After(HealthPage.FirstOutput));
        Publish(server);
        log.Write(string.Create(
            CultureInfo.InvariantCulture,
            $"{server.Name}/{generation} was ready {(instance.ReadyAt - noticed) / 1000} us after the end of its predecessor was noticed; since the failure: "
            + $"{server.LastRestart}"));
    }
}
