using System.Globalization;
using System.Text;
using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Hosting.Manifest;
using Libsys.Messages;

namespace Servers.Supervisor;

/// <summary>
/// Starts the servers in the order of their dependencies and watches over them. Every server is more important to the system than its own survival is
/// to itself, so the supervisor never waits for one: it reacts to messages and to time.
/// </summary>
internal sealed partial class Supervision
{
    private const long InvalidArgument = -22;
    private const long NotPermitted = -1;
    private const long NoSuchServer = -2;
    private const long NotNow = -11;
    private const long NotSupported = -95;

    // The supervisor shows itself behind its servers, so that its own end can be tried as well.
    private const string OwnName = "supervisor";
    private const int OwnExitStatus = 3;

    // Servers' limits may add up to more than there is; programs get this share in any case.
    private const ulong LeastProgramShare = 4;

    private readonly EventLoop loop;
    private readonly Log log;
    private readonly MachinePower power;
    private readonly EndpointHandle endpoint;
    private readonly ServerTableWriter table;
    private readonly Grants grants;
    private readonly ServerLauncher launcher;
    private readonly List<Server> servers = [];

    /// <summary>Prepares all servers; none runs yet.</summary>
    /// <exception cref="ServerStartException">No memory.</exception>
    public Supervision(EventLoop loop, Log log, MachineHandle machine, MachinePower power, BootManifest manifest, bool hasCommand, Watchdog watchdog)
    {
        this.loop = loop;
        this.log = log;
        this.power = power;
        this.watchdog = watchdog;
        ServerStartException.Check(EndpointHandle.TryCreate(out endpoint), "endpoint");
        table = new ServerTableWriter();

        var root = new AccountHandle(WellKnownHandle.BootAccount);
        ServerStartException.Check(root.TryQuery(out AccountState all), "root account");
        ulong free = all.FrameLimit - all.Frames;
        ulong promised = 0;
        foreach (ServerDescription description in manifest.Servers)
            promised += (ulong)description.Account.Memory / Server.PageLength * (description.Spare ? 2u : 1u)
            + (ulong)description.Account.Keep / Server.PageLength;
        grants = new Grants(machine, root, Math.Max(free - Math.Min(promised, free), free / LeastProgramShare),
            manifest.Cache.Frames(all.FrameLimit, Server.PageLength), table.Object);
        launcher = new ServerLauncher(machine, endpoint, grants);
        foreach (ServerDescription description in manifest.Servers)
        {
            var server = new Server(description, servers.Count, root, machine);
            server.RestartTimer = loop.CreateTimer(() => Replace(server));
            server.SpareTimer = loop.CreateTimer(() => StartSpare(server));
            server.SuspicionTimer = loop.CreateTimer(() => LookAgain(server));
            server.SettlingTimer = loop.CreateTimer(() => Settle(server));
            servers.Add(server);
            Publish(server);
        }

        table.Publish(servers.Count, OwnName, ServerState.Running, pid: 0, generation: 1, restarts: 0, failure: "", default);
        session = new SessionAccounts(root, grants, servers);
        this.hasCommand = hasCommand;
        sessionPoll = loop.CreateTimer(CheckSessionEnd);
        watch = loop.CreateTimer(Watch);
    }

    /// <summary>Starts all that depends on nobody; the others follow as those become ready.</summary>
    /// <exception cref="ServerStartException">Something was refused.</exception>
    public void Start()
    {
        loop.Add(endpoint, Receive, fromKernel: true);
        watch.Set(SystemClock.Now + WatchPeriod);
        StartPossible();
    }

    private void Receive(in Message message)
    {
        (Server? server, ServerInstance? instance) = Find(message.Badge);
        var reply = new ReplyHandle(message.ReplyHandle);
        if (server is null || instance is null || message.Words[0] != (ulong)SupervisorOperation.Keep)
            message.CloseHandles();
        if (server is null || instance is null)
        {
            if (reply.IsValid)
                reply.Close(); // of a process that was torn down
            return;
        }

        switch ((MessageKind)message.Kind)
        {
            case MessageKind.Fault:
                instance.Report ??= CrashReport.OfThread(instance, message.Slot);
                Fail(server, instance, "faulted: " + FaultText.Of(in message));
                reply.Reply(0); // the thread has been told to end: nobody gets the answer
                break;
            case MessageKind.SpaceDeath:
                Died(server, instance, string.Create(CultureInfo.InvariantCulture, $"its process ended with status {message.Words[0]}"));
                break;
            case MessageKind.Call:
                Answer(server, instance, in message, reply);
                break;
            default:
                reply.Refuse((MessageKind)message.Kind);
                break;
        }
    }

    private (Server? Server, ServerInstance? Instance) Find(ulong number)
    {
        foreach (Server server in servers)
        {
            if (server.Current?.Number == number)
                return (server, server.Current);
            if (server.Spare?.Number == number)
                return (server, server.Spare);
        }

        return (null, null);
    }

    private void Answer(Server server, ServerInstance instance, in Message message, ReplyHandle reply)
    {
        switch ((SupervisorOperation)message.Words[0])
        {
            case SupervisorOperation.Ready:
                reply.Reply(0);
                BecomeReady(server, instance);
                break;
            case SupervisorOperation.Standby:
                Park(server, instance, reply);
                break;
            case SupervisorOperation.Crashed:
                // The signal's number and code, as the personality saw them. The caller is never answered.
                instance.Report ??= CrashReport.OfProgram(instance, message.Slot);
                Fail(server, instance, string.Create(
                    CultureInfo.InvariantCulture,
                    $"crashed: signal {(uint)message.Words[1]} code {(int)(message.Words[1] >> 32)} at rip 0x{message.Words[2]:x}, " +
                    $"address 0x{message.Words[5]:x}, thread {message.Slot}"));
                reply.Reply(0);
                break;
            case SupervisorOperation.Exited:
                // wait4(2): the code is in bits 8 to 15.
                Fail(server, instance, string.Create(CultureInfo.InvariantCulture, $"failed: exited with status {message.Words[1] >> 8 & 0xFF}"));
                reply.Reply(0);
                break;
            case SupervisorOperation.Failing:
                instance.Report ??= CrashReport.OfThread(instance, message.Slot);
                Fail(server, instance, "failed: unexpected exception: " + CrashReport.ExceptionOf(instance));
                reply.Reply(0);
                break;
            case SupervisorOperation.Keep or SupervisorOperation.Find or SupervisorOperation.NextName or SupervisorOperation.Release:
                AnswerKeeping(server, instance, in message, reply);
                break;
            case SupervisorOperation.Violation:
                reply.Reply(EndReported(server, instance, in message, "broke the ring protocol"));
                break;
            case SupervisorOperation.Stray:
                reply.Reply(EndReported(server, instance, in message, "had its device reach for memory that was not lent to it"));
                break;
            case SupervisorOperation.Suspect:
                reply.Reply(Suspect(server, in message));
                break;
            case SupervisorOperation.Restart or SupervisorOperation.Inject when !server.Description.Grants.HasFlag(Grant.RestartServers):
                reply.Reply(NotPermitted);
                break;
            case SupervisorOperation.Restart:
                Request(in message, reply, 0);
                break;
            case SupervisorOperation.Inject:
                Request(in message, reply, (InjectedFault)message.Words[1]);
                break;
            case SupervisorOperation.Power when !server.Description.Grants.HasFlag(Grant.Power):
                reply.Reply(NotPermitted);
                break;
            case SupervisorOperation.Power:
                EndMachine((PowerAction)message.Words[1], failed: message.Words[2] != 0, reply);
                break;
            default:
                reply.Reply(InvalidArgument);
                break;
        }
    }

    private Server? Named(in Message message)
    {
        string name = NameIn(in message);
        return servers.Find(server => server.Name == name);
    }

    private static string NameIn(in Message message)
    {
        Span<byte> bytes = stackalloc byte[ServerName.LongestName];
        return Encoding.UTF8.GetString(bytes[..ServerName.Read(in message, bytes)]);
    }

    // A claim of one server about another: believed between those that work together, and bounded by the restart policy. Where one end is made good and the
    // other is not, the first is tried first.
    private long EndReported(Server reporter, ServerInstance instance, in Message message, string what)
    {
        long error = FindPeer(reporter, in message, out Server? peer);
        if (error != 0)
            return error;
        bool isReporterCheaper = reporter.Description.Restart.Mode == RestartMode.Always
            && (peer!.Description.Restart.Mode != RestartMode.Always || (peer.Description.IsVital && !reporter.Description.IsVital));
        // Of one that root has asked to fail it is true.
        bool isDoubtful = isReporterCheaper && !peer!.Current!.IsRequested;
        if (isDoubtful && (instance.IsRequested || !peer!.Accusations.Say(reporter.Name, reporter.Generation, peer.Current!.Number, SystemClock.Now)))
            Fail(reporter, instance, $"failed: says that {peer!.Name} {what}, and is more likely wrong itself");
        else
            Fail(peer!, peer!.Current!, $"failed: {what}, found by {reporter.Name}");
        return error;
    }

    // What one server says of another, of the generation that runs: 0 if they work together.
    private long FindPeer(Server reporter, in Message message, out Server? peer)
    {
        peer = Named(in message);
        if (peer is null)
            return NoSuchServer;
        if (!peer.Description.DependsOn.Contains(reporter.Name) && !reporter.Description.DependsOn.Contains(peer.Name))
            return NotPermitted;
        return peer.Current is null || peer.Generation != message.Words[1] ? NotNow : 0;
    }

    /// <summary>What root asked for; no fault: a restart. The caller has its answer before anything happens, since it may be the target.</summary>
    private void Request(in Message message, ReplyHandle reply, InjectedFault fault)
    {
        if (NameIn(in message) == OwnName)
        {
            EndSelf(reply, fault);
            return;
        }

        Server? target = Named(in message);
        ServerInstance? instance = target?.Current;
        bool isReached = instance is { IsEnding: false } && (target!.State == ServerState.Running || fault == InjectedFault.Kill);
        long result = !Enum.IsDefined(fault) && fault != 0 ? InvalidArgument : target is null ? NoSuchServer : isReached ? 0 : NotNow;
        reply.Reply(result);
        if (result != 0)
            return;
        instance!.IsRequested = true;
        if (fault == 0)
            Fail(target!, instance, "restarts: root asked for it");
        else if (fault == InjectedFault.Kill)
            instance.Kill();
        else
            instance.Commit(fault, target!.Loop);
    }

    // Nothing is above the supervisor: its exception is a panic of its own, a hang one of its watchdog, its exit one of the kernel's.
    private void EndSelf(ReplyHandle reply, InjectedFault fault)
    {
        reply.Reply(fault is InjectedFault.Crash or InjectedFault.Exit or InjectedFault.Hang ? 0 : NotSupported);
        while (fault == InjectedFault.Hang)
            Thread.SpinWait(1000);
        if (fault == InjectedFault.Exit)
            Environment.Exit(OwnExitStatus);
        if (fault == InjectedFault.Crash)
            throw new InvalidOperationException("root asked for the failure of the supervisor");
    }

    private void EndMachine(PowerAction action, bool failed, ReplyHandle reply)
    {
        switch (action)
        {
            case PowerAction.Off or PowerAction.Halt:
                log.Write("power off");
                power.Off(failed);
                break;
            case PowerAction.Restart:
                log.Write("restart");
                power.Restart();
                break;
            default:
                reply.Reply(InvalidArgument);
                break;
        }
    }

    private void Publish(Server server) =>
        table.Publish(
            server.Index, server.Name, server.State, pid: (uint)(server.Current?.Number ?? 0), server.Generation,
            restarts: server.Generation > 0 ? server.Generation - 1 : 0, server.LastFailure, server.LastRestart);
}
