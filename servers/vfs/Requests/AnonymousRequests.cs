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

    /// <summary>A0 flags → read handle; V0 write handle.</summary>
    public long Pipe(Request request)
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

    /// <summary>A0 initial value, A1 flags.</summary>
    public long EventCounter(Request request)
    {
        const uint semaphore = 1;
        uint flags = (uint)request.Submission.A1;
        if ((flags & ~(semaphore | OpenFlags.CloseOnExec | OpenFlags.NonBlock)) != 0)
            return Outcome.Of(Errno.EINVAL);
        uint open = OpenFlags.ReadWrite | (flags & OpenFlags.NonBlock);
        var file = new EventCounterFile(files.AnonymousPlace("[eventfd]"u8), open, (uint)request.Submission.A0, (flags & semaphore) != 0);
        return OpenRequests.AddHandle(request, file);
    }

    /// <summary>Pool: name; A0 flags.</summary>
    public long MemoryFile(Request request)
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
