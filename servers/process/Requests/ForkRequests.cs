using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Processes.Spaces;
using Servers.Processes.Tree;

namespace Servers.Processes.Requests;

/// <summary>fork(2), vfork(2), clone(2) of a process.</summary>
internal sealed class ForkRequests(ProcessTree tree, ProgramSpaces spaces, ProcessEffects effects, VfsControlClient vfs)
{
    /// <summary>Declares what is served here.</summary>
    public void Declare(Operations operations)
    {
        operations.Running.Add(ProcessOperation.Fork, Fork, OperationTraits.Grows);
        operations.Running.Add(ProcessOperation.ForkShared, ForkShared, OperationTraits.Waits | OperationTraits.Grows);
    }

    // A process in a copy of the space.
    private long? Fork(ref Request request)
    {
        Process parent = request.Caller;
        if (Child(ref request) is not { } child)
            return -Errno.EAGAIN;
        child.VfsSlot = parent.VfsSlot;
        long result = spaces.TryFork(parent.Space!, child, parent.Pid, out ProgramSpace? space);
        if (result == 0)
        {
            space!.Users = 1;
            child.Space = space;
            // The child keeps the number that the parent's copied memory has; later ones in this space come after it.
            space.NextVfsSlot = child.VfsSlot + 1;
            effects.Changed(child); // its thread is told where its entry is
            result = spaces.StartForked(space, (uint)request.Words[2], request.Words[1], child);
        }

        return FinishBirth(child, result);
    }

    // A process in the same space.
    private long? ForkShared(ref Request request)
    {
        Process parent = request.Caller;
        ulong flags = request.Words[3];
        if (Child(ref request) is not { } child)
            return -Errno.EAGAIN;
        ProgramSpace space = parent.Space!;
        child.VfsSlot = space.NextVfsSlot++;
        long result = vfs.AttachSlot(space, child.VfsSlot, child.Pid, parent.Pid, flags);
        if (result == 0)
        {
            space.Users++;
            child.Space = space;
            effects.Changed(child);
            result = spaces.StartShared(space, (uint)request.Words[2], request.Words[1], child);
        }

        long born = FinishBirth(child, result);
        if (born < 0)
            return born;
        if ((flags & CloneFlags.CLONE_VFORK) != 0 && child.IsAlive)
            child.VforkCaller = request.Keep();
        else
            request.Answer(child.Pid, child.VfsSlot);
        return null;
    }

    private Process? Child(ref Request request)
    {
        ulong exitSignal = request.Words[4];
        request.Caller.IsChildSignalUnheard |= (request.Words[3] & ChildSignalFlags.Unheard) != 0;
        return tree.CreateChild(
            request.Caller, (request.Words[3] & CloneFlags.CLONE_PARENT) != 0, exitSignal is >= 1 and <= Signals.Last ? (int)exitSignal : 0, SystemClock.Now);
    }

    private long FinishBirth(Process child, long result)
    {
        if (result < 0)
        {
            spaces.Leave(child);
            tree.Withdraw(child);
            return result;
        }

        return child.Pid;
    }
}
