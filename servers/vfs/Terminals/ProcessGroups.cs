using Servers.Vfs.Processes;

namespace Servers.Vfs.Terminals;

/// <summary>Process groups as the process server publishes them: parents are not told to vfs otherwise.</summary>
public sealed class ProcessGroups(IProcessTable table, ProcessRegistry registry) : IProcessGroups
{
    /// <inheritdoc/>
    public uint SessionOf(uint group)
    {
        foreach (ClientProcess process in registry.Processes.Values)
        {
            if (process.Group == group)
                return process.Session;
        }

        // Zombies are members too, and only the table has them.
        foreach (uint pid in table.Pids())
        {
            if (table.Find(pid) is { } entry && entry.Group == group)
                return entry.Session;
        }

        return 0;
    }

    /// <inheritdoc/>
    public bool IsOrphaned(uint group)
    {
        foreach (ClientProcess member in registry.Processes.Values)
        {
            if (member.Group != group || table.Find(member.Pid) is not { } entry)
                continue;
            bool isConnected = registry.Processes.TryGetValue(entry.Parent, out ClientProcess? parent) && parent.Group != group
                && parent.Session == member.Session;
            if (isConnected)
                return false;
        }

        return true;
    }
}
