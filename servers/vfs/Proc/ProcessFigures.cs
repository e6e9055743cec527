using Servers.Vfs.Processes;
using Servers.Vfs.Terminals;

namespace Servers.Vfs.Proc;

/// <summary>Sizes, times and terminal of a process: from its address space and from the terminals.</summary>
internal readonly record struct ProcessFigures(
    ulong UserTime, ulong SystemTime, ulong MappedBytes, ulong ResidentBytes, ulong MinorFaults, uint TerminalDevice, int TerminalForeground, bool IsRunnable)
{
    /// <summary>Gathers them.</summary>
    public static ProcessFigures Of(ProcSources sources, ProcessEntry entry)
    {
        SpaceUsage usage = default;
        if (entry.State != 'Z' && sources.Registry.Connections.TryGetValue(entry.ConnectionId, out AttachedSpace? connection))
            usage = connection.Channel.Space.Usage();
        Terminal? terminal = sources.Terminals.OfSession(entry.Session);
        uint device = terminal?.Device ?? 0;
        int foreground = (int?)terminal?.Jobs.Foreground ?? -1;

        return new ProcessFigures(
            entry.PastUserTime + usage.UserNanoseconds, entry.PastSystemTime + usage.SystemNanoseconds, usage.Mapped, usage.Resident, usage.MinorFaults,
            device, foreground, usage.Runnable != 0);
    }
}
