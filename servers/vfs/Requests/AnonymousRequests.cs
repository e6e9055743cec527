using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Anonymous;
using Servers.Vfs.Objects;
using Servers.Vfs.Pipes;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

/// <summary>Files without a name: pipe2(2), eventfd2(2), timerfd_create(2), signalfd4(2), memfd_create(2).</summary>
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
        operations.Add(VfsOperation.CreateTimer, Timer, OperationTraits.Grows);
        operations.Add(VfsOperation.SetTimer, SetTimer);
        operations.Add(VfsOperation.CreateSignalFile, SignalFile, OperationTraits.Grows);
        operations.Add(VfsOperation.SetSignalFile, SetSignalFile);
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
        // What is read comes as it was written: only writers have O_DIRECT, as on Linux.
        long read = request.Process.Handles.Add(new PipeFile(place, (flags & OpenFlags.NonBlock) | OpenFlags.ReadOnly, pipe));
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

    // A0 clock, A1 flags.
    private long Timer(Request request)
    {
        const ulong realTime = 0, monotonic = 1, bootTime = 7, realTimeAlarm = 8, bootTimeAlarm = 9; // CLOCK_*, clock_gettime(2)
        ulong clock = request.Submission.A0;
        uint flags = (uint)request.Submission.A1;
        if ((flags & ~(OpenFlags.CloseOnExec | OpenFlags.NonBlock)) != 0
            || clock is not (realTime or monotonic or bootTime or realTimeAlarm or bootTimeAlarm))
            return Outcome.Of(Errno.EINVAL);
        // CAP_WAKE_ALARM. This machine never sleeps, so they are as the others.
        if (clock is realTimeAlarm or bootTimeAlarm && !request.Process.Credentials.IsPrivileged)
            return Outcome.Of(Errno.EPERM);
        uint open = OpenFlags.ReadWrite | (flags & OpenFlags.NonBlock);
        return OpenRequests.AddHandle(request, files.NewTimer(open, clock is realTime or realTimeAlarm));
    }

    // A0 handle, A1 what is done, A2 time, A3 interval.
    private static long SetTimer(Request request)
    {
        if (request.Find(request.Submission.A0) is not { } found)
            return Outcome.Of(Errno.EBADF);
        if (found is not TimerFile timer)
            return Outcome.Of(Errno.EINVAL);
        var setting = (TimerSetting)request.Submission.A1;
        Errno error = Errno.None;
        (ulong Expiry, ulong Interval) before;
        if (setting == TimerSetting.Look)
            before = timer.Get();
        else
            error = timer.Set(request.Submission.A2, setting == TimerSetting.Absolute, request.Submission.A3, out before);
        (request.V0, request.V1) = before;
        return Outcome.Of(error);
    }

    // A0 mask, A1 flags.
    private long SignalFile(Request request)
    {
        uint flags = (uint)request.Submission.A1;
        if ((flags & ~(OpenFlags.CloseOnExec | OpenFlags.NonBlock)) != 0)
            return Outcome.Of(Errno.EINVAL);
        uint open = OpenFlags.ReadWrite | (flags & OpenFlags.NonBlock);
        return OpenRequests.AddHandle(request, new SignalFile(files.AnonymousPlace("[signalfd]"u8), open, request.Submission.A0));
    }

    // A0 handle, A1 whether to set, A2 mask.
    private static long SetSignalFile(Request request)
    {
        if (request.Find(request.Submission.A0) is not { } found)
            return Outcome.Of(Errno.EBADF);
        if (found is not SignalFile file)
            return Outcome.Of(Errno.EINVAL);
        Errno error = request.Submission.A1 == 1 ? file.Set(request.Submission.A2) : Errno.None;
        request.V0 = file.Mask;
        request.V1 = file.Flags;
        return Outcome.Of(error);
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
