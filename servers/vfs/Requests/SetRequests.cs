using System.Buffers.Binary;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Anonymous;
using Servers.Vfs.Objects;
using Servers.Vfs.Sets;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

/// <summary>Sets of epoll(7) that have left their process, docs/epoll.md.</summary>
/// <param name="files">Files without names.</param>
public sealed class SetRequests(AnonymousFiles files)
{
    private readonly UserBudget members = new(EpollFile.MostMembers);

    /// <summary>Declares what is served here.</summary>
    public void Declare(OperationTable<VfsOperation, RequestHandler> operations)
    {
        operations.Add(VfsOperation.CreateSet, Create, OperationTraits.Grows);
        operations.Add(VfsOperation.ChangeSet, Change, OperationTraits.Grows);
        operations.Add(VfsOperation.WaitSet, Wait);
    }

    // A0 members that it is about to be given.
    private long Create(Request request)
    {
        var set = new EpollFile(files.AnonymousPlace("[eventpoll]"u8), members, request.Process.Credentials.UserId);
        Errno error = set.Expect(request.Submission.A0);
        if (error == Errno.None)
            return OpenRequests.AddHandle(request, set);
        set.Release();
        return Outcome.Of(error);
    }

    // A0 handle, A1 number of entries in the pool, A2 whether they are given, and all.
    private static long Change(Request request)
    {
        if (!TryFind(request, out EpollFile? set, out long result))
            return result;
        bool isGiven = (request.Submission.A2 & SetEntry.Given) != 0;
        ulong count = request.Submission.A1;
        if (count > (ulong)(request.Payload.Length / SetEntry.Length) || (isGiven && set!.IsComplete))
            return Outcome.Of(Errno.EINVAL);
        if (!isGiven && !set!.IsComplete)
            return WaitFor(request, set);
        Errno error = Errno.None;
        for (int index = 0; index < (int)count && error == Errno.None; index++)
        {
            ReadOnlySpan<byte> entry = request.Payload.Slice(index * SetEntry.Length, SetEntry.Length);
            if (isGiven)
                Give(request, set!, entry);
            else
                error = Apply(request, set!, entry);
        }

        if (isGiven && (request.Submission.A2 & SetEntry.Completes) != 0)
            set!.Complete();
        return Outcome.Of(error);
    }

    private static Errno Apply(Request request, EpollFile set, ReadOnlySpan<byte> entry)
    {
        if (request.Process.Handles.Find(WordOf(entry, SetEntry.Handle)) is not { } file)
            return Errno.EBADF;
        uint number = WordOf(entry, SetEntry.Number), events = WordOf(entry, SetEntry.Events);
        ulong data = BinaryPrimitives.ReadUInt64LittleEndian(entry[SetEntry.Data..]);
        return WordOf(entry, SetEntry.Operation) switch
        {
            SetEntry.Add => set.Add(file, number, events, data, out _),
            SetEntry.Modify => set.Modify(file, number, events, data),
            SetEntry.Delete => set.Delete(file, number),
            _ => Errno.EINVAL,
        };
    }

    // What is closed meanwhile is a member no more; a lie is left out as well.
    private static void Give(Request request, EpollFile set, ReadOnlySpan<byte> entry)
    {
        if (request.Process.Handles.Find(WordOf(entry, SetEntry.Handle)) is not { } file)
            return;
        ulong data = BinaryPrimitives.ReadUInt64LittleEndian(entry[SetEntry.Data..]);
        set.Add(file, WordOf(entry, SetEntry.Number), WordOf(entry, SetEntry.Events), data, out SetMember? member);
        uint reported = WordOf(entry, SetEntry.Reported);
        if (reported != 0)
            member?.WasReported(reported == SetEntry.UntilChange ? WordOf(entry, SetEntry.ReportedAt) : null);
    }

    // A0 handle, A1 most, A2 whether to wait.
    private static long Wait(Request request)
    {
        if (!TryFind(request, out EpollFile? set, out long result))
            return result;
        int most = (int)Math.Min(request.Submission.A1, (ulong)Math.Min(request.Payload.Length / SetEntry.EventLength, SetEntry.MostEvents));
        if (most == 0)
            return Outcome.Of(Errno.EINVAL);
        result = set!.IsComplete ? set.Take(request.Payload, most) : 0;
        return result == 0 && request.Submission.A2 != 0 ? WaitFor(request, set) : result;
    }

    private static bool TryFind(Request request, out EpollFile? set, out long error)
    {
        OpenFile? file = request.Find(request.Submission.A0);
        set = file as EpollFile;
        error = Outcome.Of(file == null ? Errno.EBADF : Errno.EINVAL);
        return set != null;
    }

    private static long WaitFor(Request request, EpollFile set)
    {
        request.WaitIn(set.Waiters);
        return Outcome.Waiting;
    }

    private static uint WordOf(ReadOnlySpan<byte> entry, int at) => BinaryPrimitives.ReadUInt32LittleEndian(entry[at..]);
}
