using Servers.Vfs.Devices;
using Servers.Vfs.Requests;

namespace Servers.Vfs.Proc;

/// <summary>Sizes, times and terminal of a process: from its address space and from the terminals.</summary>
internal readonly record struct ProcessFigures(
    ulong UserTime, ulong SystemTime, ulong MappedBytes, ulong ResidentBytes, ulong MinorFaults, uint TerminalDevice, int TerminalForeground, bool IsRunnable)
{
    /// <summary>Gathers them.</summary>
    public static ProcessFigures Of(ProcSources sources, ProcessEntry entry)
    {
        SpaceUsage usage = default;
        if (entry.State != 'Z' && sources.Registry.Connections.TryGetValue(entry.ConnectionId, out ClientConnection? connection))
            usage = connection.Channel.Space.Usage();
        uint device = 0;
        int foreground = -1;
        foreach (Terminal terminal in sources.Terminals)
        {
            if (terminal.Session == 0 || terminal.Session != entry.Session)
                continue;
            device = terminal.Device;
            foreground = (int)terminal.Foreground;
        }

        return new ProcessFigures(
            entry.PastUserTime + usage.UserNanoseconds, entry.PastSystemTime + usage.SystemNanoseconds, usage.Mapped, usage.Resident, usage.MinorFaults, device, foreground, usage.Runnable != 0);
    }
}
