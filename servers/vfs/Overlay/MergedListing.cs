using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Overlay;

/// <summary>A name of directories that are laid over each other.</summary>
/// <param name="Name">It.</param>
/// <param name="Number">Inode number in its layer.</param>
/// <param name="Type">d_type.</param>
internal readonly record struct MergedName(byte[] Name, ulong Number, byte Type);

/// <summary>
/// Reads directories, the topmost first, and keeps each name once. It may wait, and goes on where it was: what it has read are copies, which nobody sees before
/// it is whole.
/// </summary>
/// <param name="directories">What is read.</param>
internal sealed class MergedListing(RealName[] directories)
{
    // As much of a directory as is read at once.
    private const int BufferLength = 4096;

    private readonly HashSet<byte[]> seen = new(NameComparer.Instance);
    private readonly List<MergedName> names = [];
    private readonly List<MergedName> unread = [];
    private int current;
    private OpenFile? file;

    /// <summary>All names but whiteouts, "." and "..", once <see cref="GoOn"/> has answered None.</summary>
    public IReadOnlyList<MergedName> Names => names;

    /// <summary>Whiteouts count too: the names that there are in one directory.</summary>
    public bool IsRaw { get; init; }

    /// <summary>Reads on.</summary>
    public Errno GoOn(OperationContext context)
    {
        for (; current < directories.Length; current++)
        {
            Errno error = ReadDirectory(context);
            if (error == Errno.None)
                error = Sort(context);
            if (error != Errno.None)
                return error;
            Close();
        }

        return Errno.None;
    }

    /// <summary>It is not needed any more, or begins anew with the next directory.</summary>
    public void Close()
    {
        file?.Release();
        file = null;
    }

    private Errno ReadDirectory(OperationContext context)
    {
        RealName directory = directories[current];
        if (file == null)
        {
            Errno error = directory.Inode.Open(new OpenRequest(context, directory.Location, OpenFlags.Directory), out file);
            if (error != Errno.None)
                return error;
        }

        Span<byte> buffer = stackalloc byte[BufferLength];
        while (true)
        {
            long length = file!.ReadDirectory(context, buffer);
            if (length <= 0)
                return (Errno)(-length);
            for (ReadOnlySpan<byte> rest = buffer[..(int)length]; rest.Length > 0;)
            {
                const int nameStart = 19;
                int record = BinaryPrimitives.ReadUInt16LittleEndian(rest[16..]);
                ReadOnlySpan<byte> name = rest[nameStart..record];
                name = name[..name.IndexOf((byte)0)];
                if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                    unread.Add(new MergedName(name.ToArray(), BinaryPrimitives.ReadUInt64LittleEndian(rest), rest[18]));
                rest = rest[record..];
            }
        }
    }

    // Only a character device, or what a directory does not tell the type of, can be a whiteout.
    private Errno Sort(OperationContext context)
    {
        const byte unknown = 0;
        byte character = InodeMode.DirectoryRecordType(InodeMode.Character);
        RealName directory = directories[current];
        foreach (ref readonly MergedName name in CollectionsMarshal.AsSpan(unread))
        {
            if (seen.Contains(name.Name))
                continue;
            bool isWhiteout = false;
            if (name.Type == character || name.Type == unknown)
            {
                Errno error = directory.Inode.Lookup(context, directory.Dentry, name.Name, out Dentry? found);
                if (error != Errno.None && error != Errno.ENOENT)
                    return error;
                isWhiteout = found != null && RealName.IsWhiteoutInode(found.Inode);
            }

            seen.Add(name.Name);
            if (!isWhiteout || IsRaw)
                names.Add(name);
        }

        unread.Clear();
        return Errno.None;
    }
}
