using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Anonymous;
using Servers.Vfs.Objects;
using Servers.Vfs.Pipes;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

/// <summary>Files without a name: pipe2(2), eventfd2(2), memfd_create(2).</summary>
public sealed class AnonymousRequests
{
    private readonly AnonymousFiles files;

    /// <summary>Handlers that put their files on hidden mounts.</summary>
    public AnonymousRequests(AnonymousFiles files) => this.files = files;

    /// <summary>Declares what is served here.</summary>
    public void Declare(OperationTable<VfsOperation, RequestHandler> operations)
    {
        operations.Add(VfsOperation.Pipe, Pipe, OperationTraits.Grows);
        operations.Add(VfsOperation.CreateMemoryFile, MemoryFile, OperationTraits.Grows);
        operations.Add(VfsOperation.CreateEventCounter, EventCounter, OperationTraits.Grows);
    }

    // A0 flags → read handle; V0 write handle.
    private long Pipe(Request request)
    {
        const uint allowed = OpenFlags.CloseOnExec | OpenFlags.NonBlock | OpenFlags.Direct;
        uint flags = (uint)request.Submission.A0;
        if ((flags & ~allowed) != 0)
            return Outcome.Of(Errno.EINVAL);
        flags &= OpenFlags.NonBlock | OpenFlags.Direct;
        var pipe = new Pipe(files.PipeMemory);
        Location place = files.NewPipePlace(pipe, request.Process.Credentials);
        long read = request.Process.Handles.Add(new PipeFile(place, flags | OpenFlags.ReadOnly, pipe));
        if (read < 0)
            return read;
        long write = request.Process.Handles.Add(new PipeFile(place, flags | OpenFlags.WriteOnly, pipe));
        if (write < 0)
        {
            request.Process.Handles.Remove((ulong)read)!.Release();
            return write;
        }

        request.V0 = (ulong)write;
        return read;
    }

    // A0 initial value, A1 flags.
    private long EventCounter(Request request)
    {
        const uint semaphore = 1;
        uint flags = (uint)request.Submission.A1;
        if ((flags & ~(semaphore | OpenFlags.CloseOnExec | OpenFlags.NonBlock)) != 0)
            return Outcome.Of(Errno.EINVAL);
        uint open = OpenFlags.ReadWrite | (flags & OpenFlags.NonBlock);
        var file = new EventCounterFile(files.AnonymousPlace("[eventfd]"u8), open, (uint)request.Submission.A0, (flags & semaphore) != 0);
        return OpenRequests.AddHandle(request, file);
    }

    // Pool: name; A0 flags.
    private long MemoryFile(Request request)
    {
        const uint closeOnExec = 1, allowSealing = 2, longestName = 249;
        uint flags = (uint)request.Submission.A0;
        if ((flags & ~(closeOnExec | allowSealing)) != 0 || request.Payload.Length > longestName)
            return Outcome.Of(Errno.EINVAL);
        return files.OpenMemoryFile(request, request.Payload, out OpenFile? file) is var error and not Errno.None
            ? Outcome.Of(error)
            : OpenRequests.AddHandle(request, file!);
    }
}
