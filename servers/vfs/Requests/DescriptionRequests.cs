using System.Buffers.Binary;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Attributes;
using Servers.Vfs.Files;
using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

/// <summary>ioctl(2) and the fcntl(2) commands on status flags.</summary>
public static class DescriptionRequests
{
    /// <summary>Declares what is served here.</summary>
    public static void Declare(OperationTable<VfsOperation, RequestHandler> operations)
    {
        operations.Add(VfsOperation.Control, Control);
        operations.Add(VfsOperation.GetFlags, GetFlags);
        operations.Add(VfsOperation.SetFlags, SetFlags);
    }

    // A0 handle, A1 request, A2 argument.
    private static long Control(Request request)
    {
        if (request.Find(request.Submission.A0) is not { } file)
            return Outcome.Of(Errno.EBADF);
        uint operation = (uint)request.Submission.A1;
        if (operation == Ioctl.NonBlocking && file is not PathOnlyFile)
            return SetNonBlocking(request, file);
        if (operation == Ioctl.BytesReadable && file.Inode.IsRegular)
            return FileRest(request, file);
        return file.Control(request, operation, request.Submission.A2);
    }

    // A0 handle.
    private static long GetFlags(Request request) =>
        request.Find(request.Submission.A0) is { } file ? file.Flags : Outcome.Of(Errno.EBADF);

    // A0 handle, A1 flags.
    private static long SetFlags(Request request)
    {
        if (request.Find(request.Submission.A0) is not { } file)
            return Outcome.Of(Errno.EBADF);
        if ((file.Flags & OpenFlags.Path) != 0)
            return Outcome.Of(Errno.EBADF);
        uint wanted = (uint)request.Submission.A1 & OpenFlags.Changeable;
        bool startsNoAccessTime = (wanted & ~file.Flags & OpenFlags.NoAccessTime) != 0;
        if (startsNoAccessTime && Permission.CheckOwner(request, file.Inode) is var error and not Errno.None)
            return Outcome.Of(error);
        file.Flags = (file.Flags & ~OpenFlags.Changeable) | wanted;
        file.FlagsChanged();
        return 0;
    }

    private static long SetNonBlocking(Request request, OpenFile file)
    {
        if (request.Payload.Length < sizeof(int))
            return Outcome.Of(Errno.EFAULT);
        bool on = BinaryPrimitives.ReadInt32LittleEndian(request.Payload) != 0;
        file.Flags = on ? file.Flags | OpenFlags.NonBlock : file.Flags & ~OpenFlags.NonBlock;
        file.FlagsChanged();
        return 0;
    }

    private static long FileRest(Request request, OpenFile file)
    {
        if (request.Payload.Length < sizeof(int))
            return Outcome.Of(Errno.EFAULT);
        Errno error = file.Inode.Refresh(request);
        if (error != Errno.None)
            return Outcome.Of(error);
        BinaryPrimitives.WriteInt32LittleEndian(request.Payload, (int)(file.Inode.Size - file.Offset));
        return 0;
    }
}
