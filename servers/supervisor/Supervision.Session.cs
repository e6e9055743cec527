using System.Globalization;
using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Supervisor.Policy;

namespace Servers.Supervisor;

// Servers that programs do not outlive end together, and a fresh session begins.
internal sealed partial class Supervision
{
    // The kernel frees the spaces of programs in the background; a few thousand pages take milliseconds.
    private const ulong SessionPollPeriod = 1_000_000;

    // A fresh session is promised within two seconds: what is not free after one of them is reported, and does not stop it.
    private const ulong LongestSessionEnd = 1_000_000_000;

    private readonly SessionAccounts session;
    private readonly bool hasCommand;
    private readonly LoopTimer sessionPoll;
    private readonly List<(Server Server, ServerInstance Instance)> endedOfSession = [];
    private Server? sessionCulprit;
    private ulong sessionNoticedAt;
    private ulong sessionDelay;
    private bool isSessionBeginning;

    private void EndSession(Server culprit)
    {
        if (sessionCulprit is not null)
            return;
        sessionCulprit = culprit;
        sessionNoticedAt = culprit.Current!.NoticedAt;
        foreach (Server server in servers)
        {
            if (!server.IsOfSession)
                continue;
            server.State = ServerState.Restarting;
            if (server.Current is { IsEnding: false } other)
            {
                other.IsEnding = true;
                other.NoticedAt = sessionNoticedAt;
                other.Failure = "ends with " + culprit.Name;
                other.Space.Terminate(0);
            }
        }
    }

    private void SessionServerEnded(Server server, ServerInstance instance)
    {
        EndSession(server);
        endedOfSession.Add((server, instance));
        server.Current = null;
        server.LastFailure = instance.Failure;
        server.DownSince = sessionNoticedAt;
        Publish(server);
        if (servers.Exists(other => other is { IsOfSession: true, Current: not null }))
            return;
        FinishSession();
    }

    private void FinishSession()
    {
        Server culprit = sessionCulprit!;
        bool isRequested = false;
        foreach ((Server server, ServerInstance instance) in endedOfSession)
        {
            log.Write(string.Create(CultureInfo.InvariantCulture,
                $"{server.Name} {instance.Failure} (generation {server.Generation}, process {instance.Number})"));
            if (server != culprit)
                continue;
            isRequested = instance.IsRequested;
            (instance.Report ?? CrashReport.WithoutThread(instance)).Write(line => log.Write(server.Name + line), CodeNames.Of(server));
        }

        if (hasCommand)
        {
            log.Write($"the command of this run has ended with {culprit.Name}, and is not run again: power off");
            power.Off(failed: true);
        }

        RestartDecision decision = culprit.Backoff.Fail(sessionNoticedAt, isRequested);
        sessionDelay = decision.Delay;
        if (decision.GivesUp)
            GiveUp(culprit);
        foreach ((Server server, ServerInstance instance) in endedOfSession)
        {
            instance.TearDown();
            ReleaseKept(server, "the session has ended");
        }

        KernelStatus status = grants.ClearProcessTable();
        if (status != KernelStatus.Ok)
            log.Write($"the table of processes keeps its contents: {status}");
        foreach (Server server in servers)
        {
            if (!server.IsOfSession && server.Current is { IsEnding: false }
                && servers.Exists(other => other.IsOfSession && other.Description.DependsOn.Contains(server.Name)))
                server.Signal(LoopBits.ClientGone);
        }

        sessionPoll.Set(SystemClock.Now + SessionPollPeriod);
    }

    private void CheckSessionEnd()
    {
        ulong now = SystemClock.Now;
        if (!session.IsEmpty(endedOfSession) && now - sessionNoticedAt < LongestSessionEnd)
        {
            sessionPoll.Set(now + SessionPollPeriod);
            return;
        }

        string figures = session.Describe(endedOfSession);
        foreach ((_, ServerInstance instance) in endedOfSession)
            instance.Account.Handle.Close();
        endedOfSession.Clear();
        log.Write(string.Create(CultureInfo.InvariantCulture,
            $"the session ended {(now - sessionNoticedAt) / 1_000_000} ms after {sessionCulprit!.Name} failed; {figures}; {session.DescribeOwn()}"));
        sessionCulprit = null;
        isSessionBeginning = true;
        foreach (Server server in servers)
        {
            if (server.IsOfSession)
                server.RestartTimer!.Set(now + sessionDelay);
        }
    }

    private void TellSessionReady()
    {
        if (!isSessionBeginning || servers.Exists(server => server.IsOfSession && server.State != ServerState.Running))
            return;
        isSessionBeginning = false;
        log.Write(string.Create(CultureInfo.InvariantCulture,
            $"a fresh session begins {(SystemClock.Now - sessionNoticedAt) / 1_000_000} ms after the end of the last one was noticed"));
    }
}
