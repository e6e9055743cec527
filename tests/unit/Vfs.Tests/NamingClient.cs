using System.Text;
using Libsys.Hosting;
using Libsys.Messages;

namespace Servers.Vfs.Tests;

/// <summary>
/// A program that posts changes of names as the personality does (docs/posted-names.md): by what it knows, and by message where that does not help.
/// </summary>
/// <param name="isPosting">False: it makes all calls by message.</param>
internal sealed class NamingClient(TestSystem system, TestClient client, bool isPosting = true, uint slot = 1)
{
    private readonly Dictionary<string, (KnownKind Kind, ulong Node)> known = [];
    private uint learned;
    private ulong made = 1ul << 32;

    private MappedMemory Rings => client.Channel.Rings;

    /// <summary>Changes that were posted.</summary>
    public int Count { get; private set; }

    /// <summary>Number of its permit; 0: it has none.</summary>
    public uint Number
    {
        get
        {
            uint number = (uint)Rings.ReadUInt64(PostedLayout.NamesPermit) & NamesAnswer.LastNumber;
            return Rings.ReadUInt64(PostedLayout.NamesPermit) == PostedLayout.NamesPermitWord(slot, number) ? number : 0;
        }
    }

    /// <summary>What it knows of a name, if that is so at present.</summary>
    public KnownKind Knows(string name) => learned != 0 && learned == Number ? known.GetValueOrDefault(name).Kind : KnownKind.Unknown;

    public long Rename(string from, string to) => Change(PostedLayout.Rename, from, to, 0, () => client.Rename(from, to));

    public long Link(string from, string to) => Change(PostedLayout.Link, from, to, 0, () => client.Link(from, to));

    public long Unlink(string path) => Change(PostedLayout.Unlink, path, null, 0, () => client.Unlink(path));

    public long RemoveDirectory(string path) => Change(PostedLayout.RemoveDirectory, path, null, 0, () => client.RemoveDirectory(path));

    public long MakeDirectory(string path, uint mode = 0x1ED) =>
        Change(PostedLayout.MakeDirectory, path, null, mode, () => client.MakeDirectory(path, mode));

    /// <summary>Makes a file, and closes it.</summary>
    public long Create(string path)
    {
        long handle = Open(path, OpenFlags.Create | OpenFlags.ReadWrite, 0x1A4);
        return handle < 0 ? handle : client.Close(handle);
    }

    /// <summary>Opens a file by message, and learns from the answer.</summary>
    public long Open(string path, uint flags, uint mode)
    {
        long handle = client.Open(path, flags, mode);
        Learn(handle, 0, path, null);
        return handle;
    }

    /// <summary>Posts that a file is made, if its name is known to be absent, and opened under a handle.</summary>
    public bool TryCreate(string path, uint handle, uint flags, uint mode)
    {
        if (!MayPost(path) || Knows(Last(path)) != KnownKind.Absent
            || Post(PostedLayout.Create, Number, Encoding.UTF8.GetBytes(Last(path)), OpenWord(handle, flags), mode) < 0)
            return false;
        known[Last(path)] = (KnownKind.File, made++);
        return true;
    }

    /// <summary>What lies behind the name then.</summary>
    public static byte[] OpenWord(uint handle, uint flags) => BitConverter.GetBytes(PostedLayout.OpenWord(handle, flags));

    /// <summary>Writes an entry, whatever it says. Its first one, or −1: there is no room.</summary>
    public long Post(uint operation, uint number, string name, string other = "", uint mode = 0, long? time = null, uint? claimedSlot = null) =>
        Post(operation, number, Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(other), mode, time, claimedSlot);

    /// <summary>The same of any bytes.</summary>
    public long Post(uint operation, uint number, byte[] name, byte[] other, uint mode = 0, long? time = null, uint? claimedSlot = null)
    {
        byte[] names = [.. name, .. other];
        uint entries = PostedLayout.NameEntries((uint)names.Length), tail = Rings.ReadUInt32(PostedLayout.Tail);
        if (tail - Rings.ReadUInt32(PostedLayout.Head) + entries + 1 > PostedLayout.Entries)
            return -1;
        uint length = (uint)name.Length;
        Rings.WriteUInt64(PostedLayout.EntryAt(tail),
            PostedLayout.NamesWord(operation, claimedSlot ?? slot, length, (uint)names.Length - length, mode));
        Rings.WriteUInt64(PostedLayout.EntryAt(tail) + sizeof(ulong), PostedLayout.NamesTime(number, (ulong)(time ?? system.Clock.Wall)));
        Array.Resize(ref names, (int)(entries * PostedLayout.EntryLength));
        for (uint index = 0; index < entries; index++)
            names.AsSpan((int)(index * PostedLayout.EntryLength), (int)PostedLayout.EntryLength)
                .CopyTo(Rings.Span(PostedLayout.EntryAt(tail + 1 + index), (int)PostedLayout.EntryLength));
        Rings.WriteUInt32(PostedLayout.Tail, tail + entries + 1);
        Count++;
        return tail;
    }

    /// <summary>True if vfs has done what an entry asks for.</summary>
    public bool IsDone(long entry) => Rings.ReadUInt64(PostedLayout.EntryAt((uint)entry) + sizeof(ulong)) == PostedLayout.Done;

    private long Change(uint operation, string path, string? other, uint mode, Func<long> ask)
    {
        if (isPosting && TryPost(operation, path, other, mode))
            return 0;
        long result = ask();
        Learn(result, operation, path, other);
        return result;
    }

    private bool TryPost(uint operation, string path, string? other, uint mode)
    {
        if (!MayPost(path) || (other != null && !IsHere(other)))
            return false;
        (string name, string second) = (Last(path), Last(other ?? ""));
        if (!Succeeds(operation, known.GetValueOrDefault(name), known.GetValueOrDefault(second))
            || Post(operation, Number, name, second, mode) < 0)
            return false;
        if (other != null)
            known[second] = known[name];
        if (operation == PostedLayout.MakeDirectory)
            known[name] = (KnownKind.EmptyDirectory, made++);
        else if (operation != PostedLayout.Link)
            known[name] = (KnownKind.Absent, 0);
        return true;
    }

    private bool MayPost(string path) => (system.Published.ReadUInt64(PublishedNames.Turn) & 1) == 0 && Rings.ReadUInt32(PostedLayout.Minded) != 0
        && Number != 0 && learned == Number && IsHere(path);

    private static bool Succeeds(uint operation, (KnownKind Kind, ulong Node) name, (KnownKind Kind, ulong Node) other) => operation switch
    {
        PostedLayout.Rename when name.Kind == KnownKind.File => other.Kind == KnownKind.Absent || (other.Kind == KnownKind.File && other.Node != name.Node),
        PostedLayout.Rename => name.Kind == KnownKind.EmptyDirectory && other.Kind == KnownKind.Absent,
        PostedLayout.Link => name.Kind == KnownKind.File && other.Kind == KnownKind.Absent,
        PostedLayout.Unlink => name.Kind == KnownKind.File,
        PostedLayout.RemoveDirectory => name.Kind == KnownKind.EmptyDirectory,
        _ => name.Kind == KnownKind.Absent,
    };

    private bool IsHere(string path) =>
        new PublishedTruth(system).Reference(path[..path.LastIndexOf('/')]) == Rings.ReadUInt64(PostedLayout.NamesDirectory) && Last(path).Length > 0;

    private static string Last(string path) => path[(path.LastIndexOf('/') + 1)..];

    private void Learn(long result, uint operation, string path, string? other)
    {
        (ulong v0, ulong v1) = (client.Last.V0, client.Last.V1);
        if (result < 0 || NamesAnswer.AfterOf(v1) == 0)
            return;
        if (NamesAnswer.BeforeOf(v1) == 0 || learned != NamesAnswer.BeforeOf(v1))
            known.Clear();
        learned = NamesAnswer.AfterOf(v1);
        if (operation == PostedLayout.Rename)
            known[Last(path)] = (KnownKind.Absent, 0);
        else if (other != null)
            known[Last(path)] = NamesAnswer.BothOf(v1) ? (NamesAnswer.KindOf(v1), NamesAnswer.NodeOf(v0)) : default;
        known[Last(other ?? path)] = (NamesAnswer.KindOf(v1), NamesAnswer.NodeOf(v0));
    }
}
