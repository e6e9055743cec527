using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Anonymous;
using Servers.Vfs.Blocks;
using Servers.Vfs.Machine;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;
using Servers.Vfs.Pages;
using Servers.Vfs.Processes;
using Servers.Vfs.Publishing;
using Servers.Vfs.Sockets;
using Servers.Vfs.SystemV;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

/// <summary>Serves a request, or goes on with one that waited: a value, −errno or <see cref="Outcome.Waiting"/>.</summary>
public delegate long RequestHandler(Request request);

/// <summary>What requests are about.</summary>
public sealed record RequestSources(MountTree Mounts, IClock Clock, AnonymousFiles Anonymous, FileSystemTypes Types)
{
    /// <summary>The file behind an object of the kernel that a client has mapped, or null.</summary>
    public Func<ulong, CachedFile?> FindMapped { get; init; } = static _ => null;

    /// <summary>The kernel's log; null: not given to this server.</summary>
    public KernelLog? KernelLog { get; init; }

    /// <summary>System V IPC.</summary>
    public required SystemVObjects SystemV { get; init; }

    /// <summary>The names that uname(2) shows.</summary>
    public HostNames HostNames { get; init; } = new();

    /// <summary>Pages for descriptions whose state programs map; null: all goes by requests.</summary>
    public ISourcePages? SourcePages { get; init; }

    /// <summary>Memory in which spaces see their open files; null: all goes by requests.</summary>
    public ISourcePages? FileAreas { get; init; }

    /// <summary>Shows programs what names stand for; null: they ask.</summary>
    public NamePublisher? Publisher { get; init; }

    /// <summary>Where it shows that.</summary>
    public IReadableMemory? PublishedNames { get; init; }

    /// <summary>Serves what clients do not wait for; null: they wait for everything.</summary>
    public PostedCalls? Posted { get; init; }

    /// <summary>What sockets have in common.</summary>
    public required SocketSystem Sockets { get; init; }

    /// <summary>True for the id of a process.</summary>
    public Func<uint, bool> IsProcess { get; init; } = static _ => true;

    /// <summary>Block devices, which sync(2) writes.</summary>
    public BlockDevices Disks { get; init; } = new();

    /// <summary>Called from time to time in long requests.</summary>
    public Action? Breathe { get; init; }
}

/// <summary>All operations: each class of requests declares what it serves, docs/decisions/operations-declared-once.md.</summary>
public sealed class RequestDispatcher
{
    private readonly OperationTable<VfsOperation, RequestHandler> operations = new();

    /// <summary>Handlers on one tree.</summary>
    /// <exception cref="InvalidOperationException">An operation of the protocol is not declared.</exception>
    public RequestDispatcher(RequestSources sources)
    {
        var paths = new RequestPaths(sources.Breathe);
        new OpenRequests(paths, sources.Clock, sources.Publisher, sources.Posted).Declare(operations);
        new DataRequests(sources.Posted?.Writes).Declare(operations);
        new AttributeRequests(paths, sources.Clock, sources.Publisher).Declare(operations);
        new ExtendedAttributeRequests(paths, sources.Clock).Declare(operations);
        new NameRequests(paths, sources.Posted?.Names).Declare(operations);
        new RenameRequests(paths, sources.Posted?.Names).Declare(operations);
        new ContextRequests(paths).Declare(operations);
        new AnonymousRequests(sources.Anonymous).Declare(operations);
        PollRequests.Declare(operations);
        new SetRequests(sources.Anonymous).Declare(operations);
        DescriptionRequests.Declare(operations);
        new MountRequests(paths, sources.Mounts, sources.Types).Declare(operations);
        new SyncRequests(sources.Mounts, sources.Disks).Declare(operations);
        new LockRequests(sources.Posted).Declare(operations);
        new PostedRequests(sources.Posted).Declare(operations);
        new SpaceRequests(sources.FindMapped).Declare(operations);
        new TransferRequests().Declare(operations);
        PipeRequests.Declare(operations);
        GrantRequests.Declare(operations);
        new SourceRequests(sources.SourcePages).Declare(operations);
        new FileAreaRequests(sources.FileAreas).Declare(operations);
        new PublishedNameRequests(sources.Mounts, sources.PublishedNames).Declare(operations);
        new SocketRequests(paths, sources.Anonymous, sources.Sockets).Declare(operations);
        new SocketDataRequests(paths, sources.Sockets, sources.IsProcess).Declare(operations);
        SocketOptionRequests.Declare(operations);
        CancelRequests.Declare(operations);
        new KernelLogRequests(sources.KernelLog).Declare(operations);
        new HostNameRequests(sources.HostNames).Declare(operations);
        new SegmentRequests(sources.SystemV.Segments, sources.Clock).Declare(operations);
        new SemaphoreRequests(sources.SystemV.Semaphores, sources.Clock).Declare(operations);
        new QueueRequests(sources.SystemV.Queues, sources.Clock).Declare(operations);
        OperationTable<VfsOperation, RequestHandler>.RequireAll(operations);
    }

    /// <summary>An operation by the number that a client claims; null if there is none.</summary>
    public Operation<RequestHandler>? Find(ulong number) => operations.Find(number);
}
