using System.Runtime.CompilerServices;
using Libsys.Hosting;
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

    /// <summary>What clients do not wait for, which comes before each request; null: nothing such.</summary>
    public PostedCalls? Posted { get; init; }

    /// <summary>
    /// Requests that answered that they wait and had joined no queue, or that wait for an event where a client does not expect it: 0 unless a file system
    /// breaks its contract.
    /// </summary>
    public long LostWaits { get; private set; }

    /// <summary>True while some request waits for something that others do.</summary>
    public bool HasWaiting => pool.NodesInUse > 0;

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
        Posted?.BeginTurn();
        Serve(connection, submission);
        Posted?.EndTurn();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Serve(ClientConnection connection, in Submission submission)
    {
        Operation<RequestHandler>? operation = dispatcher.Find(submission.Operation);
        ClientProcess? process = connection.Slots.Find(submission.ProcessSlot);
        Errno error = process == null ? Errno.ESRCH : Check(connection, submission, operation, process);
        if (error != Errno.None)
        {
            connection.Refuse(submission.Tag, error);
            return;
        }

        Request request = pool.Take();
        request.Start(connection, process!, submission);
        Run(request, operation!);
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
            Posted?.BeginTurn();
            Run(request, dispatcher.Find(request.Submission.Operation)!);
            Posted?.EndTurn();
        }

        return worked;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Errno Check(ClientConnection connection, in Submission submission, Operation<RequestHandler>? operation, ClientProcess process)
    {
        ulong end = (ulong)submission.PoolOffset + submission.PoolLength;
        if (end > 0 && end > (ulong)connection.Channel.Pool(submission.Pool).Length)
            return Errno.EFAULT;
        if (connection.Waiting.Count >= ClientConnection.WaitingLimit)
            return Errno.EAGAIN;
        if (operation is null)
            return Errno.ENOSYS;

        // Reading, writing, closing and removing go on when there is no room: they are how it comes back. So does Cancel.
        bool grows = operation.Grows || (connection.Waiting.Count >= WaitingAlways && VfsOperations.MayWaitForEvent((VfsOperation)submission.Operation));
        return grows && Room is { } room && !room.Has(process.Credentials.IsPrivileged) ? Errno.ENOMEM : Errno.None;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Run(Request request, Operation<RequestHandler> operation)
    {
        request.BeginTry();
        long result = operation.Handler(request);
        if (result == Outcome.Waiting)
        {
            if (request.EndTry())
            {
                if (request.Tries == 1)
                {
                    request.IsListed = true;
                    request.Connection!.Waiting.Add(request);
                }

                return;
            }

            // A mistake of the operation. It must not cost a client its thread: nothing has happened, so the request fails.
            LostWaits++;
            result = Outcome.Of(Errno.EIO);
        }

        request.Connection!.End(request, result);
    }
}
