using System.Buffers.Binary;
using System.Text;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Sys;

namespace Servers.Vfs.Hosting;

/// <summary>The table that the supervisor publishes, mapped read-only.</summary>
internal sealed class PublishedServerTable(MappedMemory memory) : IServerTable
{
    private const int LongestName = 64, LongestFailure = ServerTable.RestartGeneration - ServerTable.Failure;

    /// <inheritdoc/>
    public List<ServerEntry> Servers()
    {
        var servers = new List<ServerEntry>();
        Span<byte> entry = stackalloc byte[ServerTable.EntryLength];
        for (int place = 0; place < ServerTable.Entries && (ulong)((place + 1) * ServerTable.EntryLength) <= memory.Length; place++)
        {
            if (!ServerDirectory.TryRead(memory, place, entry))
                break;
            if (Word(entry, ServerTable.NameLength) == 0)
                break;
            servers.Add(new ServerEntry(
                Text(entry, ServerTable.Name, Word(entry, ServerTable.NameLength), LongestName), StateName((ServerState)Word(entry, ServerTable.State)),
                Word(entry, ServerTable.Pid), Word(entry, ServerTable.Generation), Word(entry, ServerTable.Restarts),
                Text(entry, ServerTable.Failure, Word(entry, ServerTable.FailureLength), LongestFailure),
                new RestartTimes(
                    Word(entry, ServerTable.RestartGeneration), Word(entry, ServerTable.Noticed), Word(entry, ServerTable.Quiesced),
                    Word(entry, ServerTable.Ready), Word(entry, ServerTable.First))));
        }

        return servers;
    }

    private static string StateName(ServerState state) => state switch
    {
        ServerState.Waiting => "waiting",
        ServerState.Starting => "starting",
        ServerState.Running => "running",
        ServerState.Failed => "failed",
        ServerState.Restarting => "restarting",
        _ => "unknown",
    };

    private static uint Word(ReadOnlySpan<byte> entry, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(entry[offset..]);

    private static string Text(ReadOnlySpan<byte> entry, int offset, uint length, int longest) =>
        Encoding.UTF8.GetString(entry.Slice(offset, (int)Math.Min(length, (uint)longest)));
}
