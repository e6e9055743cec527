using System.Text;
using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Processes.Publishing;
using Servers.Processes.Spaces;
using Servers.Processes.Tree;

namespace Servers.Processes.Requests;

/// <summary>fork(2), vfork(2), execve(2), the first process.</summary>
internal sealed partial class ProcessService
{
    private const string FirstProgram = "/init";

    /// <summary>Starts /init as process 1. Its descriptors 0, 1 and 2 are the console: vfs gives them to whoever attaches without a parent.</summary>
    /// <exception cref="InvalidOperationException">It could not be started.</exception>
    public void StartFirst()
    {
        Process first = tree.CreateFirst(SystemClock.Now);
        SetProgram(first, Encoding.UTF8.GetBytes(FirstProgram), Encoding.UTF8.GetBytes(FirstProgram + "\0"));

        var table = new StartTableBuilder(StartMode.Exec, FirstProgram);
        table.AddArgument(FirstProgram);
        // What Linux gives its first process (init/main.c documents it in Documentation/admin-guide/init.rst).
        table.AddSetting("HOME", "/");
        table.AddSetting("TERM", "linux");
        for (uint descriptor = 0; descriptor < 3; descriptor++)
            table.AddDescriptor(descriptor, descriptor);
        byte[] bytes = table.Build();

        ulong length = PageRound((ulong)bytes.Length);
        Require(MemoryObjectHandle.TryCreate(length, MemoryFlags.None, out MemoryObjectHandle memory), "start table");
        Require(MappedMemory.TryMap(memory, 0, length, MapFlags.Read | MapFlags.Write | MapFlags.Shared, out MappedMemory? mapped), "start table");
        bytes.CopyTo(mapped!.Span(0, bytes.Length));
        mapped.Dispose();

        long result = spaces.TryCreate(memory, length, first, out ProgramSpace? space);
        memory.Handle.Close();
        if (result < 0)
            throw new InvalidOperationException($"space of {FirstProgram}: error {-result}");
        vfs.SetSession(first);
        // It goes the way of every exec, from no program at all.
        space!.Users = 1;
        first.Exec = new PendingExec(space, default);
        result = spaces.StartFresh(space, first.Pid);
        if (result < 0)
            throw new InvalidOperationException($"thread of {FirstProgram}: error {-result}");
    }

    private static ulong PageRound(ulong length) => (length + 4095) & ~4095ul;

    private static void Require(KernelStatus status, string what)
    {
        if (status != KernelStatus.Ok)
            throw new InvalidOperationException($"{what}: {status}");
    }

    private static void SetProgram(Process process, byte[] path, byte[] commandLine)
    {
        process.Path = path;
        process.CommandLine = commandLine;
        process.Name = path[(Array.LastIndexOf(path, (byte)'/') + 1)..];
    }

    private long? Fork(Process parent, in Message message)
    {
        ulong flags = message.Words[3];
        Process? child = tree.CreateChild(parent, (flags & CloneFlags.CLONE_PARENT) != 0, ExitSignal(message.Words[4]), SystemClock.Now);
        if (child is null)
            return -Errno.EAGAIN;
        child.VfsSlot = parent.VfsSlot;
        long result = spaces.TryFork(parent.Space!, child, parent.Pid, out ProgramSpace? space);
        if (result == 0)
        {
            space!.Users = 1;
            child.Space = space;
            // The child keeps the number that the parent's copied memory has; later ones in this space come after it.
            space.NextVfsSlot = child.VfsSlot + 1;
            result = spaces.StartForked(space, (uint)message.Words[2], message.Words[1], child.Pid);
        }

        return FinishBirth(child, result);
    }

    private long? ForkShared(Process parent, in Message message, ReplyHandle reply)
    {
        ulong flags = message.Words[3];
        if (!room.Has(1, parent.Credentials.IsPrivileged))
            return -Errno.EAGAIN;
        Process? child = tree.CreateChild(parent, (flags & CloneFlags.CLONE_PARENT) != 0, ExitSignal(message.Words[4]), SystemClock.Now);
        if (child is null)
            return -Errno.EAGAIN;
        ProgramSpace space = parent.Space!;
        child.VfsSlot = space.NextVfsSlot++;
        long result = vfs.AttachSlot(space, child.VfsSlot, child.Pid, parent.Pid, flags);
        if (result == 0)
        {
            space.Users++;
            child.Space = space;
            result = spaces.StartShared(space, (uint)message.Words[2], message.Words[1], child.Pid);
        }

        long? born = FinishBirth(child, result);
        if (born < 0)
            return born;
        if ((flags & CloneFlags.CLONE_VFORK) != 0 && child.IsAlive)
            child.VforkCaller = reply;
        else
            reply.Reply(child.Pid, child.VfsSlot);
        return null;
    }

    private long? FinishBirth(Process child, long result)
    {
        if (result < 0)
        {
            spaces.Leave(child);
            tree.Withdraw(child);
            return result;
        }

        effects.Changed(child);
        return child.Pid;
    }

    private static int ExitSignal(ulong claimed) => claimed is >= 1 and <= Signals.Last ? (int)claimed : 0;

    private long? Execute(Process process, in Message message, ReplyHandle reply)
    {
        if (message.HandleCount < 1)
            return -Errno.EINVAL;
        long result = TryExecute(process, new MemoryObjectHandle(message.Handles[0]), message.Words[1], reply);
        return result < 0 ? result : null;
    }

    private long TryExecute(Process process, MemoryObjectHandle table, ulong tableLength, ReplyHandle reply)
    {
        if (tableLength is 0 or > Window.StartTableLimit)
            return -Errno.E2BIG;
        // The table is not touched here: its owner may destroy it at any moment. Only the new personality reads it, at its own risk.
        ulong length = PageRound(tableLength);
        if (table.TryQuery(out ulong actual, out _, out _) != KernelStatus.Ok || actual < length)
            return -Errno.EINVAL;
        // What is about to end starts nothing.
        if (process.IsBeingKilled)
            return -Errno.EINTR;
        // An earlier exec of another thread, or of this one before it was interrupted, has lost.
        effects.AbandonExec(process);
        long result = spaces.TryCreate(table, length, process, out ProgramSpace? space);
        if (result < 0)
            return result;
        space!.Users = 1;
        space.NextVfsSlot = process.VfsSlot + 1;
        process.Exec = new PendingExec(space, reply);
        result = spaces.StartFresh(space, process.Pid);
        if (result < 0)
        {
            process.Exec = null;
            spaces.Release(space);
        }

        return result;
    }

    // (offset of path and arguments in the pool, length of the path, length of the arguments)
    private long? CommitExec(Process process, in Message message)
    {
        PendingExec exec = process.Exec!;
        process.Exec = null;
        process.PastUsage = process.PastUsage.Plus(ProgramSpaces.Measure(process));
        ProcessTree.DropWaits(process);
        spaces.Leave(process);
        if (exec.Caller.IsValid)
            exec.Caller.Close();
        process.Space = exec.Space;
        ProcessTree.NoteExec(process);
        process.Dumpable = 1;
        process.ParentDeathSignal = 0;
        foreach (int id in process.ThreadIds.ToArray())
            tree.ReleaseThreadId(process, id);
        foreach (ReplyHandle caller in process.StopCallers)
            caller.Close();
        process.StopCallers.Clear();
        NoteProgram(process, message.Words[1], message.Words[2], message.Words[3]);
        effects.Changed(process);
        ProcessEffects.AnswerVfork(process);
        if (process.State == ProcessState.Stopped)
            effects.Suspend(process);
        return 0;
    }

    private static void NoteProgram(Process process, ulong offset, ulong pathLength, ulong argumentsLength)
    {
        if (pathLength is 0 or > VfsLimits.PathLimit || argumentsLength > ProcessTable.EntryLength)
            return;
        byte[] text = new byte[pathLength + argumentsLength];
        if (!ProgramSpaces.TryReadPool(process.Space!, offset, text))
            return;
        byte[] path = text[..(int)pathLength];
        SetProgram(process, path, text[(int)pathLength..]);
        // Kept is what the table can show: thousands of processes have such texts, and all of them together must fit the heap.
        process.Path = path[..Math.Min(path.Length, ProcessTablePublisher.LongestPath)];
        process.CommandLine = process.CommandLine[..Math.Min(process.CommandLine.Length, ProcessTablePublisher.LongestCommandLine)];
    }

    private long? FailExec(Process process, long error, ReplyHandle reply)
    {
        PendingExec exec = process.Exec!;
        process.Exec = null;
        spaces.Release(exec.Space);
        if (reply.IsValid)
            reply.Close(); // the caller's space is gone with this
        if (exec.Caller.IsValid)
        {
            exec.Caller.Reply(error < 0 ? error : -Errno.ENOEXEC);
        }
        else if (process.Space is null)
        {
            log.Write($"{FirstProgram} cannot be executed: error {-error}");
            tree.End(process, status: 127 << 8); // as a shell reports a program that is not there
        }

        return null;
    }

    private long? Exit(Process process, in Message message, ReplyHandle reply)
    {
        int status = WaitStatus.Sanitize(message.Words[1]);
        tree.End(process, status);
        reply.Close();
        return null;
    }

    private long? Wait(Process process, in Message message, ReplyHandle reply)
    {
        var options = (WaitOptions)message.Words[2];
        if ((options & ~WaitOptions.All) != 0 || (message.Words[2] >> 32) != 0)
            return -Errno.EINVAL;
        // wait4 has no WEXITED: ended children are always reported there.
        if ((options & (WaitOptions.WEXITED | WaitOptions.WNOWAIT)) == 0)
            options |= WaitOptions.WEXITED;
        // A call that waits keeps a handle. Without room for it, it is answered like one that does not wait.
        bool mustNotWait = (options & WaitOptions.WNOHANG) == 0 && !room.Has(1, process.Credentials.IsPrivileged);
        if (mustNotWait)
            options |= WaitOptions.WNOHANG;
        tree.Wait(process, new WaitRequest((int)message.Words[1], process.Group, options, message.Slot, new WaitCaller(reply, mustNotWait)));
        return null;
    }
}
