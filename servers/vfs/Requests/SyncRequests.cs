using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Blocks;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

/// <summary>fsync(2), fdatasync(2), syncfs(2), sync(2).</summary>
public sealed class SyncRequests(MountTree mounts, BlockDevices disks)
{
    private const ulong File = 0, DataOnly = 1, WholeFileSystem = 2;

    /// <summary>Declares what is served here.</summary>
    public void Declare(OperationTable<VfsOperation, RequestHandler> operations)
    {
        operations.Add(VfsOperation.Sync, Sync);
    }

    // A0 handle or −1 for everything, A1 how much.
    private long Sync(Request request)
    {
        if (request.Submission.A0 == ulong.MaxValue)
            return SyncAll(request);
        if (request.Find(request.Submission.A0) is not { } file || (file.Flags & OpenFlags.Path) != 0)
            return Outcome.Of(Errno.EBADF);
        return Outcome.Of(request.Submission.A1 switch
        {
            File or DataOnly => file.Sync(request, dataOnly: request.Submission.A1 == DataOnly),
            WholeFileSystem => file.Location.Mount.FileSystem.Sync(request),
            _ => Errno.EINVAL,
        });
    }

    // Those that are done are not asked again: others may go on writing to them. Errors are nobody's here, sync(2).
    private long SyncAll(Request request)
    {
        SyncProgress progress = request.State as SyncProgress ?? new SyncProgress(mounts, disks);
        while (progress.TryNext(out FileSystem? fileSystem, out BlockDevice? device))
        {
            // What is asked keeps a state of its own while it waits.
            request.State = progress.Inner;
            Errno error = fileSystem?.Sync(request) ?? device!.Sync(request);
            progress.Inner = request.State;
            request.State = progress;
            if (error == Errno.Wait)
                return Outcome.Waiting;
            progress.Done();
        }

        return 0;
    }
}
