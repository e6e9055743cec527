using System.Text;
using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Processes.Publishing;
using Servers.Processes.Spaces;
using Servers.Processes.Tree;

namespace Servers.Processes.Requests;

/// <summary>
/// Answers the calls of programs (see <see cref="ProcessOperation"/>). Who calls is told by the kernel: the badge names the space, the group the process. All
/// words are a program's claims. Nothing here waits for a program: an answer that has to wait keeps the reply handle.
/// </summary>
internal sealed class ProcessService
{
    private readonly Log log;
    private readonly ProcessTree tree;
    private readonly ProgramSpaces spaces;
    private readonly VfsControlClient vfs;
    private readonly MachinePower power;
    private readonly TerminalSignals terminalSignals;
    private readonly SpaceEvents events;
    private readonly RequestDispatcher dispatcher;

    /// <summary>A service without processes.</summary>
    public ProcessService(ServerContext context, EndpointHandle endpoint, VfsControlClient vfs, ProcessTablePublisher publisher, IdsPublisher ids,
        LoadAverage load, EventLoop loop)
    {
        log = context.Log;
        this.vfs = vfs;
        var room = new HandleRoom(new AccountHandle(context.Handle("account").Index));
        power = new MachinePower(context.Supervisor, vfs);
        var servers = new ProgramServers(context, loop);
        var programs = new AccountHandle(context.Handle("programs").Index);
        spaces = new ProgramSpaces(endpoint, programs, vfs, servers, log);
        servers.Start(vfs, () => spaces.All);
        var effects = new ProcessEffects(spaces, vfs, publisher, new AwaitedEnds(loop, EndOverdue), EndSystem);
        tree = new ProcessTree(effects, ProcessTable.Entries);
        terminalSignals = new TerminalSignals(vfs, tree);
        var exec = new ExecRequests(tree, spaces, effects, log);
        events = new SpaceEvents(tree, exec, new StarvedThreads(loop, programs), log);
        var operations = new Operations();
        exec.Declare(operations);
        new ForkRequests(tree, spaces, effects, vfs).Declare(operations);
        new EndRequests(tree, room).Declare(operations);
        new SignalRequests(tree, effects, room).Declare(operations);
        new ThreadRequests(tree).Declare(operations);
        new IdentityRequests(tree).Declare(operations);
        new CredentialRequests(vfs, effects).Declare(operations);
        new ControlRequests(effects).Declare(operations);
        new ResourceRequests(tree, vfs, effects).Declare(operations);
        new SystemRequests(tree, load, power).Declare(operations);
        new SpaceRequests(spaces, servers, ids).Declare(operations);
        dispatcher = new RequestDispatcher(operations, room);
    }

    /// <summary>Connects to the terminals: what is typed there becomes signals.</summary>
    public void ConnectTerminals(EventLoop loop)
    {
        loop.Add(terminalSignals);
        KernelStatus status = terminalSignals.Connect(loop.Notification);
        if (status != KernelStatus.Ok)
            log.Write($"terminals cannot send signals: {status}");
    }

    /// <summary>Starts the first program.</summary>
    /// <exception cref="InvalidOperationException">It could not be started.</exception>
    public void StartFirst() => FirstProgram.Start(tree, spaces, vfs);

    /// <summary>Handles one message of the endpoint.</summary>
    public void Receive(in Message message)
    {
        ProgramSpace? space = spaces.Find(message.Badge);
        switch ((MessageKind)message.Kind)
        {
            case MessageKind.Fault:
                events.Fault(space, in message);
                break;
            case MessageKind.SpaceDeath:
                if (space is not null)
                    events.Died(space);
                break;
            case MessageKind.Call:
                long? result = space is not null && tree.Find((int)message.Group) is { IsAlive: true } caller
                    ? dispatcher.Dispatch(caller, space, in message)
                    : -Errno.ESRCH;
                if (result is { } word)
                    new ReplyHandle(message.ReplyHandle).Reply(word);
                // Whatever came along: of what is wanted (exec's start table) a mapping was made.
                for (int index = 0; index < message.HandleCount && index < 4; index++)
                    new KernelHandle(message.Handles[index]).Close();
                break;
            default:
                new ReplyHandle(message.ReplyHandle).Refuse((MessageKind)message.Kind);
                break;
        }
    }

    private void EndOverdue(Process process)
    {
        log.Write($"pid {process.Pid} ({Encoding.UTF8.GetString(process.Name)}) does not end by itself and is terminated");
        tree.End(process, WaitStatus.Killed(Signals.SIGKILL));
    }

    private void EndSystem(Process first)
    {
        log.Write($"the first process ended with wait status 0x{first.ExitStatus:x}");
        power.Request(PowerAction.Off, failed: true);
    }
}
