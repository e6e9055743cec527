using Libsys.Messages;
using Servers.Vfs.Anonymous;
using Servers.Vfs.Machine;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

/// <summary>Which handler serves which operation.</summary>
public sealed class RequestDispatcher
{
    private readonly OpenRequests open;
    private readonly AttributeRequests attributes;
    private readonly NameRequests names;
    private readonly RenameRequests rename;
    private readonly ContextRequests context;
    private readonly AnonymousRequests anonymous;
    private readonly TransferRequests transfer = new();
    private readonly MountRequests mounts;
    private readonly SyncRequests sync;

    /// <summary>Handlers on one tree. <paramref name="breathe"/> is called from time to time in long ones.</summary>
    public RequestDispatcher(MountTree tree, IClock clock, AnonymousFiles anonymousFiles, IFileSystemTypes types, Action? breathe = null)
    {
        var paths = new RequestPaths(breathe);
        open = new OpenRequests(paths, clock);
        attributes = new AttributeRequests(paths, clock);
        names = new NameRequests(paths);
        rename = new RenameRequests(paths);
        context = new ContextRequests(paths);
        anonymous = new AnonymousRequests(anonymousFiles);
        mounts = new MountRequests(paths, tree, types);
        sync = new SyncRequests(tree);
    }

    /// <summary>The kernel's log; null: not given to this server.</summary>
    public KernelLog? KernelLog { get; init; }

    /// <summary>The names that uname(2) shows.</summary>
    public HostNames HostNames { get; init; } = new();

    /// <summary>Serves a request, or goes on with one that waited: a value, −errno or <see cref="Outcome.Waiting"/>.</summary>
    public long Dispatch(Request request) => (VfsOperation)request.Submission.Operation switch
    {
        VfsOperation.Open => open.Open(request),
        VfsOperation.Close => OpenRequests.Close(request),
        VfsOperation.Read => DataRequests.Read(request),
        VfsOperation.Write => DataRequests.Write(request),
        VfsOperation.Seek => DataRequests.Seek(request),
        VfsOperation.Stat => attributes.Stat(request),
        VfsOperation.ReadDirectory => DataRequests.ReadDirectory(request),
        VfsOperation.ReadLink => attributes.ReadLink(request),
        VfsOperation.MakeDirectory => names.MakeDirectory(request),
        VfsOperation.MakeNode => names.MakeNode(request),
        VfsOperation.Unlink => names.Unlink(request),
        VfsOperation.Rename => rename.Rename(request),
        VfsOperation.Link => names.Link(request),
        VfsOperation.SymbolicLink => names.SymbolicLink(request),
        VfsOperation.ChangeMode => attributes.ChangeMode(request),
        VfsOperation.ChangeOwner => attributes.ChangeOwner(request),
        VfsOperation.SetTimes => attributes.SetTimes(request),
        VfsOperation.Truncate => attributes.Truncate(request),
        VfsOperation.Access => attributes.Access(request),
        VfsOperation.ChangeDirectory => context.ChangeDirectory(request),
        VfsOperation.GetWorkingDirectory => ContextRequests.GetWorkingDirectory(request),
        VfsOperation.ChangeRoot => context.ChangeRoot(request),
        VfsOperation.Pipe => anonymous.Pipe(request),
        VfsOperation.Poll => PollRequests.Poll(request),
        VfsOperation.Control => DescriptionRequests.Control(request),
        VfsOperation.GetFlags => DescriptionRequests.GetFlags(request),
        VfsOperation.SetFlags => DescriptionRequests.SetFlags(request),
        VfsOperation.StatFileSystem => attributes.StatFileSystem(request),
        VfsOperation.Mount => mounts.Mount(request),
        VfsOperation.Unmount => mounts.Unmount(request),
        VfsOperation.Sync => sync.Sync(request),
        VfsOperation.Lock => LockRequests.Lock(request),
        VfsOperation.RecordLock => LockRequests.RecordLock(request),
        VfsOperation.Allocate => SpaceRequests.Allocate(request),
        VfsOperation.Transfer => transfer.Transfer(request),
        VfsOperation.Map => SpaceRequests.Map(request),
        VfsOperation.Duplicate => OpenRequests.Duplicate(request),
        VfsOperation.CreateMemoryFile => anonymous.MemoryFile(request),
        VfsOperation.CreateEventCounter => anonymous.EventCounter(request),
        VfsOperation.KernelLog => KernelLogRequests.Serve(request, KernelLog),
        VfsOperation.HostNames => HostNameRequests.Serve(request, HostNames),
        _ => Outcome.Of(Errno.ENOSYS),
    };
}
