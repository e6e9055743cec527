using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Objects;
using Servers.Vfs.Pages;
using Servers.Vfs.Processes;
using Servers.Vfs.SystemV;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

/// <summary>shmget(2), shmat(2), shmdt(2), shmctl(2): docs/system-v-ipc.md.</summary>
public sealed class SegmentRequests(Segments segments, IClock clock)
{
    // The bits of all three classes: which one counts is decided by who asks.
    private const uint Read = 0x124, Write = 0x92, Execute = 0x49;

    /// <summary>Declares what is served here.</summary>
    public void Declare(OperationTable<VfsOperation, RequestHandler> operations)
    {
        operations.Add(VfsOperation.GetSegment, Get, OperationTraits.Grows);
        operations.Add(VfsOperation.AttachSegment, Attach, OperationTraits.Grows);
        operations.Add(VfsOperation.SegmentDetached, Detached);
        operations.Add(VfsOperation.ControlSegment, Control);
    }

    // A0 key, A1 size, A2 flags → id.
    private long Get(Request request)
    {
        ref readonly var wanted = ref request.Submission;
        Errno error = segments.Get((int)wanted.A0, wanted.A1, (uint)wanted.A2, request.Process, out Segment? segment);
        return error == Errno.None ? segment!.Id : Outcome.Of(error);
    }

    // A0 id, A1 SHM_* flags, A2 address or 0, A3 Replace or 0 → 0; V0: length.
    private long Attach(Request request)
    {
        ref readonly var wanted = ref request.Submission;
        uint how = (uint)wanted.A1;
        bool isReadOnly = (how & SegmentNumbers.ReadOnly) != 0, isCode = (how & SegmentNumbers.Execute) != 0;
        if (segments.Find((int)wanted.A0) is not { } segment)
            return Outcome.Of(Errno.EINVAL);
        if (!segment.Permission.Grants(request.Process.Credentials, Read | (isReadOnly ? 0 : Write) | (isCode ? Execute : 0)))
            return Outcome.Of(Errno.EACCES);
        long length = segment.Content.Size;
        request.V0 = (ulong)length;
        ulong address = wanted.A2;
        if (address == 0)
            return 0;
        var replace = (MapFlags)wanted.A3;
        if ((replace & ~MapFlags.Replace) != 0 || address % CachedFile.PageSize != 0)
            return Outcome.Of(Errno.EINVAL);
        // As for mmap(2): the window belongs to the personality.
        if (address < Window.Lowest || address >= Window.Base || (ulong)length > Window.Base - address)
            return Outcome.Of(Errno.EINVAL);
        MapFlags flags = MapFlags.Read | MapFlags.Shared | replace | (isReadOnly ? MapFlags.NeverWrite : MapFlags.Write);
        if (isCode)
            flags |= isReadOnly ? MapFlags.Execute : MapFlags.Execute | MapFlags.WriteExecute;
        uint label = SegmentLabel.Mark | (uint)segment.Id;
        AttachedSpace space = request.Connection!;
        Errno error = segment.Content.Map(space.Channel.Space, segment.Name, address, 0, length, flags, label: label);
        if (error != Errno.None)
            return Outcome.Of(error);
        space.HasSegments = true;
        segments.IsThere(segment, request.Process.Pid);
        return 0;
    }

    // A0 id. Whether anything was unmapped is what the kernel says.
    private long Detached(Request request)
    {
        if (segments.Table.Find((int)request.Submission.A0) is { } segment)
            segments.IsThere(segment, request.Process.Pid);
        return 0;
    }

    // A0 id or place, A1 command.
    private long Control(Request request)
    {
        int id = (int)request.Submission.A0;
        uint command = (uint)request.Submission.A1;
        Credentials asking = request.Process.Credentials;
        bool isByPlace = command is SegmentNumbers.StatIndex or SegmentNumbers.StatAny;
        switch (command)
        {
            case SystemVNumbers.Information:
            case SegmentNumbers.SegmentInformation:
                return Count(request, command);
            case SystemVNumbers.Stat:
            case SegmentNumbers.StatIndex:
            case SegmentNumbers.StatAny:
                if ((isByPlace ? segments.At(id) : segments.Find(id)) is not { } known || request.Payload.Length < SegmentLayout.Length)
                    return Outcome.Of(Errno.EINVAL);
                if (command != SegmentNumbers.StatAny && !known.Permission.Grants(asking, Read))
                    return Outcome.Of(Errno.EACCES);
                SegmentRecords.Write(known, request.Payload);
                return isByPlace ? known.Id : 0;
            case SystemVNumbers.Set:
            case SystemVNumbers.Remove:
            case SegmentNumbers.Lock:
            case SegmentNumbers.Unlock:
                if (segments.Find(id) is not { } changed)
                    return Outcome.Of(Errno.EINVAL);
                return changed.Permission.MayChange(asking) ? Outcome.Of(Change(request, changed, command)) : Outcome.Of(Errno.EPERM);
            default:
                return Outcome.Of(Errno.EINVAL);
        }
    }

    private long Count(Request request, uint command)
    {
        bool isLimits = command == SystemVNumbers.Information;
        if (request.Payload.Length < (isLimits ? SegmentLayout.LimitsLength : SegmentLayout.UsageLength))
            return Outcome.Of(Errno.EINVAL);
        if (isLimits)
            SegmentRecords.WriteLimits(segments, request.Payload);
        else
            SegmentRecords.WriteUsage(segments, request.Payload);
        return segments.Table.Highest;
    }

    private Errno Change(Request request, Segment segment, uint command)
    {
        switch (command)
        {
            case SystemVNumbers.Set when request.Payload.Length < SegmentLayout.Length:
                return Errno.EINVAL;
            case SystemVNumbers.Set:
                Span<byte> head = stackalloc byte[PermissionLayout.Length]; // the client may change it meanwhile
                request.Payload[..PermissionLayout.Length].CopyTo(head);
                segment.Permission.Set(head);
                segment.ChangeTime = clock.Wall;
                return Errno.None;
            case SystemVNumbers.Remove:
                segments.Remove(segment);
                return Errno.None;
            case SegmentNumbers.Lock:
                segment.Permission.Mode |= SegmentNumbers.Locked;
                return Errno.None;
            default:
                segment.Permission.Mode &= ~SegmentNumbers.Locked;
                return Errno.None;
        }
    }
}
