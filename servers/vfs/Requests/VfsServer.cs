using Libsys.Messages;
using Libsys.Rings;
using Servers.Vfs.Processes;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

/// <summary>
/// The server's heart: takes requests of connections, keeps those that wait, answers. One thread; nothing here blocks. How connections come about
/// (<see cref="ProcessRegistry"/>) and where memory comes from is decided outside.
/// </summary>
public sealed class VfsServer
{
    // Requests that wake each other could keep a turn going for ever, and each may look at thousands of files.
    private const int RetriesPerTurn = 4;

    // Waiting requests that a connection has in any case: a program with a few threads does not notice that vfs is short of memory.
    private const int WaitingAlways = 8;

    private readonly RequestPool pool = new();
    private readonly RequestDispatcher dispatcher;

    /// <summary>A server on a tree of file systems.</summary>
    public VfsServer(RequestDispatcher dispatcher) => this.dispatcher = dispatcher;

    /// <summary>Room in the heap; null: not looked at.</summary>
    public IHeapRoom? Room { get; init; }

    /// <summary>Requests that answered that they wait and had joined no queue: 0 unless a file system breaks its contract.</summary>
    public long LostWaits { get; private set; }

    /// <summary>True while some waiting request is to be tried again.</summary>
    public bool HasReady => pool.HasReady;

    /// <summary>Called when a waiting request is to be tried again: the owner calls <see cref="RunReady"/> soon.</summary>
    public Action? WorkArrived
    {
        get => pool.Arrived;
        set => pool.Arrived = value;
    }

    /// <summary>Serves a fresh request: a private copy of what the client wrote, all of it the client's claims.</summary>
    public void Submit(ClientConnection connection, in Submission submission)
    {
        Errno error = Check(connection, submission, out ClientProcess? process);
        if (error != Errno.None)
        {
            connection.Answer(submission.Tag, Outcome.Of(error));
            return;
        }

        if (submission.Operation == (ushort)VfsOperation.Cancel)
        {
            Cancel(connection, submission.A0);
            connection.Answer(submission.Tag, 0);
            return;
        }

        Request request = pool.Take();
        request.Start(connection, process!, submission);
        connection.Waiting.Add(request);
        Run(request);
    }

    /// <summary>Tries some waiting requests again. False if none was left.</summary>
    public bool RunReady()
    {
        bool worked = false;
        for (int count = 0; count < RetriesPerTurn && pool.TryTakeReady(out Request request); count++)
        {
            worked = true;
            request.LeaveReadyQueue();
            if (request.Connection == null)
            {
                pool.Return(request);
                continue;
            }

            request.StopWaiting();
            Run(request);
        }

        return worked;
    }

    private Errno Check(ClientConnection connection, in Submission submission, out ClientProcess? process)
    {
        if (!connection.Slots.TryGetValue(submission.ProcessSlot, out process))
            return Errno.ESRCH;
        ulong end = (ulong)submission.PoolOffset + submission.PoolLength;
        if (end > (ulong)connection.Channel.Pool(submission.Pool).Length)
            return Errno.EFAULT;
        if (connection.Waiting.Count >= ClientConnection.WaitingLimit)
            return Errno.EAGAIN;
        bool grows = connection.Waiting.Count >= WaitingAlways || Grows((VfsOperation)submission.Operation);
        return grows && Room is { } room && !room.Has(process.Credentials.IsPrivileged) ? Errno.ENOMEM : Errno.None;
    }

    // What may make vfs keep more than before. Reading, writing, closing and removing go on when there is no room: they are how it comes back.
    private static bool Grows(VfsOperation operation) =>
        operation is VfsOperation.Open or VfsOperation.MakeDirectory or VfsOperation.MakeNode or VfsOperation.Link
        or VfsOperation.SymbolicLink or VfsOperation.Pipe or VfsOperation.Duplicate or VfsOperation.CreateMemoryFile
        or VfsOperation.CreateEventCounter or VfsOperation.Mount or VfsOperation.Allocate or VfsOperation.Map or VfsOperation.Lock or VfsOperation.RecordLock;

    private static void Cancel(ClientConnection connection, ulong tag)
    {
        Request? request = null;
        foreach (Request waiting in connection.Waiting)
        {
            if (waiting.Submission.Tag == tag)
                request = waiting;
        }

        if (request == null)
            return;
        connection.End(request, request.Progress > 0 ? request.Progress : Outcome.Of(Errno.EINTR));
    }

    private void Run(Request request)
    {
        request.BeginTry();
        long result = dispatcher.Dispatch(request);
        if (result == Outcome.Waiting)
        {
            if (request.EndTry())
                return;

            // A mistake of the operation. It must not cost a client its thread: nothing has happened, so the request fails.
            LostWaits++;
            result = Outcome.Of(Errno.EIO);
        }

        request.Connection!.End(request, result);
    }
}
