using System.Buffers.Binary;
using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Objects;
using Servers.Vfs.Pages;
using Servers.Vfs.Processes;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

/// <summary>Map (mmap(2) of files), SyncMapping (msync(2)), fallocate(2).</summary>
/// <param name="find">The file behind an object of the kernel, or null.</param>
public sealed class SpaceRequests(Func<ulong, CachedFile?> find)
{
    /// <summary>Declares what is served here.</summary>
    public void Declare(OperationTable<VfsOperation, RequestHandler> operations)
    {
        operations.Add(VfsOperation.Map, Map, OperationTraits.Grows);
        operations.Add(VfsOperation.MapProgram, MapProgram, OperationTraits.Grows);
        operations.Add(VfsOperation.SyncMapping, SyncMapping);
        operations.Add(VfsOperation.Allocate, Allocate, OperationTraits.Grows);
    }

    // A0 handle, A1 offset, A2 length, A3 MapFlags, A4 address → 0; V0: bytes of the file from offset.
    private static long Map(Request request)
    {
        if (request.Find(request.Submission.A0) is not { } file)
            return Outcome.Of(Errno.EBADF);
        ref readonly var wanted = ref request.Submission;
        var flags = (MapFlags)wanted.A3;
        long result = MapRange(request, file, wanted.A4, wanted.A2, wanted.A1, flags, out request.V0);
        // What needed no request if the program had a window with it.
        bool isRepeatable = wanted.A2 <= FileSlots.Stretch && (flags & (MapFlags.Replace | MapFlags.Execute)) == 0
            && (flags & (MapFlags.Shared | MapFlags.Write)) != (MapFlags.Shared | MapFlags.Write);
        if (result == 0 && isRepeatable)
            request.V2 = FileAreaRequests.Told(request, file, wanted.A0, VfsOperation.Map);
        return result;
    }

    // A0 handle, A1 number of segments, A2 1 = closes the handle → 0; V0: 1 if it did. The client may change the list meanwhile: each entry is read once.
    private static long MapProgram(Request request)
    {
        if (request.Find(request.Submission.A0) is not { } file)
            return Outcome.Of(Errno.EBADF);
        if (request.Submission.A1 > ProgramSegment.Most || request.Submission.A1 * ProgramSegment.EntryLength > (ulong)request.Payload.Length)
            return Outcome.Of(Errno.EINVAL);
        long result = 0;
        // A try that waited goes on behind what it has mapped.
        for (; result == 0 && request.Progress < (long)request.Submission.A1; request.Progress += result == 0 ? 1 : 0)
        {
            ReadOnlySpan<byte> entry = request.Payload.Slice((int)request.Progress * ProgramSegment.EntryLength, ProgramSegment.EntryLength);
            ulong address = BinaryPrimitives.ReadUInt64LittleEndian(entry), length = BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]);
            ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(entry[16..]), flags = BinaryPrimitives.ReadUInt64LittleEndian(entry[24..]);
            result = MapRange(request, file, address, length, offset, (MapFlags)flags, out _);
        }

        if (result == Outcome.Waiting)
            return result;
        bool closes = request.Submission.A2 == 1 && file.ClosesUnseen && ReferenceEquals(request.Process.Handles.Find(request.Submission.A0), file);
        if (closes)
            PostedCalls.Close(request.Process.Handles, request.Submission.A0, file);
        request.V0 = closes ? 1ul : 0;
        return result;
    }

    // 0 or −errno; left: bytes of the file from offset.
    private static long MapRange(Request request, OpenFile file, ulong address, ulong length, ulong offset, MapFlags flags, out ulong left)
    {
        left = 0;
        if ((file.Flags & OpenFlags.Path) != 0)
            return Outcome.Of(Errno.EBADF);
        Errno error = CheckMap(file, address, length, offset, flags);
        if (error != Errno.None)
            return Outcome.Of(error);
        if (file is not IMappableFile { Content: { } content } mappable)
            return Outcome.Of(Errno.ENODEV);
        error = file.Inode.Refresh(request);
        if (error != Errno.None)
            return Outcome.Of(error);
        left = (ulong)Math.Max(content.Size - (long)offset, 0);
        MapFlags limited = flags | Withheld(file, flags);
        return Outcome.Of(content.Map(request.Connection!.Channel.Space, file.Location, address, (long)offset, (long)length, limited, mappable.Told));
    }

    // A0 address. The kernel says what is mapped there, and by which label: the client's word is not needed. What was unmapped is done.
    private long SyncMapping(Request request)
    {
        ulong address = request.Submission.A0;
        if (!request.Connection!.Channel.Space.TryQuery(address, out SpaceRegion region) || region.Start > address || region.Label == 0)
            return 0;
        return find(region.Object) is { } file ? Outcome.Of(file.SyncMapping(request, region.Label)) : 0;
    }

    // A0 handle, A1 mode, A2 offset, A3 length.
    private static long Allocate(Request request)
    {
        if (request.Find(request.Submission.A0) is not { } file || !file.CanWrite)
            return Outcome.Of(Errno.EBADF);
        long offset = (long)request.Submission.A2;
        long length = (long)request.Submission.A3;
        if (offset < 0 || length <= 0)
            return Outcome.Of(Errno.EINVAL);
        if (offset > CachedFile.Limit || length > CachedFile.Limit)
            return Outcome.Of(Errno.EFBIG);
        var mode = (AllocateMode)request.Submission.A1;
        if ((mode & AllocateMode.PunchHole) == 0 && file.Inode.IsRegular)
        {
            Errno error = file.Inode.Refresh(request);
            if (error != Errno.None)
                return Outcome.Of(error);
            if (FileSizeLimit.CheckSize(request, file.Inode.Size, offset + length) < 0)
                return Outcome.Of(Errno.EFBIG);
        }

        return Outcome.Of(file.Allocate(request, mode, offset, length));
    }

    private static Errno CheckMap(OpenFile file, ulong address, ulong length, ulong offset, MapFlags flags)
    {
        const MapFlags allowed = MapFlags.Protection | MapFlags.Shared | MapFlags.Replace | MapFlags.ForkOmit;
        const ulong pageMask = CachedFile.PageSize - 1;
        if ((flags & ~allowed) != 0 || length == 0 || ((offset | length | address) & pageMask) != 0)
            return Errno.EINVAL;
        if (offset > (ulong)CachedFile.Limit || length > (ulong)CachedFile.Limit)
            return Errno.EOVERFLOW;

        // The window belongs to the personality; a program's pages end below it.
        if (address < Window.Lowest || address >= Window.Base || length > Window.Base - address)
            return Errno.EINVAL;
        if (!file.CanRead)
            return Errno.EACCES;
        bool shared = (flags & MapFlags.Shared) != 0;
        if (shared && (flags & MapFlags.Write) != 0 && !file.CanWrite)
            return Errno.EACCES;
        return (flags & MapFlags.Execute) != 0 && IsNoExecute(file) ? Errno.EPERM : Errno.None;
    }

    /// <summary>What mprotect(2) may never add: the mapping outlives the descriptor, and nobody asks the file again. Private writes go to copies.</summary>
    internal static MapFlags Withheld(OpenFile file, MapFlags flags)
    {
        MapFlags withheld = (flags & MapFlags.Shared) != 0 && !file.CanWrite ? MapFlags.NeverWrite : MapFlags.None;
        return IsNoExecute(file) ? withheld | MapFlags.NeverExecute : withheld;
    }

    private static bool IsNoExecute(OpenFile file) => (file.Location.Mount.Flags & MountFlags.NoExecute) != 0;
}
