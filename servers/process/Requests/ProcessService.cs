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
internal sealed partial class ProcessService
{
    private readonly Log log;
    private readonly EndpointHandle supervisor;
    private readonly ProcessTree tree;
    private readonly ProgramSpaces spaces;
    private readonly ProcessEffects effects;
    private readonly VfsControlClient vfs;
    private readonly LoadAverage load;
    private readonly TerminalSignals terminalSignals;
    private readonly HandleRoom room;

    /// <summary>A service without processes.</summary>
    public ProcessService(ServerContext context, EndpointHandle endpoint, VfsControlClient vfs, ProcessTablePublisher publisher, LoadAverage load,
        EventLoop loop)
    {
        log = context.Log;
        supervisor = context.Supervisor;
        this.vfs = vfs;
        this.load = load;
        room = new HandleRoom(new AccountHandle(context.Handle("account").Index));
        spaces = new ProgramSpaces(endpoint, new AccountHandle(context.Handle("programs").Index), vfs, room, log);
        effects = new ProcessEffects(spaces, vfs, publisher, new AwaitedEnds(loop, EndOverdue), EndSystem);
        tree = new ProcessTree(effects, ProcessTable.Entries);
        terminalSignals = new TerminalSignals(vfs, tree);
    }

    /// <summary>Connects to the terminals: what is typed there becomes signals.</summary>
    public void ConnectTerminals(EventLoop loop)
    {
        loop.Add(terminalSignals);
        KernelStatus status = terminalSignals.Connect(loop.Notification);
        if (status != KernelStatus.Ok)
            log.Write($"terminals cannot send signals: {status}");
    }

    /// <summary>Handles one message of the endpoint.</summary>
    public void Receive(in Message message)
    {
        var reply = new ReplyHandle(message.ReplyHandle);
        ProgramSpace? space = spaces.Find(message.Badge);
        switch ((MessageKind)message.Kind)
        {
            case MessageKind.Fault:
                Fault(space, in message, reply);
                break;
            case MessageKind.SpaceDeath:
                if (space is not null)
                    SpaceDied(space);
                break;
            case MessageKind.Call:
                if (Answer(space, in message, reply) is { } result)
                    reply.Reply(result);
                // Whatever came along: of what is wanted (exec's start table) a mapping was made.
                for (int index = 0; index < message.HandleCount && index < 4; index++)
                    new KernelHandle(message.Handles[index]).Close();
                break;
            default:
                reply.Refuse((MessageKind)message.Kind);
                break;
        }
    }

    /// <summary>The result for the first word, or null if the request was or will be answered otherwise.</summary>
    private long? Answer(ProgramSpace? space, in Message message, ReplyHandle reply)
    {
        Process? process = tree.Find((int)message.Group);
        if (space is null || process is not { IsAlive: true })
            return -Errno.ESRCH;
        if (process.Space != space)
            return process.Exec?.Space == space ? AnswerNewProgram(process, in message, reply) : -Errno.ESRCH;
        return (ProcessOperation)message.Words[0] switch
        {
            ProcessOperation.Fork => Fork(process, in message),
            ProcessOperation.ForkShared => ForkShared(process, in message, reply),
            ProcessOperation.Exec => Execute(process, in message, reply),
            ProcessOperation.Exit => Exit(process, in message, reply),
            ProcessOperation.Wait => Wait(process, in message, reply),
            ProcessOperation.Kill => Kill(process, in message, reply),
            ProcessOperation.TakeSignal => TakeSignal(process, in message, reply),
            ProcessOperation.Stop => Stop(process, in message, reply),
            ProcessOperation.ChildPolicy => SetChildPolicy(process, in message),
            ProcessOperation.AllocateThreadIds => AllocateThreadIds(process, in message),
            ProcessOperation.ThreadEnded => EndThread(process, in message),
            ProcessOperation.Identify => Identify(process, reply),
            ProcessOperation.GetProcessGroup => Other(process, in message)?.Group ?? -Errno.ESRCH,
            ProcessOperation.SetProcessGroup => tree.SetGroup(process, (int)message.Words[1], (int)message.Words[2]),
            ProcessOperation.GetSession => Other(process, in message)?.Session ?? -Errno.ESRCH,
            ProcessOperation.SetSession => tree.SetSession(process),
            ProcessOperation.SetCredentials => SetCredentials(process, in message),
            ProcessOperation.SetGroups => SetGroups(process, in message),
            ProcessOperation.GetGroups => GetGroups(process, reply),
            ProcessOperation.ResourceLimit => LimitResource(process, in message, reply),
            ProcessOperation.Usage => ReportUsage(process, in message, reply),
            ProcessOperation.SetName => SetName(process, in message),
            ProcessOperation.ProcessControl => Control(process, in message),
            ProcessOperation.Priority => Prioritize(process, in message),
            ProcessOperation.SystemLoad => ReportLoad(reply),
            ProcessOperation.Reboot => Reboot(process, in message),
            ProcessOperation.AttachPool => spaces.AttachPool(space, process, message.Words[1]),
            _ => -Errno.ENOSYS,
        };
    }

    // The personality of a program that is being loaded knows who it is and says how it went; nothing else is its business yet.
    private long? AnswerNewProgram(Process process, in Message message, ReplyHandle reply) => (ProcessOperation)message.Words[0] switch
    {
        ProcessOperation.Identify => Identify(process, reply),
        ProcessOperation.ExecCommit => CommitExec(process, in message),
        ProcessOperation.ExecFail => FailExec(process, -(long)(message.Words[1] & 0xFFF), reply),
        ProcessOperation.Exit => FailExec(process, -Errno.ENOEXEC, reply),
        ProcessOperation.GetGroups => GetGroups(process, reply),
        ProcessOperation.ResourceLimit => LimitResource(process, in message, reply),
        _ => -Errno.EPERM,
    };

    private Process? Other(Process caller, in Message message) => message.Words[1] == 0 ? caller : tree.Find((int)message.Words[1]);

    private void Fault(ProgramSpace? space, in Message message, ReplyHandle reply)
    {
        // 0: the thread ends. What cannot be attributed (the space ended meanwhile) needs no more.
        if (reply.IsValid)
            reply.Reply(0);
        if (space is null || tree.Find((int)message.Group) is not { IsAlive: true } process)
            return;
        bool isOutOfMemory = (KernelStatus)message.Words[5] == KernelStatus.NoMemory;
        string cause = isOutOfMemory ? "out of memory" : $"fault that its personality cannot take: exception {message.Words[0]}";
        log.Write(
            $"pid {process.Pid} ({System.Text.Encoding.UTF8.GetString(process.Name)}): {cause}, error code 0x{message.Words[1]:x}, "
            + $"address 0x{message.Words[2]:x}, rip 0x{message.Words[3]:x}, rsp 0x{message.Words[4]:x}");
        if (process.Exec?.Space == space)
            FailExec(process, isOutOfMemory ? -Errno.ENOMEM : -Errno.ENOEXEC, default);
        else if (process.Space == space)
            EndSpace(space, process, isOutOfMemory ? Signals.SIGKILL : Signals.SIGSEGV);
    }

    // Those who share the space cannot go on: the thread may have held locks there, and a fault in the window means that their personality is damaged as well.
    private void EndSpace(ProgramSpace space, Process culprit, int signal)
    {
        Process[] others = space.Users > 1 ? [.. tree.Processes.Values.Where(other => other != culprit && other.Space == space)] : [];
        tree.End(culprit, WaitStatus.Killed(signal));
        foreach (Process other in others)
            tree.End(other, WaitStatus.Killed(Signals.SIGKILL));
    }

    private void EndOverdue(Process process)
    {
        log.Write($"pid {process.Pid} ({System.Text.Encoding.UTF8.GetString(process.Name)}) does not end by itself and is terminated");
        tree.End(process, WaitStatus.Killed(Signals.SIGKILL));
    }

    // Its last thread ended without saying Exit: the personality gave up.
    private void SpaceDied(ProgramSpace space)
    {
        foreach (Process process in tree.Processes.Values.ToArray())
        {
            if (process.Space == space)
                tree.End(process, WaitStatus.Killed(Signals.SIGKILL));
            else if (process.Exec?.Space == space)
                FailExec(process, -Errno.ENOEXEC, default);
        }
    }

    private void EndSystem(Process first)
    {
        log.Write($"the first process ended with wait status 0x{first.ExitStatus:x}");
        RequestPower(PowerAction.Off, failed: true);
    }

    private long RequestPower(PowerAction action, bool failed)
    {
        vfs.DrainTerminals();
        Message message = default;
        message.Words[0] = (ulong)SupervisorOperation.Power;
        message.Words[1] = (ulong)action;
        message.Words[2] = failed ? 1ul : 0;
        return supervisor.Call(ref message) == KernelStatus.Ok ? (long)message.Words[0] : -Errno.EIO;
    }
}
