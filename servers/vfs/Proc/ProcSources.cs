using Servers.Vfs.Devices;
using Servers.Vfs.Inodes;
using Servers.Vfs.Names;
using Servers.Vfs.Processes;

namespace Servers.Vfs.Proc;

/// <summary>What procfs shows.</summary>
public sealed record ProcSources(
    IClock Clock, ISystemFigures Figures, IProcessTable Table, ProcessRegistry Registry, MountTree Mounts, IReadOnlyList<Terminal> Terminals, IMappedNames MappedNames,
    LoadAverage Load, IReadOnlyList<string> FileSystemTypes);
