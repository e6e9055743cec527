using Libsys.Hosting;
using Libsys.Messages;

namespace Servers.Vfs.Tests;

/// <summary>
/// A program that posts closes and opens as the personality does (docs/posted-calls.md): by what vfs has published, and by message where that does not help.
/// </summary>
internal sealed class PostingClient(TestSystem system, TestClient client, uint slot = 1)
{
    private uint first, free;
    private bool hasBegun;

    private MappedMemory Rings => client.Channel.Rings;

    /// <summary>Calls that were posted.</summary>
    public int Count { get; private set; }

    /// <summary>Borrows handles; vfs minds the ring from then on.</summary>
    public long Begin()
    {
        long result = client.Call(VfsOperation.LendHandles);
        if (result == 0)
            (first, free, hasBegun) = ((uint)client.Last.V0, (uint)client.Last.V1, true);
        return result;
    }

    /// <summary>First handle of the block.</summary>
    public uint First => first;

    /// <summary>The number of the turn.</summary>
    public ulong Turn => system.Published.ReadUInt64(PublishedNames.Turn);

    /// <summary>Writes an entry, whatever it says. False: there is no room.</summary>
    public bool Post(uint operation, uint handle, uint flags = 0, ulong reference = 0)
    {
        uint tail = Rings.ReadUInt32(PostedLayout.Tail);
        if (tail - Rings.ReadUInt32(PostedLayout.Head) == PostedLayout.Entries)
            return false;
        Rings.WriteUInt64(PostedLayout.EntryAt(tail), PostedLayout.Word(operation, slot, handle, flags));
        Rings.WriteUInt64(PostedLayout.EntryAt(tail) + sizeof(ulong), reference);
        Rings.WriteUInt32(PostedLayout.Tail, tail + 1);
        Count++;
        return true;
    }

    /// <summary>Opens for reading.</summary>
    public long Open(string path, uint flags = 0)
    {
        bool isMinded = Rings.ReadUInt32(PostedLayout.Minded) != 0 && (Turn & 1) == 0;
        if (hasBegun && isMinded && free != 0 && new PublishedTruth(system).Reference(path) is { } reference && MayRead(reference))
        {
            int lent = System.Numerics.BitOperations.TrailingZeroCount(free);
            if (Post(PostedLayout.Open, first + (uint)lent, flags, reference))
            {
                free &= free - 1;
                return first + lent;
            }
        }

        return client.Call(VfsOperation.Open, TestClient.Bytes(path), a0: VfsLimits.WorkingDirectory, a1: flags, a4: 1);
    }

    /// <summary>Closes what can be closed so.</summary>
    public long Close(long handle)
    {
        bool isPosted = hasBegun && Rings.ReadUInt32(PostedLayout.Minded) != 0 && Post(PostedLayout.Close, (uint)handle);
        long result = isPosted ? 0 : client.Close(handle);
        if (hasBegun && (uint)handle - first < PostedLayout.LentHandles)
            free |= 1u << (int)((uint)handle - first);
        return result;
    }

    private bool MayRead(ulong reference)
    {
        const uint byAll = 0x124; // 0444
        uint record = PublishedNames.RecordAt((uint)reference - 1);
        uint flags = system.Published.ReadUInt32(record + PublishedNames.Flags);
        uint mode = system.Published.ReadUInt32(record + PublishedNames.Attributes + (uint)StatLayout.Mode);
        ulong links = system.Published.ReadUInt64(record + PublishedNames.Attributes + (uint)StatLayout.LinkCount);
        bool isFile = InodeMode.Type(mode) == InodeMode.Regular && links == 1;
        return (flags & PublishedNames.HasAttributes) != 0 && (isFile || InodeMode.Type(mode) == InodeMode.Directory) && (mode & byAll) == byAll;
    }
}
