using Libsys.Messages;

namespace Servers.Processes.Requests;

/// <summary>Which handler serves which operation.</summary>
internal sealed class RequestDispatcher(
    ForkRequests fork, ExecRequests exec, EndRequests end, SignalRequests signals, ThreadRequests threads, IdentityRequests identity,
    CredentialRequests credentials, ControlRequests control, ResourceRequests resources, SystemRequests system, SpaceRequests spaces)
{
    /// <summary>A request of a program that runs.</summary>
    public long? Dispatch(ref Request request) => (ProcessOperation)request.Words[0] switch
    {
        ProcessOperation.Fork => fork.Fork(ref request),
        ProcessOperation.ForkShared => fork.ForkShared(ref request),
        ProcessOperation.Exec => exec.Execute(ref request),
        ProcessOperation.Exit => end.Exit(ref request),
        ProcessOperation.Wait => end.Wait(ref request),
        ProcessOperation.Kill => signals.Kill(ref request),
        ProcessOperation.TakeSignal => signals.Take(ref request),
        ProcessOperation.Stop => signals.Stop(ref request),
        ProcessOperation.ChildPolicy => SignalRequests.SetChildPolicy(ref request),
        ProcessOperation.AllocateThreadIds => threads.AllocateIds(ref request),
        ProcessOperation.ThreadEnded => threads.End(ref request),
        ProcessOperation.Identify => IdentityRequests.Identify(ref request),
        ProcessOperation.GetProcessGroup => identity.GetGroup(ref request),
        ProcessOperation.SetProcessGroup => identity.SetGroup(ref request),
        ProcessOperation.GetSession => identity.GetSession(ref request),
        ProcessOperation.SetSession => identity.SetSession(ref request),
        ProcessOperation.SetCredentials => credentials.Set(ref request),
        ProcessOperation.SetGroups => credentials.SetGroups(ref request),
        ProcessOperation.GetGroups => CredentialRequests.GetGroups(ref request),
        ProcessOperation.ResourceLimit => resources.Limit(ref request),
        ProcessOperation.Usage => ResourceRequests.ReportUsage(ref request),
        ProcessOperation.SetName => control.SetName(ref request),
        ProcessOperation.ProcessControl => ControlRequests.Control(ref request),
        ProcessOperation.Priority => resources.Prioritize(ref request),
        ProcessOperation.SystemLoad => system.ReportLoad(ref request),
        ProcessOperation.Reboot => system.Reboot(ref request),
        ProcessOperation.AttachPool => spaces.AttachPool(ref request),
        _ => -Errno.ENOSYS,
    };

    /// <summary>The personality of a program that is being loaded knows who it is and says how it went; nothing else is its business yet.</summary>
    public long? DispatchNew(ref Request request) => (ProcessOperation)request.Words[0] switch
    {
        ProcessOperation.Identify => IdentityRequests.Identify(ref request),
        ProcessOperation.ExecCommit => exec.Commit(ref request),
        ProcessOperation.ExecFail => exec.Fail(ref request),
        ProcessOperation.Exit => exec.ExitBeforeStart(ref request),
        ProcessOperation.GetGroups => CredentialRequests.GetGroups(ref request),
        ProcessOperation.ResourceLimit => resources.Limit(ref request),
        _ => -Errno.EPERM,
    };
}
