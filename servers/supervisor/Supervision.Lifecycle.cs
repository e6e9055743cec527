using System.Globalization;
using Libsys.Hosting;
using Libsys.Hosting.Manifest;
using Libsys.Messages;
using Servers.Supervisor.Policy;

namespace Servers.Supervisor;

// From a process's start to its end, and to its successor.
internal sealed partial class Supervision
{
    private void StartPossible()
    {
        foreach (Server server in servers)
        {
            if (server.State == ServerState.Waiting && server.Description.DependsOn.All(IsThereOrMissed))
                StartProcess(server);
        }
    }

    // One that has served and is not started again is missed by its clients only, also by those that are started later: a fresh session does without it.
    private bool IsThereOrMissed(string name) =>
        servers.Exists(server => server.Name == name && server.State is ServerState.Running or ServerState.Failed);

    private void StartProcess(Server server)
    {
        if (server.IsOfSession)
            session.RememberBeginning();
        bool isFirst = server.Generation == 0;
        server.ClearSignals();
        server.Generation++;
        server.State = ServerState.Starting;
        try
        {
            server.Current = launcher.Start(server, servers, server.Generation, isSpare: false);
            (server.Current.PredecessorNoticedAt, server.Current.PredecessorFailedAt) = (server.DownSince, server.FailedAt);
        }
        catch (ServerStartException error) when (!isFirst)
        {
            log.Write($"{server.Name} cannot be started: {error.Message}");
            server.LastFailure = error.Message;
            RestartDecision decision = server.Backoff.Fail(SystemClock.Now, isRequested: false);
            if (decision.GivesUp)
                GiveUp(server);
            server.State = ServerState.Restarting;
            server.RestartTimer!.Set(SystemClock.Now + decision.Delay);
        }

        Publish(server);
    }

    private void BecomeReady(Server server, ServerInstance instance)
    {
        if (instance != server.Current || instance.IsEnding || server.State != ServerState.Starting)
            return;
        server.State = ServerState.Running;
        instance.Detector = new HangDetector(HangDetector.LoopBound, HangDetector.BlockedChecks);
        instance.ReadyAt = SystemClock.Now;
        server.DownSince = 0;
        Publish(server);
        if (server.Generation > 1)
        {
            TellClients(server);
            server.SettlingTimer!.Set(SystemClock.Now + FirstSettling);
        }
        else
            log.Write($"{server.Name}/1 is ready (process {instance.Number})"); // of a successor TellRestart tells more
        StartPossible();
        // Making a process takes milliseconds: those who waited for a successor come first.
        if (server.Generation == 1)
            StartSpare(server);
        TellSessionReady();
    }

    private void TellClients(Server server)
    {
        foreach (Server client in servers)
        {
            if (client.Current is { IsEnding: false } && client.Description.DependsOn.Contains(server.Name))
                client.Signal(LoopBits.PeerRestarted);
        }
    }

    // Those that it was a client of: what they hold for the process that has ended can be let go.
    private void TellServers(Server server)
    {
        foreach (Server other in servers)
        {
            if (other.Current is { IsEnding: false } && server.Description.DependsOn.Contains(other.Name))
                other.Signal(LoopBits.ClientGone);
        }
    }

    private void StartSpare(Server server)
    {
        if (!server.Description.Spare || server.Spare is not null || server.State != ServerState.Running)
            return;
        try
        {
            server.Spare = launcher.Start(server, servers, generation: 0, isSpare: true);
        }
        catch (ServerStartException error)
        {
            log.Write($"{server.Name} has no spare: {error.Message}");
        }
    }

    private void Park(Server server, ServerInstance instance, ReplyHandle reply)
    {
        if (!instance.IsSpare || instance.Parked.IsValid || instance.IsEnding)
        {
            reply.Reply(InvalidArgument);
            return;
        }

        instance.Parked = reply;
        if (server is { Current: null, State: ServerState.Restarting } && !server.RestartTimer!.IsSet)
            Activate(server, instance);
    }

    private void Activate(Server server, ServerInstance spare)
    {
        server.ClearSignals();
        server.Generation++;
        server.State = ServerState.Starting;
        server.Current = spare;
        server.Spare = null;
        spare.IsSpare = false;
        (spare.PredecessorNoticedAt, spare.PredecessorFailedAt) = (server.DownSince, server.FailedAt);
        spare.Detector = new HangDetector(HangDetector.StartBound, HangDetector.BlockedChecks);
        Publish(server);
        ReplyHandle parked = spare.Parked;
        spare.Parked = default;
        parked.Reply(0, server.Generation, server.Trust.Attempt);
        // Clients call the successor now; it finds their calls when it is ready, and nobody waits for one more message.
        TellClients(server);
    }

    /// <summary>A failure was noticed while threads may still live: they end, and the rest follows when the kernel says that they have.</summary>
    private void Fail(Server server, ServerInstance instance, string cause)
    {
        if (instance.IsEnding)
            return;
        instance.IsEnding = true;
        instance.NoticedAt = SystemClock.Now;
        instance.Failure = cause;
        instance.Space.Terminate(0);
        if (server.IsOfSession && instance == server.Current)
            EndSession(server);
    }

    private void Died(Server server, ServerInstance instance, string cause)
    {
        if (!instance.IsEnding)
        {
            instance.IsEnding = true;
            instance.NoticedAt = SystemClock.Now;
            instance.Failure = "failed: " + cause;
        }

        if (instance == server.Spare)
            SpareEnded(server, instance);
        else if (server.IsOfSession)
            SessionServerEnded(server, instance);
        else
            Ended(server, instance);
    }

    private void SpareEnded(Server server, ServerInstance spare)
    {
        server.Spare = null;
        log.Write($"spare of {server.Name} {spare.Failure}");
        RestartDecision decision = server.SpareBackoff.Fail(SystemClock.Now, isRequested: false);
        Finish(server, spare, "spare of " + server.Name);
        if (decision.GivesUp)
            log.Write($"{server.Name} gets no spare any more: too many have failed");
        else
            server.SpareTimer!.Set(SystemClock.Now + decision.Delay);
        if (server.State == ServerState.Restarting && !server.RestartTimer!.IsSet)
            Replace(server);
    }

    private void Ended(Server server, ServerInstance old)
    {
        bool wasReady = old.ReadyAt != 0;
        server.LastFailure = old.Failure;
        if (server.DownSince == 0)
            (server.DownSince, server.FailedAt) = (old.NoticedAt, old.FailedAt);
        server.Current = null;
        server.State = ServerState.Restarting;
        RestartDecision decision = server.Description.Restart.Mode == RestartMode.Always
            ? server.Backoff.Fail(old.NoticedAt, old.IsRequested || old.IsSuspected)
            : new RestartDecision(GivesUp: true, 0);
        if (!decision.GivesUp)
            JudgeKept(server, old);
        bool atOnce = !decision.GivesUp && decision.Delay == 0;
        if (atOnce && server.Spare is { Parked.IsValid: true, IsEnding: false } spare)
            Activate(server, spare);
        TellServers(server);
        uint generation = server.Generation - (server.Current is null ? 0u : 1u);
        server.Left.Add((old, generation));
        if (server.Current is not null)
        {
            // What is left to do takes time that the successor and its clients need, who are all less important.
            if (!server.SettlingTimer!.IsSet)
                server.SettlingTimer.Set(SystemClock.Now + LastSettling);
            return;
        }

        FinishLeft(server);
        if (decision.GivesUp)
        {
            ReleaseKept(server, "it is not started again");
            // Without policy "always" a server that has served is missed by its clients only; one that never did keeps the system from coming up. One that
            // is not vital never does.
            if (!server.Description.IsVital || (server.Description.Restart.Mode == RestartMode.Never && wasReady))
                DoWithout(server);
            else
                GiveUp(server);
            Publish(server);
            TellClients(server);
            StartPossible();
            return;
        }

        Publish(server);
        if (atOnce)
            Replace(server);
        else
            server.RestartTimer!.Set(SystemClock.Now + decision.Delay);
    }

    private void Replace(Server server)
    {
        if (server.Spare is { IsEnding: false } spare)
        {
            if (spare.Parked.IsValid)
                Activate(server, spare);
            return; // it will be soon
        }

        server.State = ServerState.Waiting;
        Publish(server);
        StartPossible();
    }

    // Reports processes that have ended, and frees what they held.
    private void FinishLeft(Server server)
    {
        foreach ((ServerInstance old, uint generation) in server.Left)
        {
            TellRestart(server, old, generation);
            log.Write(string.Create(CultureInfo.InvariantCulture, $"{server.Name} {old.Failure} (generation {generation}, process {old.Number})"));
            Finish(server, old, server.Name);
        }

        server.Left.Clear();
    }

    private void Finish(Server server, ServerInstance old, string name)
    {
        (old.Report ?? CrashReport.WithoutThread(old)).Write(line => log.Write(name + line), CodeNames.Of(server));
        (long frames, long handles) = old.TearDown();
        old.Account.Handle.Close();
        log.Write(frames == 0 && handles == 0
            ? $"{name}: everything that process {old.Number} held is free again"
            : string.Create(CultureInfo.InvariantCulture, $"{name}: process {old.Number} left {frames} frames and {handles} handles behind"));
    }

    private void DoWithout(Server server)
    {
        server.State = ServerState.Failed;
        if (server.Backoff.Recent > 1)
            log.Write(string.Create(CultureInfo.InvariantCulture,
            $"{server.Name} failed {server.Backoff.Recent} times within {server.Description.Restart.WindowSeconds} s: it is not started again"));
    }

    private void GiveUp(Server server)
    {
        DoWithout(server);
        Publish(server);
        log.Write($"the system does not work without {server.Name}: power off");
        power.Off(failed: true);
    }
}
