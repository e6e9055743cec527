using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Attributes;
using Servers.Vfs.Files;
using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

/// <summary>setxattr(2), getxattr(2), listxattr(2), removexattr(2), xattr(7).</summary>
/// <param name="paths">The walks.</param>
/// <param name="clock">Time.</param>
public sealed class ExtendedAttributeRequests(RequestPaths paths, IClock clock)
{
    /// <summary>Declares what is served here.</summary>
    public void Declare(OperationTable<VfsOperation, RequestHandler> operations)
    {
        operations.Add(VfsOperation.SetExtendedAttribute, Set, OperationTraits.Grows);
        operations.Add(VfsOperation.GetExtendedAttribute, Get);
        operations.Add(VfsOperation.ListExtendedAttributes, List);
        operations.Add(VfsOperation.RemoveExtendedAttribute, Remove);
    }

    // A1 flags, A2 path length, A3 name length and flags of setxattr(2); path, name, value. Name and value are copied: what is checked is what is kept.
    private long Set(Request request)
    {
        const uint known = ExtendedAttribute.Create | ExtendedAttribute.Replace;
        uint flags = (uint)(request.Submission.A3 >> ExtendedAttribute.FlagShift);
        if (!TrySplit(request, (uint)request.Submission.A3, out ReadOnlySpan<byte> path, out byte[] name, out ReadOnlySpan<byte> rest))
            return Outcome.Of(Errno.EFAULT);
        Errno error = FindToChange(request, path, out Inode? inode);
        if (error == Errno.None && (flags & ~known) != 0)
            error = Errno.EINVAL;
        if (error == Errno.None)
            error = CheckName(name);
        if (error == Errno.None && rest.Length > ExtendedAttribute.LongestValue)
            error = Errno.E2BIG;
        if (error != Errno.None)
            return Outcome.Of(error);
        byte[] value = rest.ToArray();
        error = AttributePermission.CheckWrite(request, inode!, name);
        if (error == Errno.None)
            error = AttributePermission.CheckValue(name, value);
        if (error == Errno.None)
            error = inode!.SetExtendedAttribute(request, new ExtendedAttributeChange(name, value, flags, clock.Wall));
        return Outcome.Of(error);
    }

    // A1 flags, A2 path length, A3 name length, A4 bytes wanted; the value at the start of the buffer.
    private long Get(Request request)
    {
        if (!TrySplit(request, request.Submission.A3, out ReadOnlySpan<byte> path, out byte[] name, out _))
            return Outcome.Of(Errno.EFAULT);
        Errno error = Find(request, path, out Inode? inode, out _);
        if (error == Errno.None)
            error = CheckName(name);
        if (error == Errno.None)
            error = AttributePermission.CheckRead(request, inode!, name);
        byte[] value = [];
        if (error == Errno.None)
            error = inode!.GetExtendedAttribute(request, name, out value);
        return error == Errno.None ? Give(request, value) : Outcome.Of(error);
    }

    // A1 flags, A2 path length, A4 bytes wanted; names with zero bytes at the start of the buffer. Root alone is told of those that only he can read.
    private long List(Request request)
    {
        if (!TrySplit(request, 0, out ReadOnlySpan<byte> path, out _, out _))
            return Outcome.Of(Errno.EFAULT);
        Errno error = Find(request, path, out Inode? inode, out _);
        var names = new List<byte[]>();
        if (error == Errno.None)
            error = inode!.ListExtendedAttributes(request, names);
        if (error != Errno.None)
            return Outcome.Of(error);
        if (!request.Credentials.IsPrivileged)
            names.RemoveAll(static name => AttributeName.SpaceOf(name) == AttributeSpace.Trusted);
        byte[] list = new byte[names.Sum(static name => name.Length + 1)];
        int end = 0;
        foreach (byte[] name in names)
        {
            name.CopyTo(list, end);
            end += name.Length + 1;
        }

        return list.Length > ExtendedAttribute.LongestList ? Outcome.Of(Errno.E2BIG) : Give(request, list);
    }

    // A1 flags, A2 path length, A3 name length.
    private long Remove(Request request)
    {
        if (!TrySplit(request, request.Submission.A3, out ReadOnlySpan<byte> path, out byte[] name, out _))
            return Outcome.Of(Errno.EFAULT);
        Errno error = FindToChange(request, path, out Inode? inode);
        if (error == Errno.None)
            error = CheckName(name);
        if (error == Errno.None)
            error = AttributePermission.CheckWrite(request, inode!, name);
        if (error == Errno.None)
            error = inode!.SetExtendedAttribute(request, new ExtendedAttributeChange(name, null, ExtendedAttribute.Replace, clock.Wall));
        return Outcome.Of(error);
    }

    private static long Give(Request request, byte[] bytes)
    {
        ulong wanted = request.Submission.A4;
        if (wanted == 0)
            return bytes.Length;
        if ((ulong)bytes.Length > wanted)
            return Outcome.Of(Errno.ERANGE);
        if (bytes.Length > request.Payload.Length)
            return Outcome.Of(Errno.EFAULT);
        bytes.CopyTo(request.Payload);
        return bytes.Length;
    }

    private static Errno CheckName(byte[] name) =>
        name.Length is 0 or > (int)ExtendedAttribute.LongestName || name.AsSpan().Contains((byte)0) ? Errno.ERANGE : Errno.None;

    private Errno FindToChange(Request request, ReadOnlySpan<byte> path, out Inode? inode)
    {
        Errno error = Find(request, path, out inode, out Mount? mount);
        return error == Errno.None ? mount!.CheckWritable() : error;
    }

    private Errno Find(Request request, ReadOnlySpan<byte> path, out Inode? inode, out Mount? mount)
    {
        (inode, mount) = (null, null);
        ulong flags = request.Submission.A1;
        Errno error = paths.Find(
            request, request.Submission.A0, path, flags, (flags & AtFlags.NoFollow) == 0, out Location found, out OpenFile? file);
        // O_PATH gives no access to what it names, open(2).
        if (error == Errno.None && file is PathOnlyFile)
            error = Errno.EBADF;
        if (error == Errno.None)
            (inode, mount) = (file?.Inode ?? found.Inode, found.Mount);
        return error;
    }

    private static bool TrySplit(Request request, ulong nameLength, out ReadOnlySpan<byte> path, out byte[] name, out ReadOnlySpan<byte> rest)
    {
        ReadOnlySpan<byte> payload = request.Payload;
        ulong pathLength = request.Submission.A2;
        name = [];
        path = rest = default;
        if (pathLength > (ulong)payload.Length || nameLength > (ulong)payload.Length - pathLength)
            return false;
        path = payload[..(int)pathLength];
        name = payload.Slice((int)pathLength, (int)nameLength).ToArray();
        rest = payload[(int)(pathLength + nameLength)..];
        return true;
    }
}
