using Servers.Vfs.Blocks;
using Servers.Vfs.Machine;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;
using Servers.Vfs.Pages;
using Servers.Vfs.Processes;
using Servers.Vfs.SystemV;
using Servers.Vfs.Terminals;

namespace Servers.Vfs.Proc;

/// <summary>What procfs shows.</summary>
public sealed record ProcSources(
    IClock Clock, ISystemFigures Figures, IProcessTable Table, ProcessRegistry Registry, MountTree Mounts, TerminalTable Terminals, IMappedNames MappedNames,
    LoadAverage Load, IReadOnlyList<FileSystemType> Types)
{
    /// <summary>The names that uname(2) shows.</summary>
    public HostNames Names { get; init; } = new();

    /// <summary>System V IPC; null: none is shown.</summary>
    public SystemVObjects? SystemV { get; init; }

    /// <summary>Disks and partitions.</summary>
    public BlockDevices Blocks { get; init; } = new();

    /// <summary>Has pages that can be had from elsewhere again; null: nothing is dropped.</summary>
    public PageCache? Cache { get; init; }

    /// <summary>The kernel's log; null: not given to this server.</summary>
    public KernelLog? KernelLog { get; init; }
}
