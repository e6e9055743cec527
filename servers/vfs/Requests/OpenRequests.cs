using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Attributes;
using Servers.Vfs.Files;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;
using Servers.Vfs.Processes;
using Servers.Vfs.Publishing;
using Servers.Vfs.Served;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

/// <summary>open(2), close(2) and what else makes or ends handles.</summary>
public sealed class OpenRequests
{
    private const ulong ForExecution = 1;

    private readonly RequestPaths paths;

    private readonly IClock clock;
    private readonly NamePublisher? publisher;
    private readonly PostedCalls? posted;

    /// <summary>Handlers on shared walks.</summary>
    public OpenRequests(RequestPaths paths, IClock clock, NamePublisher? publisher, PostedCalls? posted)
    {
        this.paths = paths;
        this.clock = clock;
        this.publisher = publisher;
        this.posted = posted;
    }

    /// <summary>Declares what is served here.</summary>
    public void Declare(OperationTable<VfsOperation, RequestHandler> operations)
    {
        operations.Add(VfsOperation.Open, Open, OperationTraits.Grows);
        operations.Add(VfsOperation.OpenProgram, OpenProgram, OperationTraits.Grows);
        operations.Add(VfsOperation.Close, Close);
        operations.Add(VfsOperation.Duplicate, Duplicate, OperationTraits.Grows);
    }

    // A0 directory, A1 flags, A2 mode, path → handle; V0 mode, V1 OpenedFile.
    private long Open(Request request)
    {
        if (request.Opened is { } waiting)
            return FinishOpen(request, waiting);
        uint flags = (uint)request.Submission.A1;
        if ((flags & OpenFlags.Path) != 0)
            flags &= OpenFlags.Path | OpenFlags.Directory | OpenFlags.NoFollow | OpenFlags.CloseOnExec;
        Errno error = CheckFlags(flags);
        if (error == Errno.None)
            error = request.Process.Handles.CheckRoom(); // before a file is made or cut for it
        if (error != Errno.None)
            return Outcome.Of(error);
        error = OpenPath(request, request.Payload, flags, (uint)request.Submission.A2 & InodeMode.Permissions, out OpenFile? file);
        if (error != Errno.None)
            return Outcome.Of(error);
        NoteExecution(request, file!);
        request.KeepOpened(file!);
        long handle = FinishOpen(request, file!);
        bool isToBeWritten = (flags & (OpenFlags.Create | OpenFlags.Truncate)) != 0 && file!.CanWrite && file.IsShareable;
        if (isToBeWritten && handle >= 0 && file!.Inode.Size == 0)
            posted?.Writes.Permit(request, file, (ulong)handle);
        return handle;
    }

    // A0 directory, A2 length of the path → handle; the file's first bytes, V1 their number. The path is gone once they are read, so the description is kept
    // from the first try on.
    private long OpenProgram(Request request)
    {
        if (request.Opened is null)
        {
            request.Submission.A3 = ForExecution;
            if (request.Submission.A2 > (ulong)request.Payload.Length)
                return Outcome.Of(Errno.EINVAL);
            Errno error = request.Process.Handles.CheckRoom();
            OpenFile? opened = null;
            if (error == Errno.None)
                error = OpenPath(request, request.Payload[..(int)request.Submission.A2], OpenFlags.ReadOnly, 0, out opened);
            if (error != Errno.None)
                return Outcome.Of(error);
            request.KeepOpened(opened!);
        }

        OpenFile file = request.Opened!;
        long read = file.Read(request, request.Payload, 0);
        if (read < 0)
            return read;
        NoteExecution(request, file);
        file.AddReference();
        long handle = AddHandle(request, file);
        request.V1 = (ulong)read;
        return handle;
    }

    // A0 handle.
    private long Close(Request request)
    {
        ulong handle = request.Submission.A0;
        if (request.Find(handle) is not { } file)
            return Outcome.Of(Errno.EBADF);
        if (file.ClosesUnseen)
        {
            PostedCalls.Close(request.Process.Handles, handle, file);
            posted?.NoteClose(request.Connection!);
            return 0;
        }

        Errno error = file.Flush(request);
        if (error == Errno.Wait)
            return Outcome.Waiting;

        // While it waited somebody may have closed the handle, and have been given its number for something else.
        if (!ReferenceEquals(request.Process.Handles.Find(handle), file))
            return Outcome.Of(Errno.EBADF);
        (file as ServedFile)?.Withdraw(request.Process.Handles, (uint)handle);
        PostedCalls.Close(request.Process.Handles, handle, file);
        return Outcome.Of(error);
    }

    /// <summary>
    /// Closes a handle for a program that is gone: as at the end of a process nobody waits for it, nor hears of an error. What is no handle is passed over.
    /// </summary>
    public static void CloseByExec(HandleTable handles, uint handle)
    {
        if (handles.Find(handle) is not { } file)
            return;
        (file as ServedFile)?.Withdraw(handles, handle);
        PostedCalls.Close(handles, handle, file);
    }

    // A0 handle → a second one for the same description.
    private static long Duplicate(Request request)
    {
        if (request.Find(request.Submission.A0) is not { } file)
            return Outcome.Of(Errno.EBADF);
        NoteExecution(request, file);
        file.AddReference();
        return AddHandle(request, file);
    }

    // A script is opened first and its interpreter after it, so the last one is the program that runs.
    private static void NoteExecution(Request request, OpenFile file)
    {
        if (request.Submission.A3 == ForExecution && request.Connection is { } connection)
            connection.Executable = file.Location;
    }

    /// <summary>Gives the process a handle and takes over the caller's reference.</summary>
    public static long AddHandle(Request request, OpenFile file)
    {
        long handle = request.Process.Handles.Add(file);
        if (handle < 0)
            file.Release();
        // Beside what is told of its name.
        request.V0 |= file.Inode.Mode;
        request.V1 |= OpenedFile.Describe(file.IsSeekable, file.ClosesUnseen, file.Device);
        return handle;
    }

    private static long FinishOpen(Request request, OpenFile file)
    {
        if (file.MustWait)
        {
            request.WaitIn(file.Waiters!);
            return Outcome.Waiting;
        }

        file.AddReference();
        long handle = AddHandle(request, file);
        return file is ServedFile served && handle >= 0 ? GrantRequests.Opened(request, served, handle) : handle;
    }

    private static Errno CheckFlags(uint flags)
    {
        bool isTemporary = (flags & OpenFlags.TemporaryFileBit) != 0;
        if (isTemporary && ((flags & OpenFlags.Directory) == 0 || !OpenFlags.Writes(flags)))
            return Errno.EINVAL;

        // O_DIRECTORY with O_CREAT never made directories and is refused when nothing else could come of it, open(2).
        return Errno.None;
    }

    private Errno OpenPath(Request request, ReadOnlySpan<byte> path, uint flags, uint mode, out OpenFile? file)
    {
        file = null;
        PathWalk walk = paths.First;
        NamePublisher? told = request.Submission.A4 == 1 ? publisher : null;
        Errno error = RequestPaths.FindParent(request, walk, request.Submission.A0, path, told: told);
        while (error == Errno.None)
        {
            // A name that is to be created cannot end in a slash, whether it exists or not.
            if (walk.TrailingSlash && walk.Kind == LastKind.Name && (flags & OpenFlags.Create) != 0)
                return Errno.EISDIR;
            error = walk.LookupLast(out Location found);
            if (error == Errno.ENOENT && walk.Kind == LastKind.Name && (flags & OpenFlags.Create) != 0 && walk.Parent.Inode.FileSystem.AllowsNewNames)
                return CreateAndOpen(request, walk, flags, mode, out file);
            if (error != Errno.None)
                return error;
            bool exclusive = (flags & (OpenFlags.Create | OpenFlags.Exclusive)) == (OpenFlags.Create | OpenFlags.Exclusive);
            if (exclusive)
                return Errno.EEXIST;
            if (found.Inode.IsSymbolicLink && walk.Kind != LastKind.Jump)
            {
                bool stop = (flags & OpenFlags.NoFollow) != 0 && !walk.TrailingSlash;
                if (stop && (flags & OpenFlags.Path) == 0)
                    return (flags & OpenFlags.Directory) != 0 ? Errno.ENOTDIR : Errno.ELOOP;
                if (!stop)
                {
                    error = walk.FollowLast(found);
                    continue;
                }
            }

            if (walk.TrailingSlash && !found.Inode.IsDirectory)
                return Errno.ENOTDIR;
            error = OpenFound(request, found, flags, mode, out file);
            if (error == Errno.None)
                told?.ShowAttributes(found.Inode);
            return error;
        }

        return error;
    }

    private Errno CreateAndOpen(Request request, PathWalk walk, uint flags, uint mode, out OpenFile? file)
    {
        file = null;
        Location parent = walk.Parent;
        Errno error = parent.Mount.CheckWritable();
        if (error == Errno.None && parent.Dentry.IsRemoved)
            error = Errno.ENOENT;
        if (error == Errno.None)
            error = Permission.Check(request, parent.Inode, AccessMode.Write | AccessMode.Execute);
        if (error == Errno.None && !parent.Inode.CanCreate)
            error = Errno.EACCES;
        if (error != Errno.None)
            return error;
        // A link at the end of the path has led to another name than the client knows.
        if (walk.IsLastGiven)
            PostedNames.Changing(request, parent);
        error = parent.Inode.Create(request, parent.Dentry, walk.LastName, InodeMode.Regular | mode, 0, out Dentry? child);
        if (walk.IsLastGiven)
            posted?.Names.Changed(request, parent, error, child?.Inode);
        if (error != Errno.None)
            return error;

        // The new file's mode does not bind the one who makes it, open(2); and it has been made, so that opening it neither waits nor fails any more.
        return child!.Inode.Open(new OpenRequest(request, new Location(parent.Mount, child), flags), out file);
    }

    private Errno OpenFound(Request request, Location found, uint flags, uint mode, out OpenFile? file)
    {
        file = null;
        Inode inode = found.Inode;
        if ((flags & OpenFlags.Directory) != 0 && !inode.IsDirectory)
            return Errno.ENOTDIR;
        if ((flags & OpenFlags.Path) != 0)
        {
            file = new PathOnlyFile(found, flags);
            return Errno.None;
        }

        if ((flags & OpenFlags.TemporaryFileBit) != 0)
            return OpenTemporary(request, found, flags, mode, out file);
        Errno error = CheckAccess(request, found, flags);
        if (error == Errno.None && request.Submission.A3 == ForExecution)
            error = CheckExecution(request, found);
        if (error != Errno.None)
            return error;
        error = inode.Open(new OpenRequest(request, found, flags), out file);
        if (error != Errno.None || (flags & OpenFlags.Truncate) == 0 || !inode.IsRegular)
            return error;

        // The last thing that can wait or fail, and the only one with an effect: a regular file's description can go and be made again.
        error = inode.SetAttributes(request, AttributeRequests.LengthChange(request, inode, 0, clock.Wall));
        if (error != Errno.None && error != Errno.EINVAL)
        {
            file!.Release();
            file = null;
            return error;
        }

        return Errno.None;
    }

    // What execve(2) wants beyond reading: a regular file that may be executed.
    private static Errno CheckExecution(Request request, Location found) =>
        !found.Inode.IsRegular || (found.Mount.Flags & MountFlags.NoExecute) != 0 ? Errno.EACCES
            : Permission.Check(request, found.Inode, AccessMode.Execute);

    private static Errno CheckAccess(Request request, Location found, uint flags)
    {
        Inode inode = found.Inode;
        if (inode.IsSymbolicLink)
            return Errno.ELOOP;
        bool writes = (flags & OpenFlags.AccessMode) != OpenFlags.ReadOnly || (flags & OpenFlags.Truncate) != 0;
        if (inode.IsDirectory && (writes || (flags & OpenFlags.Create) != 0))
            return Errno.EISDIR;
        bool isSpecial = InodeMode.Type(inode.Mode) is InodeMode.Character or InodeMode.Block or InodeMode.Fifo or InodeMode.Socket;
        if (writes && !isSpecial && found.Mount.CheckWritable() is var readOnly and not Errno.None)
            return readOnly;
        AccessMode wanted = (flags & OpenFlags.AccessMode) switch
        {
            OpenFlags.ReadOnly => AccessMode.Read,
            OpenFlags.WriteOnly => AccessMode.Write,
            _ => AccessMode.Read | AccessMode.Write,
        };
        if ((flags & OpenFlags.Truncate) != 0)
            wanted |= AccessMode.Write;
        Errno error = Permission.Check(request, inode, wanted);
        if (error != Errno.None)
            return error;
        bool needsOwner = (flags & OpenFlags.NoAccessTime) != 0;
        return needsOwner ? Permission.CheckOwner(request, inode) : Errno.None;
    }

    private static Errno OpenTemporary(Request request, Location directory, uint flags, uint mode, out OpenFile? file)
    {
        file = null;
        Errno error = directory.Mount.CheckWritable();
        if (error == Errno.None)
            error = Permission.Check(request, directory.Inode, AccessMode.Write | AccessMode.Execute);
        if (error != Errno.None)
            return error;
        error = directory.Inode.CreateUnnamed(request, InodeMode.Regular | mode, out Inode? inode);
        if (error != Errno.None)
            return error;
        Dentry name = directory.Dentry.CreateUnnamed(inode!);
        return inode!.Open(new OpenRequest(request, new Location(directory.Mount, name), flags & ~OpenFlags.TemporaryFile), out file);
    }
}
