using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>Calls on processes and ids, and what this system does not have. What is none of these may be one on sockets.</summary>
internal static unsafe class ProcessCalls
{
    /// <summary>Result, or a value of <see cref="Errno"/> negated; -ENOSYS for what is not known.</summary>
    public static long Call(TaskState* task, RegisterFrame* frame, uint number)
    {
        ulong a = frame->Rdi, b = frame->Rsi, c = frame->Rdx, d = frame->R10, e = frame->R8;
        switch (number)
        {
            case LinuxCall.fork: return ProcessCreation.Fork(task, 0);
            case LinuxCall.vfork: return ProcessCreation.Fork(task, CloneFlags.CLONE_VM | CloneFlags.CLONE_VFORK);
            case LinuxCall.execve: return ExecCalls.Execute(task, unchecked((ulong)AtFlags.WorkingDirectory), a, b, c, 0);
            case LinuxCall.execveat: return ExecCalls.Execute(task, a, b, c, d, e);
            case LinuxCall.wait4: return WaitCalls.Wait(task, a, b, c, d);
            case LinuxCall.waitid: return WaitCalls.WaitId(task, a, b, c, d, e);
            case LinuxCall.rt_sigqueueinfo: return KillCalls.Queue(task, a, b, c);

            case LinuxCall.getresuid: return IdentityCalls.GetAll(task, false, a, b, c);
            case LinuxCall.getresgid: return IdentityCalls.GetAll(task, true, a, b, c);
            case LinuxCall.setuid: return IdentityCalls.Change(task, CredentialChange.SetUid, a);
            case LinuxCall.setgid: return IdentityCalls.Change(task, CredentialChange.SetGid, a);
            case LinuxCall.setreuid: return IdentityCalls.Change(task, CredentialChange.SetReuid, a, b);
            case LinuxCall.setregid: return IdentityCalls.Change(task, CredentialChange.SetRegid, a, b);
            case LinuxCall.setresuid: return IdentityCalls.Change(task, CredentialChange.SetResuid, a, b, c);
            case LinuxCall.setresgid: return IdentityCalls.Change(task, CredentialChange.SetResgid, a, b, c);
            case LinuxCall.setfsuid: return IdentityCalls.Change(task, CredentialChange.SetFsuid, a);
            case LinuxCall.setfsgid: return IdentityCalls.Change(task, CredentialChange.SetFsgid, a);
            case LinuxCall.getgroups: return IdentityCalls.GetGroups(task, a, b);
            case LinuxCall.setgroups: return IdentityCalls.SetGroups(task, a, b);
            case LinuxCall.getpgid: return IdentityCalls.ProcessGroup(task, a);
            case LinuxCall.setpgid: return IdentityCalls.SetProcessGroup(task, a, b);
            case LinuxCall.getsid: return IdentityCalls.Session(task, a);
            case LinuxCall.setsid: return ControlCalls.Call(task, ProcessOperation.SetSession, 0, 0, 0, 0, 0);

            case LinuxCall.getrlimit: return LimitCalls.Limit(task, 0, a, 0, b);
            case LinuxCall.setrlimit: return b == 0 ? -Errno.EFAULT : LimitCalls.Limit(task, 0, a, b, 0);
            case LinuxCall.prlimit64: return LimitCalls.Limit(task, a, b, c, d);
            case LinuxCall.getpriority: return LimitCalls.Priority(task, a, b, false, 0);
            case LinuxCall.setpriority: return LimitCalls.Priority(task, a, b, true, c);
            case LinuxCall.getrusage: return UsageCalls.Usage(task, a, b);
            case LinuxCall.reboot: return UsageCalls.Reboot(task, a, b, c);
            default: return SocketEntry.Call(task, frame, number);
        }
    }
}
