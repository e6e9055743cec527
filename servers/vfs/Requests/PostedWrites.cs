using Libsys.Messages;
using Servers.Vfs.Objects;
using Servers.Vfs.Processes;

namespace Servers.Vfs.Requests;

/// <summary>Writes that clients do not wait for: who may make them, and making them (docs/posted-calls.md).</summary>
public sealed class PostedWrites
{
    // Permits of all clients together: what they promise is no more than the page cache keeps free for the next file in any case.
    private const int MostPermits = 32;

    // Those given last.
    private readonly WritePermit?[] given = new WritePermit?[MostPermits];
    private int hand;

    /// <summary>
    /// A handle has opened an empty file, or made one longer: if nobody can see the file without asking, it may go on without waiting.
    /// </summary>
    public void Permit(Request request, OpenFile file, ulong handle)
    {
        if (request.Connection is { } connection)
            Permit(connection, request.Process, request.Submission.ProcessSlot, file, handle);
    }

    /// <summary>The same, of a process in a slot of a connection.</summary>
    public void Permit(ClientConnection connection, ClientProcess process, uint slot, OpenFile file, ulong handle)
    {
        if (!file.CanBePosted || !file.CanWrite || file.Handles != 1 || file.Permit != null || !connection.IsMinded)
            return;
        Inode inode = file.Inode;
        bool isSeen = inode.FirstShown != null || inode.Writer != null || inode.Permit != null;
        if (isSeen || handle > ushort.MaxValue || process.FileSizeLimit != FileSizeLimit.None || connection.PermitOf((uint)handle) is { IsOver: false })
            return;
        given[hand]?.GiveUp();
        given[hand] = null;
        if (!file.TryPromise(WritePermit.Writes))
            return;
        var permit = new WritePermit(connection.Posted!, file, slot, (uint)handle);
        connection.KeepPermit((uint)handle, permit);
        given[hand] = permit;
        hand = (hand + 1) % MostPermits;
    }

    /// <summary>Makes a write that a client has posted. All of it is the client's claim.</summary>
    internal static void Write(ClientConnection connection, ClientProcess process, ulong first, ulong piece)
    {
        (uint slot, uint handle) = (PostedLayout.SlotOf(first), PostedLayout.HandleOf(first));
        if (connection.PermitOf(handle) is { } permit && permit.IsOf(slot, handle) && TryGetData(connection, first, piece, out ReadOnlySpan<byte> data))
            permit.Write(new ImmediateContext(process), data, piece);
    }

    /// <summary>Makes one to a file that the client has made by posting, too: true if it was made.</summary>
    internal static bool WriteFresh(ClientConnection connection, ClientProcess process, ulong first, ulong piece) =>
        connection.Naming is { } permit && permit.IsOf(PostedLayout.SlotOf(first), process) && TryGetData(connection, first, piece, out ReadOnlySpan<byte> data)
        && permit.WriteFresh(PostedLayout.HandleOf(first), data, piece);

    private static bool TryGetData(ClientConnection connection, ulong first, ulong piece, out ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<byte> pool = connection.Channel.Pool(PostedLayout.PoolOf(first));
        uint start = PostedLayout.StartOf(first, piece), length = PostedLayout.LengthOf(piece);
        bool isThere = start + length <= pool.Length;
        data = isThere ? pool.Slice((int)start, (int)length) : default;
        return isThere;
    }
}
