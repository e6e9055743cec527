using System.Buffers.Binary;
using System.Text;
using Libsys.Messages;
using Servers.Vfs.Attributes;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Tests;

/// <summary>Reads the published names as a program sees them, and compares all of it with the tree. It publishes nothing by that.</summary>
internal sealed class PublishedTruth
{
    private readonly TestSystem system;
    private readonly byte[] seen;
    private readonly Dictionary<uint, (uint Parent, byte[] Name)> directories = [];

    /// <summary>What is there now.</summary>
    public PublishedTruth(TestSystem system)
    {
        this.system = system;
        seen = system.Published.Span(0, (int)PublishedNames.Length).ToArray();
        Assert.Equal(0ul, BinaryPrimitives.ReadUInt64LittleEndian(seen.AsSpan((int)PublishedNames.Sequence)) & 1);
        for (uint place = 0; place < PublishedNames.Entries; place++)
        {
            if (Entry(place, PublishedNames.EntryHash) == 0)
                continue;
            Entries++;
            uint child = Entry(place, PublishedNames.EntryChild);
            if (child != PublishedNames.Absent && IsDirectory(child))
                Assert.True(directories.TryAdd(child, (Entry(place, PublishedNames.EntryParent), Name(place))), "a directory has two entries");
        }
    }

    /// <summary>Entries that there are.</summary>
    public int Entries { get; }

    /// <summary>Records that stand for something.</summary>
    public int Records => Enumerable.Range(0, (int)PublishedNames.Records).Count(record => Record((uint)record, PublishedNames.Flags) != 0);

    /// <summary>What a path is published as: its flags, null if nothing is known, 0 if it is known to be absent.</summary>
    public uint? Find(string path) => FindRecord(path) is not { } at ? null : at == PublishedNames.Absent ? 0 : Record(at, PublishedNames.Flags);

    /// <summary>What a path is published as, <see cref="PublishedNames.Reference"/>; null if it is not, or as absent.</summary>
    public ulong? Reference(string path) =>
        FindRecord(path) is { } at and not PublishedNames.Absent ? PublishedNames.Reference(at, Record(at, PublishedNames.Generation)) : null;

    private uint? FindRecord(string path)
    {
        uint at = 0;
        foreach (string name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            uint? next = null;
            for (uint place = 0; place < PublishedNames.Entries; place++)
            {
                if (Entry(place, PublishedNames.EntryHash) != 0 && Entry(place, PublishedNames.EntryParent) == at
                    && Encoding.UTF8.GetString(Name(place)) == name)
                    next = Entry(place, PublishedNames.EntryChild);
            }

            if (next is null or PublishedNames.Absent)
                return next;
            at = next.Value;
        }

        return at;
    }

    /// <summary>True if these bytes are anywhere in it.</summary>
    public bool Contains(ReadOnlySpan<byte> bytes) => seen.AsSpan().IndexOf(bytes) >= 0;

    /// <summary>Fails unless all of it is so.</summary>
    public void Check()
    {
        var named = new HashSet<uint> { 0 };
        for (uint place = 0; place < PublishedNames.Entries; place++)
        {
            if (Entry(place, PublishedNames.EntryHash) != 0)
                CheckEntry(place, named);
            else
                Assert.True(seen.AsSpan((int)PublishedNames.EntryAt(place), (int)PublishedNames.EntryLength).IndexOfAnyExcept((byte)0) < 0, "not wiped");
        }

        for (uint record = 0; record < PublishedNames.Records; record++)
        {
            if (Record(record, PublishedNames.Flags) != 0)
                Assert.True(named.Contains(record), "a record that nothing stands for");
            else
                Assert.True(seen.AsSpan((int)PublishedNames.RecordAt(record) + 4, (int)PublishedNames.RecordLength - 4).IndexOfAnyExcept((byte)0) < 0,
                    "not wiped");
        }
    }

    private void CheckEntry(uint place, HashSet<uint> named)
    {
        uint parent = Entry(place, PublishedNames.EntryParent), child = Entry(place, PublishedNames.EntryChild);
        Assert.NotEqual(0u, Record(parent, PublishedNames.Flags) & PublishedNames.IsSearchable);
        byte[] path = [.. PathOf(parent), (byte)'/', .. Name(place)];
        string shown = Encoding.UTF8.GetString(path);
        Errno error = Walk(path, out Location found);
        if (child == PublishedNames.Absent)
        {
            Assert.True(error == Errno.ENOENT, shown + " is said to be absent");
            return;
        }

        Assert.True(error == Errno.None, $"{shown} is said to be there: {error}");
        named.Add(child);
        Inode inode = found.Inode;
        uint flags = Record(child, PublishedNames.Flags);
        Assert.Equal(inode.Mode >> 12, flags & PublishedNames.TypeMask);
        CheckAttributes(shown, inode, child, flags);
        if (inode.IsDirectory)
            CheckDirectory(shown, found, child, flags);
        if (inode.IsSymbolicLink && Record(child, PublishedNames.TextLength) is var length and > 0)
        {
            inode.ReadLink(new ImmediateContext(), out byte[] text);
            Assert.Equal(text, seen.AsSpan((int)(PublishedNames.RecordAt(child) + PublishedNames.Text), (int)length).ToArray());
        }
    }

    private void CheckAttributes(string path, Inode inode, uint record, uint flags)
    {
        if ((flags & PublishedNames.HasAttributes) == 0)
            return;
        Assert.False(inode.MayChangeUnseen, path);
        byte[] expected = new byte[StatLayout.Length];
        StatRecord.Write(inode, expected);
        Assert.True(seen.AsSpan((int)(PublishedNames.RecordAt(record) + PublishedNames.Attributes), StatLayout.Length).SequenceEqual(expected),
            "attributes of " + path);
    }

    private void CheckDirectory(string path, Location directory, uint record, uint flags)
    {
        const uint everybody = 0x49, shared = 0x202;
        Assert.Equal((directory.Inode.Mode & everybody) == everybody, (flags & PublishedNames.IsSearchable) != 0);
        Assert.Equal((directory.Inode.Mode & shared) == shared, (flags & PublishedNames.IsShared) != 0);
        Assert.Equal((directory.Mount.Flags & MountFlags.NoExecute) != 0, (flags & PublishedNames.IsNoExecute) != 0);
        uint parent = Record(record, PublishedNames.Parent);
        Errno error = Walk(Encoding.UTF8.GetBytes(path + "/.."), out Location above);
        Assert.Equal(Errno.None, error);
        Errno expected = Walk([.. PathOf(parent), (byte)'/', (byte)'.'], out Location shown);
        Assert.Equal((Errno.None, above), (expected, shown));
    }

    private byte[] PathOf(uint directory)
    {
        if (directory == 0)
            return [];
        (uint parent, byte[] name) = directories[directory];
        return [.. PathOf(parent), (byte)'/', .. name];
    }

    private Errno Walk(byte[] path, out Location found)
    {
        var root = new Location(system.Mounts.Root, system.Mounts.Root.Root);
        var subject = new TestSubject(new FileSystemContext(root, root));
        Errno error = new PathWalk().Resolve(new ImmediateContext(subject), root, path, follow: false, out found);
        subject.Context.Release();
        return error;
    }

    private byte[] Name(uint place) =>
        seen.AsSpan((int)(PublishedNames.EntryAt(place) + PublishedNames.EntryName), (int)Entry(place, PublishedNames.EntryNameLength)).ToArray();

    private bool IsDirectory(uint record) => (Record(record, PublishedNames.Flags) & PublishedNames.TypeMask) == InodeMode.Directory >> 12;

    private uint Entry(uint place, uint field) => BinaryPrimitives.ReadUInt32LittleEndian(seen.AsSpan((int)(PublishedNames.EntryAt(place) + field)));

    private uint Record(uint number, uint field) => BinaryPrimitives.ReadUInt32LittleEndian(seen.AsSpan((int)(PublishedNames.RecordAt(number) + field)));

    private sealed class TestSubject(FileSystemContext context) : Subject(context, Credentials.Root);
}
