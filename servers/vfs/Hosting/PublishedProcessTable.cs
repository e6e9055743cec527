using System.Buffers.Binary;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Processes;

namespace Servers.Vfs.Hosting;

/// <summary>
/// The table that the process server publishes, mapped read-only. Entries are used from the lowest on and used again before new ones, so the first entry
/// that was never written ends a search: looking further would only make the kernel commit its pages.
/// </summary>
internal sealed class PublishedProcessTable(MappedMemory? memory) : IProcessTable
{
    private readonly Dictionary<uint, int> places = [];
    private readonly byte[] header = new byte[sizeof(ulong)];

    /// <inheritdoc/>
    public ProcessEntry? Find(uint pid)
    {
        if (memory == null || pid == 0)
            return null;
        if (places.TryGetValue(pid, out int known) && PidAt(known) == pid)
            return Read(known, pid);
        places.Remove(pid);
        for (int place = 0; place < ProcessTable.Entries && WasUsed(place); place++)
        {
            if (PidAt(place) != pid)
                continue;
            places[pid] = place;
            return Read(place, pid);
        }

        return null;
    }

    /// <inheritdoc/>
    public List<uint> Pids()
    {
        var pids = new List<uint>();
        for (int place = 0; memory != null && place < ProcessTable.Entries && WasUsed(place); place++)
        {
            if (PidAt(place) is var pid and not 0)
                pids.Add(pid);
        }

        pids.Sort();
        return pids;
    }

    private static ulong Offset(int place) => (ulong)place * ProcessTable.EntryLength;

    private bool WasUsed(int place) => memory!.ReadUInt32(Offset(place) + ProcessTable.Sequence) != 0;

    private uint PidAt(int place) =>
        new SequencedEntry(memory!, Offset(place), ProcessTable.EntryLength).TryRead(header)
        ? BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(ProcessTable.Pid)) : 0;

    private ProcessEntry? Read(int place, uint pid)
    {
        var copy = new byte[ProcessTable.EntryLength];
        if (!new SequencedEntry(memory!, Offset(place), ProcessTable.EntryLength).TryRead(copy))
            return null;
        var entry = new ProcessEntry(copy);
        return entry.Pid == pid ? entry : null;
    }
}
