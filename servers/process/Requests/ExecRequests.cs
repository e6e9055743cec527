using System.Buffers.Binary;
using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Processes.Publishing;
using Servers.Processes.Spaces;
using Servers.Processes.Tree;

namespace Servers.Processes.Requests;

/// <summary>execve(2): asked for by the old program, committed or given up by the new one.</summary>
internal sealed class ExecRequests(ProcessTree tree, ProgramSpaces spaces, ProcessEffects effects, Log log)
{
    /// <summary>Declares what is served here.</summary>
    public void Declare(Operations operations)
    {
        operations.Running.Add(ProcessOperation.Exec, Execute, OperationTraits.Waits | OperationTraits.Grows);
        operations.Loading.Add(ProcessOperation.ExecCommit, Commit);
        operations.Loading.Add(ProcessOperation.ExecFail, Fail);
        operations.Loading.Add(ProcessOperation.Exit, ExitBeforeStart);
    }

    // Starts loading a program in a space of its own. Answered only if that fails.
    private long? Execute(ref Request request)
    {
        (ulong length, ulong address) = (request.Words[1], request.Words[3]);
        if (address == 0 && length > Window.StartTableLimit)
            return -Errno.E2BIG;
        StartTableSource? table = address != 0 ? StartTableSource.InSpace(request.Space.Space, address, length)
            : request.HandleCount < 1 ? null
            : StartTableSource.InObject(new MemoryObjectHandle(request.Handle(0).Index), length);
        long result = table is { } source ? TryExecute(ref request, in source) : -Errno.EINVAL;
        return result < 0 ? result : null;
    }

    // The program is loaded (offset of path and arguments in the pool, length of the path, length of the arguments, offset and number of handles to be closed):
    // the old space ends.
    private long? Commit(ref Request request)
    {
        Process process = request.Caller;
        PendingExec exec = process.Exec!;
        process.Exec = null;
        process.PastUsage = process.PastUsage.Plus(ProgramSpaces.Measure(process));
        ProcessTree.DropWaits(process);
        Span<uint> handles = stackalloc uint[ControlLayout.MostHandles];
        byte[]? text = ReadPool(exec.Space, in request.Words, ref handles);
        spaces.Succeed(process, exec.Space, request.Words[4], request.Words[5], handles);
        if (exec.Caller.IsValid)
            exec.Caller.Close();
        ProcessTree.NoteExec(process);
        process.Dumpable = 1;
        process.ParentDeathSignal = 0;
        foreach (int id in process.ThreadIds.ToArray())
            tree.ReleaseThreadId(process, id);
        foreach (ReplyHandle caller in process.StopCallers)
            caller.Close();
        process.StopCallers.Clear();
        if (text is not null)
            NoteProgram(process, text.AsSpan(0, (int)request.Words[2]), text.AsSpan((int)request.Words[2], (int)request.Words[3]));
        effects.Changed(process);
        ProcessEffects.AnswerVfork(process);
        if (process.State == ProcessState.Stopped)
            effects.Suspend(process);
        Message answer = default;
        answer.Words[1] = process.Signals.Pending;
        answer.Words[2] = process.Limits.Soft(ResourceLimits.OpenFiles);
        request.Answer(ref answer);
        return null;
    }

    // The program cannot be loaded; its space ends, and with it the caller.
    private long? Fail(ref Request request) => Fail(ref request, -(long)(request.Words[1] & 0xFFF));

    // The program ended before it began.
    private long? ExitBeforeStart(ref Request request) => Fail(ref request, -Errno.ENOEXEC);

    /// <summary>Ends the space of a program that cannot be loaded; the old program goes on with an error.</summary>
    public void GiveUp(Process process, long error)
    {
        PendingExec exec = process.Exec!;
        process.Exec = null;
        spaces.Release(exec.Space);
        if (exec.Caller.IsValid)
        {
            exec.Caller.Reply(error < 0 ? error : -Errno.ENOEXEC);
        }
        else if (process.Space is null)
        {
            log.Write($"{FirstProgram.Path} cannot be executed: error {-error}");
            tree.End(process, status: 127 << 8); // as a shell reports a program that is not there
        }
    }

    private long? Fail(ref Request request, long error)
    {
        GiveUp(request.Caller, error);
        request.Drop();
        return null;
    }

    private long TryExecute(ref Request request, in StartTableSource table)
    {
        Process process = request.Caller;
        // What is about to end starts nothing.
        if (process.IsBeingKilled)
            return -Errno.EINTR;
        process.NoteChildSignals(request.Words[2]);
        // An earlier exec of another thread, or of this one before it was interrupted, has lost.
        effects.AbandonExec(process);
        long result = spaces.TryCreate(in table, process, out ProgramSpace? space);
        if (result < 0)
            return result;
        space!.Users = 1;
        space.NextVfsSlot = process.VfsSlot + 1;
        result = spaces.StartFresh(space, in table, process);
        if (result < 0)
            spaces.Release(space);
        else
            process.Exec = new PendingExec(space, request.Keep());
        return result;
    }

    // What the new program says of itself in its pool: path and arguments, null if it shows none; and the handles that its table gave up, which lie right
    // behind them. Elsewhere, or more of them, vfs looks for itself, and there are none here.
    private static byte[]? ReadPool(ProgramSpace space, ref readonly MessageWords words, ref Span<uint> handles)
    {
        (ulong offset, ulong path, ulong arguments, ulong count) = (words[1], words[2], words[3], words[5]);
        bool shows = path is not 0 and <= VfsLimits.PathLimit && arguments <= ProcessTable.EntryLength;
        int length = shows ? (int)(path + arguments) : 0, first = (length + sizeof(uint) - 1) & -sizeof(uint);
        bool isHere = count == 0 || (count <= ControlLayout.MostHandles && words[4] == offset + (ulong)first);
        byte[] text = new byte[isHere && count != 0 ? first + (int)count * sizeof(uint) : length];
        bool isRead = text.Length == 0 || ProgramSpaces.TryReadPool(space, offset, text);
        if (!isHere || (count != 0 && !isRead))
            handles = default;
        for (int index = 0; index < handles.Length && index < (int)count; index++)
            handles[index] = BinaryPrimitives.ReadUInt32LittleEndian(text.AsSpan(first + index * sizeof(uint)));
        return shows && isRead ? text : null;
    }

    // Kept is what the table can show: thousands of processes have such texts, and all of them together must fit the heap.
    private static void NoteProgram(Process process, ReadOnlySpan<byte> path, ReadOnlySpan<byte> arguments)
    {
        process.SetProgram(path.ToArray(), arguments.ToArray());
        process.Path = process.Path[..Math.Min(path.Length, ProcessTablePublisher.LongestPath)];
        process.CommandLine = process.CommandLine[..Math.Min(process.CommandLine.Length, ProcessTablePublisher.LongestCommandLine)];
    }
}
