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
        if (!file.CanBePosted || !file.CanWrite || file.Handles != 1 || file.Permit != null || request.Connection is not { IsMinded: true } connection)
            return;
        Inode inode = file.Inode;
        bool isSeen = inode.FirstShown != null || inode.Writer != null || inode.Permit != null;
        if (isSeen || handle > ushort.MaxValue || request.Process.FileSizeLimit != FileSizeLimit.None || connection.PermitOf((uint)handle) is { IsOver: false })
            return;
        given[hand]?.GiveUp();
        given[hand] = null;
        if (!file.TryPromise(WritePermit.Writes))
            return;
        var permit = new WritePermit(connection.Posted!, file, request.Submission.ProcessSlot, (uint)handle);
        connection.KeepPermit((uint)handle, permit);
        given[hand] = permit;
        hand = (hand + 1) % MostPermits;
    }

    /// <summary>Makes a write that a client has posted. All of it is the client's claim.</summary>
    internal static void Write(ClientConnection connection, ClientProcess process, uint slot, uint handle, ulong piece)
    {
        ReadOnlySpan<byte> pool = connection.Channel.Pool(0);
        uint start = PostedLayout.StartOf(piece), length = PostedLayout.LengthOf(piece);
        if (connection.PermitOf(handle) is { } permit && permit.IsOf(slot, handle) && start + length <= pool.Length)
            permit.Write(new ImmediateContext(process), pool.Slice((int)start, (int)length), piece);
    }
}
