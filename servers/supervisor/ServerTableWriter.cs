using System.Buffers.Binary;
using System.Text;
using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;

namespace Servers.Supervisor;

/// <summary>Publishes the state of the servers (see <see cref="ServerTable"/>).</summary>
internal sealed class ServerTableWriter
{
    private const int LongestFailure = ServerTable.RestartGeneration - ServerTable.Failure;

    private readonly MappedMemory memory;

    /// <summary>Makes the table.</summary>
    /// <exception cref="ServerStartException">No memory.</exception>
    public ServerTableWriter()
    {
        const ulong Length = (ulong)ServerTable.EntryLength * ServerTable.Entries;
        ServerStartException.Check(MemoryObjectHandle.TryCreate(Length, MemoryFlags.None, out MemoryObjectHandle handle), "server table");
        ServerStartException.Check(MappedMemory.TryMap(handle, 0, Length, MapFlags.Read | MapFlags.Write | MapFlags.Shared, out MappedMemory? mapped),
            "server table");
        Object = handle;
        memory = mapped!;
    }

    /// <summary>The table's memory object, for readers.</summary>
    public MemoryObjectHandle Object { get; }

    /// <summary>Writes one entry.</summary>
    public void Publish(int index, string name, ServerState state, uint pid, uint generation, uint restarts, string failure, in RestartTimes last)
    {
        var entry = new SequencedEntry(memory, (ulong)index * ServerTable.EntryLength, ServerTable.EntryLength);
        entry.BeginWrite();
        Span<byte> bytes = entry.Bytes;
        Write(bytes, ServerTable.State, (uint)state);
        Write(bytes, ServerTable.Pid, pid);
        Write(bytes, ServerTable.Generation, generation);
        Write(bytes, ServerTable.Restarts, restarts);
        Write(bytes, ServerTable.NameLength, (uint)Copy(name, bytes[ServerTable.Name..ServerTable.Failure]));
        Write(bytes, ServerTable.FailureLength, (uint)Copy(failure, bytes.Slice(ServerTable.Failure, LongestFailure)));
        Write(bytes, ServerTable.RestartGeneration, last.Generation);
        Write(bytes, ServerTable.Noticed, last.Noticed);
        Write(bytes, ServerTable.Quiesced, last.Quiesced);
        Write(bytes, ServerTable.Ready, last.Ready);
        Write(bytes, ServerTable.First, last.First);
        entry.EndWrite();
    }

    private static void Write(Span<byte> entry, int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(entry[offset..], value);

    private static int Copy(string text, Span<byte> field)
    {
        Encoding.UTF8.GetEncoder().Convert(text, field, flush: true, out _, out int written, out _);
        return written;
    }
}
