using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Attributes;
using Servers.Vfs.Objects;
using Servers.Vfs.Pages;
using Servers.Vfs.Processes;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

/// <summary>Open files that programs see in memory, docs/files-in-memory.md.</summary>
/// <param name="areas">Where the areas come from; null: there are none.</param>
public sealed class FileAreaRequests(ISourcePages? areas)
{
    // What a slot, and an area, are first worth: as many requests as they cost. So who opens, reads and closes pays for neither.
    private const int DemandOfFile = 4, DemandOfSpace = 12;

    // A page for an offset that several handles share is worth more of them: it is a frame, an object, and a mapping for each space.
    private const int DemandOfSharing = 8;

    /// <summary>Declares what is served here.</summary>
    public void Declare(OperationTable<VfsOperation, RequestHandler> operations)
    {
        operations.Add(VfsOperation.MapFileArea, Map, OperationTraits.Grows);
        operations.Add(VfsOperation.MapContent, MapContent, OperationTraits.Grows);
        operations.Add(VfsOperation.MapWritten, MapWritten, OperationTraits.Grows);
    }

    /// <summary>
    /// A request that could have been none has been served: from now on its like may be. The answer says where.
    /// </summary>
    public static long Served(Request request, OpenFile file, long result)
    {
        // A write at an offset of its own finds nothing to lend or to show once there is a slot, but writing itself.
        bool isAway = request.Submission.Operation == (ushort)VfsOperation.Write && request.Submission.A1 != DataRequests.OwnOffset && file.FirstSlot != null
            && !file.IsWorthWriting;
        if (!isAway && result >= 0)
            request.V2 = Told(request, file, request.Submission.A0, (VfsOperation)request.Submission.Operation);
        return result;
    }

    /// <summary>What the answer to such a request says of a handle, through which an operation could have been done in memory; 0: nothing.</summary>
    public static ulong Told(Request request, OpenFile file, ulong handle, VfsOperation operation)
    {
        // Who goes on by posting needs no slot, in which he could not.
        bool isPosted = operation == VfsOperation.Write && file.Permit != null && !file.IsWorthWriting;
        return !isPosted && file.IsShareable && ++file.Demand >= DemandOfFile && request.Connection is { } connection
            ? Show(request, file, handle, operation, connection) : 0;
    }

    /// <summary>A request is served that moved an offset which may have been lent to a handle: it is again, if the space sees the handle.</summary>
    public static void LendAgain(Request request, OpenFile file, ulong handle)
    {
        HandleTable table = request.Process.Handles;
        if (file.SharedOffset != null)
            file.Lend(null);
        else if (file.FirstSlot != null && table.Find(handle) == file && request.Connection?.Files?.Known(file, table, handle) is { } slot)
            file.Lend(slot);
    }

    private static ulong Show(Request request, OpenFile file, ulong handle, VfsOperation operation, ClientConnection connection)
    {
        if (connection.Files is not { } area)
        {
            file.Lend(null); // to others, which have it in memory
            return ++connection.Demand == DemandOfSpace ? FileSlots.AreaWanted : 0;
        }

        // The handle may have been closed while the request waited.
        HandleTable table = request.Process.Handles;
        if (table.Find(handle) != file || area.Find(file, table, handle) is not { } slot)
            return 0;
        file.Inode.EndPosting();
        file.Lend(slot);
        if (file.Handles > 1 && file.SharedOffset == null && ++file.SharedDemand >= DemandOfSharing)
            slot.PointTo(0);
        switch (operation)
        {
            case VfsOperation.Stat when (slot.Shown & FileSlots.HasRecord) == 0 && !file.Inode.IsReadInMemory && file.Inode.Writer == null
                && file.Inode.Naming == null && file.Inode.TellsChanges:
                slot.Reveal(file.Inode.Size, slot.Shown | FileSlots.HasRecord, Record(file.Inode, stackalloc byte[StatLayout.Length]));
                break;
            case VfsOperation.Read when (slot.Shown & FileSlots.Readable) == 0 && file.ReadableAs is var flags and not 0:
                if ((flags & FileSlots.Touches) != 0)
                    file.Inode.ConcealRecords();
                slot.Reveal(file.Inode.Size, slot.Shown | flags, default);
                break;
            // What may be written can be read, x86-64 knows no other memory: who may not read by this description may do so if he could open another.
            case VfsOperation.Write when file.IsWorthWriting && request.Process.FileSizeLimit == FileSizeLimit.None
                && (file.CanRead || ReachableFiles.CouldRead(request.Process, file)):
                file.Inode.LendWriting(slot);
                break;
        }

        return slot.Number + 1;
    }

    private static ReadOnlySpan<byte> Record(Inode inode, Span<byte> record)
    {
        StatRecord.Write(inode, record);
        return record;
    }

    // A0 handle, A1 offset, A2 address, A3 ContentUse.
    private static long MapContent(Request request)
    {
        ulong handle = request.Submission.A0, offset = request.Submission.A1;
        if (request.Find(handle) is not { } file)
            return Outcome.Of(Errno.EBADF);
        if (!file.CanRead)
            return Outcome.Of(Errno.EACCES);
        if (!file.IsShareable || file is not IMappableFile { Content: { } content })
            return Outcome.Of(Errno.ENODEV);
        ulong place = request.Submission.A2 - Window.LongContents;
        bool isLong = place < FileSlots.LongPlaces * FileSlots.LongStretch && place % FileSlots.LongStretch == 0;
        ulong stretch = isLong ? FileSlots.LongStretch : FileSlots.Stretch;
        bool isInSlot = request.Connection!.Files?.Find(file, request.Process.Handles, handle) is { } slot
            && (isLong || request.Submission.A2 == Window.FileContents + slot.Number * FileSlots.Stretch);
        if (!isInSlot || offset % stretch != 0 || offset >= (ulong)CachedFile.Limit || request.Submission.A3 > (ulong)ContentUse.Shared)
            return Outcome.Of(Errno.EINVAL);
        // What is written through mappings of a file with a store is synchronised by labels, which are not mapped again.
        if (request.Submission.A3 == (ulong)ContentUse.Shared && file.CanWrite && content.HasStore)
            return Outcome.Of(Errno.EACCES);
        MapFlags flags = MapFlags.Read | MapFlags.Shared | MapFlags.Replace | MapFlags.ForkOmit | (ContentUse)request.Submission.A3 switch
        {
            ContentUse.Read => MapFlags.NeverWrite | MapFlags.NeverExecute,
            ContentUse.Private => MapFlags.MayRepeat | MapFlags.NeverWrite | SpaceRequests.Withheld(file, MapFlags.Shared),
            _ => MapFlags.MayRepeat | SpaceRequests.Withheld(file, MapFlags.Shared),
        };
        return Outcome.Of(content.Map(
            request.Connection!.Channel.Space, file.Location, request.Submission.A2, (long)offset, (long)stretch, flags));
    }

    // A0 handle, A1 offset, A2 address.
    private static long MapWritten(Request request)
    {
        ulong handle = request.Submission.A0, offset = request.Submission.A1;
        if (request.Find(handle) is not { } file)
            return Outcome.Of(Errno.EBADF);
        // Who has the loan was asked all that matters when he got it; whatever changed since has ended it.
        bool isWriter = file.Inode.Writer is { } found && found.File == file && found.Table == request.Process.Handles && found.Handle == handle
            && request.Connection!.Files?.Has(found) == true;
        if (!isWriter || file is not IMappableFile { Content: { } content })
            return Outcome.Of(Errno.EACCES);
        FileSlot slot = file.Inode.Writer!;
        bool isInSlot = request.Submission.A2 == Window.FileWrites + slot.Number * FileSlots.Stretch;
        if (!isInSlot || offset % FileSlots.Stretch != 0 || offset >= (ulong)file.Inode.Size)
            return Outcome.Of(Errno.EINVAL);
        slot.SetWindow(null);
        IWriteWindow? window =
            content.OpenWindow(request.Connection!.Channel.Space, request.Submission.A2, (long)offset, (long)FileSlots.Stretch, out Errno error);
        if (window == null)
            file.Inode.EndWriting();
        else
            slot.SetWindow(window);
        return Outcome.Of(error);
    }

    // A0 address.
    private long Map(Request request)
    {
        ClientConnection connection = request.Connection!;
        if (request.Submission.A0 != Window.FileArea)
            return Outcome.Of(Errno.EINVAL);
        if (connection.Files != null)
            return Outcome.Of(Errno.EEXIST);
        if (areas?.Create(request.Process.Credentials.IsPrivileged) is not { } page)
            return Outcome.Of(Errno.ENOMEM);
        KernelStatus status = connection.Channel.Space.Map(Window.FileArea, page);
        if (status == KernelStatus.Ok)
        {
            connection.Files = new FileArea(page);
            return 0;
        }

        page.Destroy();
        return Outcome.Of(status is KernelStatus.NoMemory or KernelStatus.NoHandle ? Errno.ENOMEM : Errno.EINVAL);
    }
}
