using System.Text;
using Libsys.Abi;
using Libsys.Hosting;
using Servers.Processes.Tree;

namespace Servers.Processes.Requests;

/// <summary>What the kernel reports of spaces: faults that a personality could not take, and ends.</summary>
internal sealed class SpaceEvents(ProcessTree tree, ExecRequests exec, StarvedThreads starved, Log log)
{
    /// <summary>
    /// A thread faulted. Its verdict is to end, unless it lacked memory that may come; what cannot be attributed (the space ended meanwhile) needs no more.
    /// </summary>
    public void Fault(ProgramSpace? space, in Message message)
    {
        var reply = new ReplyHandle(message.ReplyHandle);
        bool isOutOfMemory = (KernelStatus)message.Words[5] == KernelStatus.NoMemory;
        if (isOutOfMemory && space != null && starved.TryKeep(reply))
            return;
        if (reply.IsValid)
            reply.Reply(0);
        if (space is null || tree.Find((int)message.Group) is not { IsAlive: true } process)
            return;
        string cause = isOutOfMemory ? "out of memory" : $"fault that its personality cannot take: exception {message.Words[0]}";
        log.Write(
            $"pid {process.Pid} ({Encoding.UTF8.GetString(process.Name)}): {cause}, error code 0x{message.Words[1]:x}, "
            + $"address 0x{message.Words[2]:x}, rip 0x{message.Words[3]:x}, rsp 0x{message.Words[4]:x}");
        if (process.Exec?.Space == space)
            exec.GiveUp(process, isOutOfMemory ? -Errno.ENOMEM : -Errno.ENOEXEC);
        else if (process.Space == space)
            EndSpace(space, process, isOutOfMemory ? Signals.SIGKILL : Signals.SIGSEGV);
    }

    /// <summary>A space's last thread ended without saying Exit: the personality gave up.</summary>
    public void Died(ProgramSpace space)
    {
        foreach (Process process in tree.Processes.Values.ToArray())
        {
            if (process.Space == space)
                tree.End(process, WaitStatus.Killed(Signals.SIGKILL));
            else if (process.Exec?.Space == space)
                exec.GiveUp(process, -Errno.ENOEXEC);
        }
    }

    // Those who share the space cannot go on: the thread may have held locks there, and a fault in the window means that their personality is damaged as well.
    private void EndSpace(ProgramSpace space, Process culprit, int signal)
    {
        Process[] others = space.Users > 1 ? [.. tree.Processes.Values.Where(other => other != culprit && other.Space == space)] : [];
        tree.End(culprit, WaitStatus.Killed(signal));
        foreach (Process other in others)
            tree.End(other, WaitStatus.Killed(Signals.SIGKILL));
    }
}
