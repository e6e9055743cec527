using System.Globalization;
using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Hosting.Manifest;
using Libsys.Messages;

namespace Servers.Supervisor;

/// <summary>
/// Starts the servers in the order of their dependencies and watches over them. Every server is more important to the system than its own survival is
/// to itself, so the supervisor never waits for one: it reacts to messages. A server that fails ends the machine with its cause in the log; restarting it
/// needs the clients' replay, which does not exist yet.
/// </summary>
internal sealed class Supervision
{
    private const long InvalidArgument = -22;
    private const long NotPermitted = -1;

    // Servers' limits may add up to more than there is; programs get this share in any case.
    private const ulong LeastProgramShare = 4;

    private readonly EventLoop loop;
    private readonly Log log;
    private readonly MachineHandle machine;
    private readonly MachinePower power;
    private readonly EndpointHandle endpoint;
    private readonly ServerTableWriter table;
    private readonly Grants grants;
    private readonly List<ServerProcess> servers = [];

    /// <summary>Prepares all servers; none runs yet.</summary>
    /// <exception cref="ServerStartException">No memory.</exception>
    public Supervision(EventLoop loop, Log log, MachineHandle machine, MachinePower power, BootManifest manifest)
    {
        this.loop = loop;
        this.log = log;
        this.machine = machine;
        this.power = power;
        ServerStartException.Check(EndpointHandle.TryCreate(out endpoint), "endpoint");
        table = new ServerTableWriter();

        var root = new AccountHandle(WellKnownHandle.BootAccount);
        ServerStartException.Check(root.TryQuery(out AccountState all), "root account");
        ulong free = all.FrameLimit - all.Frames;
        ulong promised = 0;
        foreach (ServerDescription description in manifest.Servers)
            promised += (ulong)description.Account.Memory / 4096;
        grants = new Grants(root, Math.Max(free - Math.Min(promised, free), free / LeastProgramShare), table.Object);
        foreach (ServerDescription description in manifest.Servers)
        {
            servers.Add(new ServerProcess(description, servers.Count, root));
            Publish(servers[^1]);
        }
    }

    /// <summary>Starts all that depends on nobody; the others follow as those become ready.</summary>
    /// <exception cref="ServerStartException">Something was refused.</exception>
    public void Start()
    {
        loop.Add(endpoint, Receive);
        StartPossible();
    }

    private void StartPossible()
    {
        foreach (ServerProcess server in servers)
        {
            if (server.State != ServerState.Waiting || !server.Description.DependsOn.All(IsRunning))
                continue;
            server.State = ServerState.Starting;
            server.Start(machine, endpoint, servers, grants);
            Publish(server);
        }
    }

    private bool IsRunning(string name) => servers.Exists(server => server.Description.Name == name && server.State == ServerState.Running);

    private void Receive(in Message message)
    {
        ServerProcess? server = message.Badge >= 1 && message.Badge <= (ulong)servers.Count ? servers[(int)message.Badge - 1] : null;
        var reply = new ReplyHandle(message.ReplyHandle);
        switch ((MessageKind)message.Kind)
        {
            case MessageKind.Fault when server is not null:
                server.LastFailure = FaultText.Of(in message);
                log.Write($"{server.Description.Name} faulted: {server.LastFailure}");
                Fail(server);
                break;
            case MessageKind.SpaceDeath when server is not null:
                if (server.LastFailure.Length == 0)
                    server.LastFailure = $"its process ended with status {message.Words[0]}";
                log.Write($"{server.Description.Name} failed: {server.LastFailure}");
                Fail(server);
                break;
            case MessageKind.Call when server is not null:
                Answer(server, in message, reply);
                break;
            default:
                if (reply.IsValid)
                    reply.Reply(InvalidArgument);
                break;
        }
    }

    private void Answer(ServerProcess server, in Message message, ReplyHandle reply)
    {
        switch ((SupervisorOperation)message.Words[0])
        {
            case SupervisorOperation.Ready:
                reply.Reply(0);
                server.State = ServerState.Running;
                Publish(server);
                StartPossible();
                break;
            case SupervisorOperation.Crashed:
                server.LastFailure = string.Create(
                    CultureInfo.InvariantCulture,
                    $"signal {(uint)message.Words[1]} code {(int)(message.Words[1] >> 32)} at rip 0x{message.Words[2]:x}, address 0x{message.Words[5]:x}, thread {message.Slot}");
                log.Write($"{server.Description.Name} crashed: {server.LastFailure}");
                Fail(server);
                break;
            case SupervisorOperation.Exited:
                // wait4(2): the code is in bits 8 to 15.
                server.LastFailure = $"exited with status {message.Words[1] >> 8 & 0xFF}";
                log.Write($"{server.Description.Name} failed: {server.LastFailure}");
                Fail(server);
                break;
            case SupervisorOperation.Power when !Grants.MayEndMachine(server.Description.Name):
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

    private void Fail(ServerProcess server)
    {
        server.State = ServerState.Failed;
        Publish(server);
        log.Write($"the system does not work without {server.Description.Name}: power off");
        power.Off(failed: true);
    }

    private void Publish(ServerProcess server) =>
        table.Publish(
            server.Index, server.Description.Name, server.State, pid: (uint)server.Badge, server.Generation,
            restarts: server.Generation > 0 ? server.Generation - 1 : 0, server.LastFailure);
}
