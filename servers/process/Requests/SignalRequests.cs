using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Processes.Spaces;
using Servers.Processes.Tree;

namespace Servers.Processes.Requests;

/// <summary>Process-directed signals and job control.</summary>
internal sealed class SignalRequests(ProcessTree tree, ProcessEffects effects, HandleRoom room)
{
    // A thread that takes the default action of a stop signal waits here; more than an address space has threads cannot.
    private const int MostStopCallers = (int)Window.ThreadSlots;

    /// <summary>Declares what is served here.</summary>
    public void Declare(Operations operations)
    {
        operations.Running.Add(ProcessOperation.Kill, Kill);
        operations.Running.Add(ProcessOperation.TakeSignal, Take);
        operations.Running.Add(ProcessOperation.Stop, Stop, OperationTraits.Waits);
        operations.Running.Add(ProcessOperation.ChildPolicy, SetChildPolicy);
    }

    // kill(2) and its relatives. The sender may kill itself: nobody is there to answer then.
    private long? Kill(ref Request request) =>
        tree.Kill(request.Caller, (int)request.Words[1], (int)request.Words[2], (int)request.Words[3], request.Words[4]);

    // A signal that waits for the caller, and is not blocked.
    private long? Take(ref Request request)
    {
        Process process = request.Caller;
        bool found = ProcessTree.TryTakeSignal(process, request.Words[1], out SignalInformation information);
        Message answer = default;
        answer.Words[0] = (ulong)information.Signal;
        answer.Words[1] = process.Signals.Pending;
        answer.Words[2] = (uint)information.Code;
        answer.Words[3] = (uint)information.SenderPid | (ulong)information.SenderUid << 32;
        answer.Words[4] = information.Value;
        answer.Words[5] = information.UserTime;
        answer.Words[6] = information.SystemTime;
        bool isDelivered = request.Answer(ref answer) == KernelStatus.Ok;
        if (found && !isDelivered)
            process.Signals.PutBack(in information);
        else if (found)
            effects.Changed(process);
        return null;
    }

    // The default action of a stop signal; answered when the process is continued.
    private long? Stop(ref Request request)
    {
        Process process = request.Caller;
        int signal = (int)request.Words[1];
        if (request.Words[1] > Signals.Last || (Signals.StopByDefault & Signals.Of(Math.Max(signal, 1))) == 0)
            return -Errno.EINVAL;
        if (!tree.Stop(process, signal))
            return 0;
        // The thread is suspended already: with its answer it goes no further than without.
        if (process.StopCallers.Count >= MostStopCallers || !room.Has(1, process.Credentials.IsPrivileged))
            return 0;
        process.StopCallers.Add(request.Keep());
        return null;
    }

    // What sigaction(2) says about SIGCHLD.
    private static long? SetChildPolicy(ref Request request)
    {
        Process process = request.Caller;
        process.ReapsChildrenAtOnce = (request.Words[1] & 1) != 0;
        process.IgnoresChildStops = (request.Words[1] & 2) != 0;
        if ((request.Words[2] & ChildSignalFlags.Counted) != 0)
            process.IsChildSignalUnheard = false;
        process.NoteChildSignals(request.Words[2]);
        request.Answer(0, process.Signals.Pending);
        return null;
    }
}
