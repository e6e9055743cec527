using System.Buffers.Binary;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Processes;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

/// <summary>poll(2) over any handles. The client keeps time-outs and ends the wait with Cancel.</summary>
public static class PollRequests
{
    private const int EntryLength = 8;

    /// <summary>Declares what is served here.</summary>
    public static void Declare(OperationTable<VfsOperation, RequestHandler> operations)
    {
        operations.Add(VfsOperation.Poll, Poll);
    }

    // A0 number of entries in the pool, A1 whether to wait.
    private static long Poll(Request request)
    {
        ulong count = request.Submission.A0;
        if (count > (ulong)(request.Payload.Length / EntryLength))
            return Outcome.Of(Errno.EINVAL);
        long ready = Scan(request, (int)count);
        if (ready > 0 || request.Submission.A1 == 0)
            return ready;
        if (!request.MayWaitFor((int)count))
            return Outcome.Of(Errno.ENOMEM);
        WaitForAny(request, (int)count);
        return Outcome.Waiting;
    }

    private static long Scan(Request request, int count)
    {
        long ready = 0;
        HandleTable handles = request.Process.Handles;
        for (Span<byte> rest = request.Payload[..(count * EntryLength)]; rest.Length >= EntryLength; rest = rest[EntryLength..])
        {
            ulong asked = BinaryPrimitives.ReadUInt64LittleEndian(rest); // handle, and the events above it
            uint handle = (uint)asked;
            ushort events = (ushort)(asked >> 32);
            ushort found = (events & VfsPollEntry.Changed) != 0 ? FindChange(request, handle, events)
                : handles.Find(handle) is { } file ? file.Poll() : PollEvents.Invalid;
            found &= (ushort)(events | PollEvents.Unasked);
            BinaryPrimitives.WriteUInt16LittleEndian(rest[6..], found);
            if (found != 0)
                ready++;
        }

        return ready;
    }

    // The number before the level: a change between the two is found at the next try.
    private static ushort FindChange(Request request, uint entry, ushort events)
    {
        if (request.Process.Handles.Find((ushort)entry) is not { } file)
            return PollEvents.Invalid;
        return (ushort)file.ChangeNumber(events) == entry >> VfsPollEntry.NumberShift ? (ushort)0 : file.Poll();
    }

    // The entries are read again: if the client has changed them meanwhile, it waits for something else than it asked, which is its own affair.
    private static void WaitForAny(Request request, int count)
    {
        bool isTwice = false;
        for (int index = 0; index < count; index++)
        {
            Span<byte> entry = request.Payload.Slice(index * EntryLength, EntryLength);
            uint handle = BinaryPrimitives.ReadUInt32LittleEndian(entry);
            ushort events = BinaryPrimitives.ReadUInt16LittleEndian(entry[4..]);
            if ((events & VfsPollEntry.Changed) != 0)
                handle = (ushort)handle;
            if (request.Process.Handles.Find(handle) is not { Waiters: { } waiters } file)
                continue;
            isTwice |= waiters.Last == request;
            if ((events & VfsPollEntry.Exclusive) != 0 && file.SharesWakeUps)
                request.WaitShared(file, waiters, (ushort)(events | PollEvents.Unasked));
            else
                request.WaitIn(waiters);
        }

        // Of what was looked at twice, as both ends of a pair, a change between the two is not told from one before the first. Programs ring from here on.
        if (isTwice && Scan(request, count) > 0)
            request.MakeReady();
        request.WaitForCancel();
    }
}
