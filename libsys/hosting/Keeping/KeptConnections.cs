using System.Globalization;
using Libsys.Abi;
using Libsys.Hosting.Manifest;
using Libsys.Messages;
using Libsys.Rings;

namespace Libsys.Hosting.Keeping;

/// <summary>
/// The connections that outlive the server's process: a table of slots in its kept state, and for each slot in use the client's memory and notification under
/// one name. One connection a client: a new one replaces it. Contract: docs/keeping.md.
/// </summary>
public sealed class KeptConnections
{
    private const ulong IsUsed = 0, Badge = 8, Bits = 16, Ring = 64;
    private const string NamePrefix = "connection.";
    private const int AttachHandles = 2;

    private readonly EventLoop loop;
    private readonly KeptObjects objects;
    private readonly KeptState state;
    private readonly ConnectionShape shape;
    private readonly ulong start;
    private readonly ulong generation;
    private readonly IResumableHandler handler;
    private readonly ResumableConnection?[] connections;

    /// <summary>A table at <paramref name="offset"/> of the state; see <see cref="LengthOf"/>.</summary>
    public KeptConnections(
        EventLoop loop, KeptObjects objects, KeptState state, ulong offset, int slots, in ConnectionShape shape, ulong generation, IResumableHandler handler)
    {
        this.loop = loop;
        this.objects = objects;
        this.state = state;
        this.shape = shape;
        this.generation = generation;
        this.handler = handler;
        start = offset;
        connections = new ResumableConnection?[slots];
    }

    /// <summary>Bytes of a table in the kept state.</summary>
    public static ulong LengthOf(int slots, in ConnectionShape shape) => (ulong)slots * SlotLengthOf(shape);

    /// <summary>Connections in use.</summary>
    public IEnumerable<ResumableConnection> Open => connections.OfType<ResumableConnection>();

    /// <summary>Goes on with all connections whose clients still run, and lets the others go. To be called once, before new ones attach.</summary>
    /// <param name="isAlive">Tells whether a client's badge is that of a process that runs.</param>
    /// <exception cref="KeptStateException">A connection's words contradict each other, or its objects are not those that were kept.</exception>
    public void Resume(Func<ulong, bool> isAlive)
    {
        foreach (string name in objects.Names())
        {
            if (!name.StartsWith(NamePrefix, StringComparison.Ordinal))
                continue;
            bool isSlot = int.TryParse(name[NamePrefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out int slot) && slot < connections.Length;
            // A predecessor ended between keeping the objects and using the slot, or between freeing the slot and releasing them.
            if (!isSlot || state.Read(At(slot) + IsUsed) == 0)
                objects.Release(name);
            else
                connections[slot] = Resume(slot, name);
        }

        for (int slot = 0; slot < connections.Length; slot++)
        {
            if (state.Read(At(slot) + IsUsed) != 0 && connections[slot] is null)
                throw new KeptStateException($"connection {slot} has no objects");
        }

        DropLost(isAlive);
    }

    /// <summary>
    /// Attaches a client (<see cref="ConnectOperation.Attach"/>). <paramref name="answer"/> has the doorbell as its handle, which the caller closes when it has
    /// answered. On failure the message's handles stay the caller's, and nothing has changed.
    /// </summary>
    public KernelStatus TryAttach(in Message message, out Message answer)
    {
        answer = default;
        int slot = Array.IndexOf(connections, null);
        if (slot < 0)
            return KernelStatus.NoHandle;
        if (message.HandleCount != AttachHandles)
            return KernelStatus.BadArgument;
        if (message.Words[1] != shape.Length)
            return KernelStatus.BadArgument;
        var memory = new MemoryObjectHandle(message.Handles[0]);
        var client = new NotificationHandle(message.Handles[1]);
        KernelStatus status = SealedMemory.TryMap(memory, shape.Length, out MappedMemory? mapped);
        if (status != KernelStatus.Ok)
            return status;
        ResumableRing.Clear(state, At(slot) + Ring, shape);
        KeepStatus kept = objects.Keep(NameOf(slot), memory.Handle, client.Handle);
        if (kept != KeepStatus.Ok)
        {
            mapped!.Dispose();
            return kept == KeepStatus.NoRoom ? KernelStatus.NoHandle : KernelStatus.NoRight;
        }

        var ring = new ResumableRing(state, At(slot) + Ring, mapped!, shape, generation);
        var connection = new ResumableConnection(loop, mapped!, shape, client, ring, handler, slot, message.Badge);
        loop.Add(connection);
        status = connection.TryMintDoorbell(out NotificationHandle doorbell);
        if (status != KernelStatus.Ok)
        {
            loop.Remove(connection);
            mapped!.Dispose();
            objects.Release(NameOf(slot));
            return status;
        }

        Use(connection);
        memory.Handle.Close(); // the mapping and the supervisor hold it
        answer.Words[1] = connection.Bits;
        answer.HandleCount = 1;
        answer.Handles[0] = doorbell.Index;
        answer.Rights[0] = (uint)(Rights.Signal | Rights.Duplicate);
        return KernelStatus.Ok;
    }

    /// <summary>Ends a connection: its requests in flight end without an answer.</summary>
    public void Detach(ResumableConnection connection)
    {
        if (connections[connection.Slot] != connection)
            return;
        state.Set(At(connection.Slot) + IsUsed, 0);
        state.Commit();
        LetGo(connection);
    }

    /// <summary>Ends the connections of clients that have ended.</summary>
    public void DropLost(Func<ulong, bool> isAlive)
    {
        foreach (ResumableConnection connection in Open.ToArray())
        {
            if (!isAlive(ServerBadge.Number(connection.Badge)))
                Detach(connection);
        }
    }

    private static string NameOf(int slot) => string.Create(CultureInfo.InvariantCulture, $"{NamePrefix}{slot}");

    private static ulong SlotLengthOf(in ConnectionShape shape) => Ring + ResumableRing.LengthOf(shape);

    private ulong At(int slot) => start + (ulong)slot * SlotLengthOf(shape);

    private ResumableConnection Resume(int slot, string name)
    {
        Span<KernelHandle> handles = stackalloc KernelHandle[KeptObjects.MostHandles];
        if (objects.TryFind(name, handles, out int count) != KeepStatus.Ok || count != AttachHandles)
            throw new KeptStateException($"{name} has {count} objects");
        if (SealedMemory.TryMap(new MemoryObjectHandle(handles[0].Index), shape.Length, out MappedMemory? mapped) != KernelStatus.Ok)
            throw new KeptStateException($"{name} has other memory");
        handles[0].Close();
        var ring = new ResumableRing(state, At(slot) + Ring, mapped!, shape, generation);
        var connection = new ResumableConnection(loop, mapped!, shape, new NotificationHandle(handles[1].Index), ring, handler, slot,
            state.Read(At(slot) + Badge));
        loop.Add(connection, state.Read(At(slot) + Bits)); // the client's doorbell is minted for these
        connection.RingLater();
        return connection;
    }

    // In use from the commit on, and the client's older connection no longer.
    private void Use(ResumableConnection connection)
    {
        ResumableConnection? older = Open.FirstOrDefault(other => other.Badge == connection.Badge);
        if (older is not null)
            state.Set(At(older.Slot) + IsUsed, 0);
        state.Set(At(connection.Slot) + Badge, connection.Badge);
        state.Set(At(connection.Slot) + Bits, connection.Bits);
        state.Set(At(connection.Slot) + IsUsed, 1);
        state.Commit();
        connections[connection.Slot] = connection;
        if (older is not null)
            LetGo(older);
    }

    private void LetGo(ResumableConnection connection)
    {
        connections[connection.Slot] = null;
        connection.Close();
        objects.Release(NameOf(connection.Slot));
    }
}
