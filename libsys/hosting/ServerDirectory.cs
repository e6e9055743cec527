using System.Buffers.Binary;
using System.Text;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Hosting;

/// <summary>What the supervisor publishes about a server.</summary>
/// <param name="State">Its state.</param>
/// <param name="Number">Number of its process: the badge of its calls. Never used again.</param>
/// <param name="Generation">Counts its processes.</param>
public readonly record struct PublishedServer(ServerState State, uint Number, uint Generation);

/// <summary>The table of servers, mapped read-only (handle "server.table").</summary>
public sealed class ServerDirectory(MappedMemory table)
{
    // The supervisor never stops within an entry, but the host may stop the CPU that it runs on for a time slice or two.
    private const int Patience = 200;

    /// <summary>Copies a consistent state of an entry. The writer is the supervisor, above which nothing is: it is waited for, a short time.</summary>
    public static bool TryRead(MappedMemory table, int place, Span<byte> entry)
    {
        var source = new SequencedEntry(table, (ulong)(place * ServerTable.EntryLength), ServerTable.EntryLength);
        for (int attempt = 0; attempt < Patience; attempt++)
        {
            if (source.TryRead(entry))
                return true;
            Thread.Yield();
        }

        return false;
    }

    /// <summary>Maps the table; null if the server was not given one.</summary>
    public static ServerDirectory? TryMap(KernelHandle handle)
    {
        const ulong Length = (ulong)ServerTable.EntryLength * ServerTable.Entries;
        return handle.IsValid && MappedMemory.TryMap(new MemoryObjectHandle(handle.Index), 0, Length, MapFlags.Read | MapFlags.Shared,
            out MappedMemory? mapped) == KernelStatus.Ok
            ? new ServerDirectory(mapped!)
            : null;
    }

    /// <summary>A server by name.</summary>
    public bool TryFind(string name, out PublishedServer server)
    {
        Span<byte> wanted = stackalloc byte[ServerTable.Failure - ServerTable.Name];
        wanted = Encoding.UTF8.TryGetBytes(name, wanted, out int length) ? wanted[..length] : [];
        return TryFind(wanted, 0, [], out _, out server);
    }

    /// <summary>True if the process with this number still runs: otherwise whoever holds something for it may let it go.</summary>
    public bool IsAlive(ulong number) => TryFind(number, out _, out _);

    /// <summary>The server whose present process has a number.</summary>
    public bool TryFind(ulong number, out string name, out PublishedServer server)
    {
        Span<byte> found = stackalloc byte[ServerTable.Failure - ServerTable.Name];
        bool isFound = TryFind([], number is 0 or > uint.MaxValue ? uint.MaxValue : (uint)number, found, out int length, out server);
        name = Encoding.UTF8.GetString(found[..length]);
        return isFound;
    }

    /// <summary>All servers that have been started, as they are now.</summary>
    internal List<(string Name, PublishedServer Server)> All()
    {
        var all = new List<(string, PublishedServer)>();
        for (int place = 0; place < ServerTable.Entries; place++)
        {
            if (TryReadAt(place, out string name, out PublishedServer server) && server.Generation > 0)
                all.Add((name, server));
        }

        return all;
    }

    private bool TryReadAt(int place, out string name, out PublishedServer server)
    {
        Span<byte> entry = stackalloc byte[ServerTable.Failure];
        bool isRead = TryRead(table, place, entry);
        name = isRead ? Encoding.UTF8.GetString(NameIn(entry)) : "";
        server = isRead ? ServerIn(entry) : default;
        return isRead;
    }

    private static ReadOnlySpan<byte> NameIn(ReadOnlySpan<byte> entry) =>
        entry.Slice(ServerTable.Name, (int)Math.Min(Word(entry, ServerTable.NameLength), ServerTable.Failure - ServerTable.Name));

    private static PublishedServer ServerIn(ReadOnlySpan<byte> entry) =>
        new((ServerState)Word(entry, ServerTable.State), Word(entry, ServerTable.Pid), Word(entry, ServerTable.Generation));

    private bool TryFind(ReadOnlySpan<byte> name, uint number, Span<byte> found, out int foundLength, out PublishedServer server)
    {
        Span<byte> entry = stackalloc byte[ServerTable.Failure];
        for (int place = 0; place < ServerTable.Entries; place++)
        {
            if (!TryRead(table, place, entry))
                continue;
            ReadOnlySpan<byte> itsName = NameIn(entry);
            if (itsName.IsEmpty)
                break;
            server = ServerIn(entry);
            if (number != 0 ? number != server.Number : !itsName.SequenceEqual(name))
                continue;
            foundLength = Math.Min(itsName.Length, found.Length);
            itsName[..foundLength].CopyTo(found);
            return true;
        }

        foundLength = 0;
        server = default;
        return false;
    }

    private static uint Word(ReadOnlySpan<byte> entry, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(entry[offset..]);
}
