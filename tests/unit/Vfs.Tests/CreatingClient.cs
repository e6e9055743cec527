using Libsys.Hosting;
using Libsys.Messages;

namespace Servers.Vfs.Tests;

/// <summary>A program that posts that files are made, and writes to them before vfs has seen them, as the personality does (docs/posted-names.md).</summary>
/// <param name="isPosting">False: it makes all calls by message.</param>
internal sealed class CreatingClient(TestSystem system, TestClient client, bool isPosting = true, uint slot = 1)
{
    // In the pool, behind those of other posted writes.
    private const uint FirstBlock = 0xC000, Blocks = 4;

    private readonly HashSet<long> fresh = [];
    private ulong freshTurn;
    private uint freshWrites;
    private bool hasBegun;

    private MappedMemory Rings => client.Channel.Rings;

    /// <summary>Changes names.</summary>
    public NamingClient Naming { get; } = new(system, client, isPosting, slot);

    /// <summary>Closes files, and writes by permits.</summary>
    public PostingClient Posting { get; } = new(system, client, slot);

    /// <summary>Files that were made by posting, and writes to them that came before vfs had seen them.</summary>
    public (int Files, int Writes) Counts { get; private set; }

    /// <summary>Writes of that kind that it may make in a turn.</summary>
    public uint Fresh => Rings.ReadUInt32(PostedLayout.FreshWrites);

    /// <summary>Opens a file, which is made if need be.</summary>
    public long Open(string path, uint flags = OpenFlags.ReadWrite, uint mode = 0x1A4)
    {
        flags |= OpenFlags.Create;
        if (isPosting && Naming.Number != 0 && !hasBegun)
            hasBegun = Posting.Begin() == 0;
        if (isPosting && Posting.TryTake(out uint handle))
        {
            if (Naming.TryCreate(path, handle, flags, mode))
            {
                Begin();
                if ((flags & OpenFlags.AccessMode) != OpenFlags.ReadOnly)
                    fresh.Add(handle);
                Counts = (Counts.Files + 1, Counts.Writes);
                return handle;
            }

            Posting.Give(handle);
        }

        return Naming.Open(path, flags, mode);
    }

    /// <summary>Writes at the own offset.</summary>
    public long Write(long handle, ReadOnlySpan<byte> data)
    {
        if (!isPosting)
            return client.Write(handle, data);
        bool mayBe = fresh.Contains(handle) && freshTurn == Posting.Turn && freshWrites < Math.Min(Fresh, Blocks) && data.Length is > 0 and <= 4096;
        if (!mayBe || !PostFresh(handle, data))
            return Posting.Write(handle, data);
        Counts = (Counts.Files, Counts.Writes + 1);
        return data.Length;
    }

    /// <summary>Posts a write, promised or not.</summary>
    public bool PostFresh(long handle, ReadOnlySpan<byte> data)
    {
        uint offset = FirstBlock + freshWrites++ % Blocks * PostedLayout.LongestWrite;
        data.CopyTo(client.Channel.Pool[(int)offset..]);
        return Posting.Post(PostedLayout.WriteFresh, (uint)handle, 0, PostedLayout.Piece(offset, (uint)data.Length, (ulong)system.Clock.Wall));
    }

    /// <summary>Closes a file.</summary>
    public long Close(long handle)
    {
        fresh.Remove(handle);
        return isPosting ? Posting.Close(handle) : client.Close(handle);
    }

    private void Begin()
    {
        if (freshTurn != Posting.Turn)
        {
            fresh.Clear();
            freshWrites = 0;
        }

        freshTurn = Posting.Turn;
    }
}
