using Libsys.Abi;
using Libsys.Hosting;
using Servers.Processes.Tree;

namespace Servers.Processes.Requests;

/// <summary>Process-directed signals and job control.</summary>
internal sealed partial class ProcessService
{
    // A thread that takes the default action of a stop signal waits here; more than an address space has threads cannot.
    private const int MostStopCallers = (int)Window.ThreadSlots;

    private long? Kill(Process process, in Message message, ReplyHandle reply)
    {
        long result = tree.Kill(process, (int)message.Words[1], (int)message.Words[2], (int)message.Words[3], message.Words[4]);
        // The sender may have killed itself: nobody is there to answer then.
        reply.Reply(result);
        return null;
    }

    private long? TakeSignal(Process process, in Message message, ReplyHandle reply)
    {
        bool found = ProcessTree.TryTakeSignal(process, message.Words[1], out SignalInformation information);
        Message answer = default;
        answer.Words[0] = (ulong)information.Signal;
        answer.Words[1] = process.Signals.Pending;
        answer.Words[2] = (uint)information.Code;
        answer.Words[3] = (uint)information.SenderPid | (ulong)information.SenderUid << 32;
        answer.Words[4] = information.Value;
        answer.Words[5] = information.UserTime;
        answer.Words[6] = information.SystemTime;
        bool isDelivered = reply.Reply(ref answer) == KernelStatus.Ok;
        if (found && !isDelivered)
            process.Signals.PutBack(in information);
        else if (found)
            effects.Changed(process);
        return null;
    }

    private long? Stop(Process process, in Message message, ReplyHandle reply)
    {
        int signal = (int)message.Words[1];
        if (message.Words[1] > Signals.Last || (Signals.StopByDefault & Signals.Of(Math.Max(signal, 1))) == 0)
            return -Errno.EINVAL;
        if (!tree.Stop(process, signal))
            return 0;
        // The thread is suspended already: with its answer it goes no further than without.
        if (process.StopCallers.Count >= MostStopCallers || !room.Has(1, process.Credentials.IsPrivileged))
            return 0;
        process.StopCallers.Add(reply);
        return null;
    }

    private static long? SetChildPolicy(Process process, in Message message)
    {
        process.ReapsChildrenAtOnce = (message.Words[1] & 1) != 0;
        process.IgnoresChildStops = (message.Words[1] & 2) != 0;
        return 0;
    }

    private long? AllocateThreadIds(Process process, in Message message) =>
        message.Words[1] is >= 1 and <= 64 ? tree.AllocateThreadIds(process, (int)message.Words[1]) : -Errno.EINVAL;

    private long? EndThread(Process process, in Message message)
    {
        tree.ReleaseThreadId(process, (int)message.Words[1]);
        return 0;
    }
}
