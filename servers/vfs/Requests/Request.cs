using System.Runtime.CompilerServices;
using Libsys.Messages;
using Libsys.Rings;
using Servers.Vfs.Objects;
using Servers.Vfs.Processes;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

/// <summary>
/// A client's request while vfs works on it: a private copy of the submission, and what is needed to try it again when it waits. Recycled.
/// </summary>
public sealed class Request : FileRequest
{
    // Reads, writes and ordinary polls; 64 such requests of a connection are no burden.
    private const int Few = 8;

    private readonly RequestPool pool;
    private WaitNode? nodes;
    private bool isReady;
    private bool isParked;
    private bool isForEvent;

    // References stay where they are until another one is due: mostly the same client asks about the same file again, and to store one costs a look at four
    // pages of the collector's that nothing else of a request touches. What it does not have any more it is said not to have.
    private ClientConnection? lastConnection;
    private bool isConnected, hasFound;

    // What this try has found behind handles; held from when it waits on.
    private OpenFile? found, secondFound;
    private OpenFile? secondFile;

    internal Request(RequestPool pool) => this.pool = pool;

    /// <summary>The submission, read once and checked.</summary>
    public Submission Submission;

    /// <summary>Further results.</summary>
    public ulong V0, V1, V2;

    /// <summary>Who to answer; null once the client is gone.</summary>
    public ClientConnection? Connection => isConnected ? lastConnection : null;

    /// <summary>The process that asks.</summary>
    public ClientProcess Process => (ClientProcess)Subject;

    /// <summary>Description that open(2) has made and that waits for its other end.</summary>
    public OpenFile? Opened { get; private set; }

    /// <inheritdoc/>
    public override Span<byte> Payload => Connection == null ? default
        : Connection.Channel.Pool(Submission.Pool).Slice((int)Submission.PoolOffset, (int)Submission.PoolLength);

    /// <inheritdoc/>
    public override ushort Flags => Submission.Flags;

    /// <inheritdoc/>
    public override bool IsOpenForDelivery => Connection != null && !isReady && Progress == 0
        && Submission.Operation == (ushort)VfsOperation.Read && Submission.PoolLength > 0;

    /// <inheritdoc/>
    public override bool IsReady => isReady;

    /// <summary>It is in <see cref="ClientConnection.Waiting"/>.</summary>
    internal bool IsListed { get; set; }

    /// <summary>Fills in a fresh request.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Start(ClientConnection connection, ClientProcess process, in Submission submission)
    {
        if (lastConnection != connection)
            lastConnection = connection;
        isConnected = true;
        if (Subject != process)
            Subject = process;
        Submission = submission;
        V0 = V1 = V2 = 0;
        Progress = 0;
        State = null;
        Tries = 0;
        IsListed = false;
        Serial = pool.NextSerial();
    }

    /// <summary>A try begins.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void BeginTry()
    {
        Tries++;
        Try = pool.NextTry();
        hasFound = false;
        secondFound = null;
        ActingAs = null;
    }

    /// <summary>The try has answered that it waits. False if nothing would ever wake it, or the client never ends it.</summary>
    internal bool EndTry()
    {
        if (nodes == null && !isReady && !isParked)
            return false;
        if (isForEvent && !VfsOperations.MayWaitForEvent((VfsOperation)Submission.Operation))
            return false;
        if (hasFound && found != null)
            Hold(found);
        if (secondFile == null && secondFound != null)
        {
            secondFound.AddReference();
            secondFile = secondFound;
        }

        return true;
    }

    /// <summary>
    /// The description behind a handle. The number is looked up once: a request that waits holds the description, and means the same one at each try, whatever
    /// has become of the number in between.
    /// </summary>
    public OpenFile? Find(ulong handle) => File ?? FindAnew(handle);

    /// <summary>As <see cref="Find"/>, for the second handle of a request with two.</summary>
    public OpenFile? FindSecond(ulong handle) => secondFile ?? (secondFound = Process.Handles.Find(handle));

    /// <summary>Permissions are checked with other credentials until the try ends.</summary>
    public void ActAs(Credentials credentials) => ActingAs = credentials;

    /// <summary>Keeps what open(2) has made, with the caller's reference, until the request ends.</summary>
    public void KeepOpened(OpenFile file) => Opened = file;

    /// <summary>True if it may wait for so many files; for a few that is always so.</summary>
    public bool MayWaitFor(int files) =>
        files <= Few || (pool.NodesInUse + files <= RequestPool.MostNodes && Connection!.WaitNodes + files <= ClientConnection.MostWaitNodes);

    /// <inheritdoc/>
    public override Errno WaitOn(WaitQueue queue)
    {
        Join(queue);
        return Errno.Wait;
    }

    /// <summary>Waits for nothing but its end: poll(2) of no files.</summary>
    public void WaitForCancel() => isParked = isForEvent = true;

    /// <inheritdoc/>
    public override void WaitIn(WaitQueue queue)
    {
        isForEvent = true;
        Join(queue);
    }

    /// <summary>Waits until the file is ready, sharing wake-ups with others that wait so (EPOLLEXCLUSIVE).</summary>
    public void WaitShared(OpenFile file, WaitQueue queue, ushort events)
    {
        isForEvent = true;
        Join(queue, file, events);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private OpenFile? FindAnew(ulong handle)
    {
        OpenFile? file = Process.Handles.Find(handle);
        hasFound = true;
        if (found != file)
            found = file;
        return file;
    }

    private void Join(WaitQueue queue, IReadiness? shared = null, ushort events = 0)
    {
        Connection!.WaitNodes++;
        WaitNode node = pool.TakeNode();
        node.Waiter = this;
        node.Sibling = nodes;
        nodes = node;
        queue.Add(node, shared, events);
    }

    /// <inheritdoc/>
    public override void Deliver(int length)
    {
        Progress = length;
        StopWaiting();
        MakeReady();
    }

    /// <summary>Tries the request again soon.</summary>
    public override void MakeReady()
    {
        if (isReady)
            return;
        isReady = true;
        pool.Enqueue(this);
    }

    /// <summary>It was taken from the queue of requests to try again.</summary>
    internal void LeaveReadyQueue() => isReady = false;

    /// <summary>Leaves all wait queues.</summary>
    internal void StopWaiting()
    {
        isParked = isForEvent = false;
        while (nodes is { } node)
        {
            nodes = node.Sibling;
            Connection!.WaitNodes--;
            WaitQueue? unheard = node.Shared != null && isReady ? node.Queue : null;
            node.Queue?.Remove(node);
            pool.ReturnNode(node);
            unheard?.Wake();
        }
    }

    /// <summary>Drops everything it holds. It is recycled here unless it still stands in the queue of requests to try again.</summary>
    internal void Finish()
    {
        if (nodes != null || isParked || isForEvent)
            StopWaiting();
        (OpenFile? held, OpenFile? second, OpenFile? opened) = (File, secondFile, Opened);
        hasFound = isConnected = false;
        secondFound = null;
        State = null;
        Serial = 0;
        if (held != null || second != null || opened != null)
        {
            File = secondFile = Opened = null;
            held?.Release();
            second?.Release();
            opened?.Release();
        }

        if (!isReady)
            pool.Return(this);
    }
}
