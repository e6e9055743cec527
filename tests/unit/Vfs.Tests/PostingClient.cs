using Libsys.Hosting;
using Libsys.Messages;

namespace Servers.Vfs.Tests;

/// <summary>
/// A program that posts closes and opens as the personality does (docs/posted-calls.md): by what vfs has published, and by message where that does not help.
/// </summary>
internal sealed class PostingClient(TestSystem system, TestClient client, uint slot = 1)
{
    // In the pool, where no test's requests are.
    private const uint FirstBlock = 0x8000, Blocks = 4;

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

    /// <summary>Takes one that is free; it comes back when it is closed, or by <see cref="Give"/>.</summary>
    public bool TryTake(out uint handle)
    {
        uint left = free;
        // What has a permit still is open until vfs has served its close.
        while (left != 0 && Left(handle = first + (uint)System.Numerics.BitOperations.TrailingZeroCount(left)) != 0)
            left &= left - 1;
        handle = first + (uint)System.Numerics.BitOperations.TrailingZeroCount(left);
        free &= ~(left & (0 - left));
        return hasBegun && left != 0;
    }

    /// <summary>It was not used.</summary>
    public void Give(uint handle) => free |= 1u << (int)(handle - first);

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

    /// <summary>Writes that its permit for a handle has left.</summary>
    public uint Left(long handle)
    {
        ulong permit = Rings.ReadUInt64(PostedLayout.PermitAt((uint)handle)), left = permit & PostedLayout.PermitLeft;
        return permit - left == PostedLayout.Permit(slot, (uint)handle) ? (uint)left : 0;
    }

    /// <summary>Takes a write from a permit, and posts it later, if at all.</summary>
    public void TakePermit(long handle) =>
        Rings.WriteUInt64(PostedLayout.PermitAt((uint)handle), Rings.ReadUInt64(PostedLayout.PermitAt((uint)handle)) - 1);

    /// <summary>Posts a write, permitted or not.</summary>
    public bool PostWrite(long handle, ReadOnlySpan<byte> data, long? time = null)
    {
        uint offset = FirstBlock + Rings.ReadUInt32(PostedLayout.Tail) % Blocks * PostedLayout.LongestWrite;
        data.CopyTo(client.Channel.Pool[(int)offset..]);
        return Post(PostedLayout.Write, (uint)handle, 0, PostedLayout.Piece(offset, (uint)data.Length, (ulong)(time ?? system.Clock.Wall)));
    }

    /// <summary>Writes at the description's own offset: without waiting, if that is permitted.</summary>
    public long Write(long handle, ReadOnlySpan<byte> data)
    {
        bool isMinded = Rings.ReadUInt32(PostedLayout.Minded) != 0 && (Turn & 1) == 0;
        if (!isMinded || Left(handle) == 0 || data.Length is 0 or > (int)PostedLayout.LongestWrite
            || Rings.ReadUInt32(PostedLayout.Tail) - Rings.ReadUInt32(PostedLayout.Head) >= Blocks)
            return client.Write(handle, data);
        TakePermit(handle);
        Assert.True(PostWrite(handle, data));
        return data.Length;
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
