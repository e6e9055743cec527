using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Objects;
using Servers.Vfs.Pipes;
using Servers.Vfs.Processes;
using Servers.Vfs.Sockets;
using Servers.Vfs.Sources;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

/// <summary>Descriptions whose state programs map.</summary>
/// <param name="pages">Where the pages come from; null: there are none.</param>
public sealed class SourceRequests(ISourcePages? pages)
{
    // Of descriptions whose offset lies in a page.
    private ulong lastNumber;

    /// <summary>Declares what is served here.</summary>
    public void Declare(OperationTable<VfsOperation, RequestHandler> operations)
    {
        operations.Add(VfsOperation.MapSource, Map, OperationTraits.Grows);
        operations.Add(VfsOperation.MapStream, MapStream, OperationTraits.Grows);
        operations.Add(VfsOperation.SourceChanged, Changed);
    }

    // A0 handle, A1 address.
    private long Map(Request request)
    {
        const ulong pageMask = EventCounterPage.Length - 1;
        const ulong end = Window.MemorySources + Window.MemorySourceCount * EventCounterPage.Length;
        ulong address = request.Submission.A1;
        if (request.Find(request.Submission.A0) is not { } found)
            return Outcome.Of(Errno.EBADF);
        var file = found as SourceFile;
        if (file == null && !found.IsShareable)
            return Outcome.Of(Errno.ENODEV);
        // One page, which can be read and written. An offset moves whoever has the description.
        if (file != null && (!file.CanRead || !file.CanWrite))
            return Outcome.Of(Errno.EACCES);
        if (address < Window.MemorySources || address >= end || (address & pageMask) != 0)
            return Outcome.Of(Errno.EINVAL);
        if (file == null)
            return Outcome.Of(MapOffset(request, found, address));
        request.V0 = file.Kind;
        bool isPrivileged = request.Process.Credentials.IsPrivileged;
        return Outcome.Of(file.Map(request.Connection!, request.Submission.ProcessSlot, address, pages, isPrivileged));
    }

    // Only where several have the description: who is alone has the offset in his slot.
    private Errno MapOffset(Request request, OpenFile file, ulong address)
    {
        var place = (SharedOffset?)file.SharedOffset;
        if (place == null && file.Handles < 2)
            return Errno.ENODEV;
        if (place == null && pages?.Create(request.Process.Credentials.IsPrivileged) is { } page)
            file.SharedOffset = place = new SharedOffset(page, ++lastNumber);
        if (place == null)
            return Errno.ENOMEM;
        Errno error = place.Map(request.Connection!, address);
        file.Lend(null);
        return error;
    }

    // A0 handle, A1 address.
    private long MapStream(Request request)
    {
        ulong address = request.Submission.A1;
        if (request.Find(request.Submission.A0) is not { } found)
            return Outcome.Of(Errno.EBADF);
        if (!Window.IsStream(address))
            return Outcome.Of(Errno.EINVAL);
        if (found is StreamSocket socket)
            return MapSocket(request, socket, address);
        if (found is MessageSocket messages)
            return MapMessages(request, messages, address);
        if (found is not PipeFile file)
            return Outcome.Of(Errno.ENODEV);
        bool isPrivileged = request.Process.Credentials.IsPrivileged;
        Errno error = file.Pipe.Map(
            file, file.CanRead, file.CanWrite, request.Connection!, request.Submission.ProcessSlot, address, pages, isPrivileged, out uint number);
        request.V0 = number;
        request.V1 = (ulong)Math.Max(file.Pipe.IndexOf(file), 0);
        request.V2 = (file.CanRead ? 1ul : 0) | (file.CanWrite ? 2ul : 0);
        return Outcome.Of(error);
    }

    // A0 handle, A1 address, A2 1 = what it reads, 2 = what it writes.
    private long MapSocket(Request request, StreamSocket socket, ulong address)
    {
        bool writes = request.Submission.A2 == 2;
        if ((writes ? socket.Outgoing : socket.Incoming)?.Pipe is not { } pipe)
            return Outcome.Of(socket.IsListening ? Errno.ENODEV : Errno.ENOTCONN);
        bool isPrivileged = request.Process.Credentials.IsPrivileged;
        Errno error = pipe.Map(socket, !writes, writes, request.Connection!, request.Submission.ProcessSlot, address, pages, isPrivileged, out uint number);
        request.V0 = number;
        request.V1 = (ulong)Math.Max(pipe.IndexOf(socket), 0);
        request.V2 = (writes ? 2ul : 1) | StreamLayout.OfSocket;
        return Outcome.Of(error);
    }

    // The same. ENODEV: it is not one of a pair, or its messages are elsewhere for good. EAGAIN: what is in it may not lie in memory; later it may.
    private long MapMessages(Request request, MessageSocket socket, ulong address)
    {
        bool writes = request.Submission.A2 == 2;
        Errno error = socket.Prepare(writes, out Pipe? pipe);
        if (error != Errno.None)
            return Outcome.Of(error);
        bool isPrivileged = request.Process.Credentials.IsPrivileged, isShared = pipe!.IsShared;
        error = pipe.Map(socket, !writes, writes, request.Connection!, request.Submission.ProcessSlot, address, pages, isPrivileged, out uint number);
        if (!isShared && pipe.IsShared)
            socket.Begin(writes);
        bool hasOther = request.Process.Handles.Has(socket.Peer!);
        request.V0 = number;
        request.V1 = (ulong)Math.Max(pipe.IndexOf(socket), 0);
        request.V2 = (writes ? 2ul : 1) | StreamLayout.OfSocket | StreamLayout.OfMessages | (hasOther ? StreamLayout.HasOtherEnd : 0);
        return Outcome.Of(error);
    }

    // A0 handle.
    private static long Changed(Request request)
    {
        if (request.Find(request.Submission.A0) is not { } found)
            return Outcome.Of(Errno.EBADF);
        if (found is PipeFile { Pipe: { IsShared: true } pipe })
            pipe.LookAgain();
        else if (found is StreamSocket { Incoming: { } incoming, Outgoing: { } outgoing })
        {
            incoming.Pipe.LookAgain();
            outgoing.Pipe.LookAgain();
        }
        else if (found is MessageSocket { IsInMemory: true } messages)
            messages.LookAgain();
        else if (found is SourceFile file)
            file.LookAgain();
        else
            return Outcome.Of(Errno.ENODEV);
        return 0;
    }
}
