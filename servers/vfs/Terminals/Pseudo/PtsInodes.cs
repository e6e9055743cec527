using Servers.Vfs.Files;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Terminals.Pseudo;

/// <summary>The one directory of devpts.</summary>
internal sealed class PtsDirectory : MemoryInode, IListedDirectory
{
    private const ulong RootNumber = 1;

    public PtsDirectory(FileSystem fileSystem, long time)
        : base(fileSystem, RootNumber, InodeMode.Directory | 0x1ED, time) => LinkCount = 2;

    public NameTable Names { get; } = new();

    public override long BlockSize => 1024;

    public override Errno Lookup(OperationContext context, Dentry self, ReadOnlySpan<byte> name, out Dentry? child) =>
        Names.TryFind(name, out child) ? Errno.None : Errno.ENOENT;

    public override Errno Open(in OpenRequest request, out OpenFile? file)
    {
        file = new ListedDirectoryFile(request.Location, request.Flags, this);
        return Errno.None;
    }
}

/// <summary>/dev/pts/ptmx.</summary>
internal sealed class MasterInode : MemoryInode
{
    private const ulong MasterNumber = 2;
    private readonly PtsFileSystem fileSystem;

    public MasterInode(PtsFileSystem fileSystem, long time)
        : base(fileSystem, MasterNumber, InodeMode.Character, time) => this.fileSystem = fileSystem;

    /// <summary>ptmxmode= of mount(8).</summary>
    public void SetPermissions(uint permissions) => Mode = InodeMode.Character | permissions;

    public override long BlockSize => 1024;

    public override Errno Open(in OpenRequest request, out OpenFile? file) => fileSystem.OpenMaster(request, out file);
}

/// <summary>/dev/pts/N.</summary>
internal sealed class SlaveInode : MemoryInode
{
    private const ulong FirstSlaveNumber = 3;
    private readonly PseudoTerminal pair;
    private readonly TerminalTable table;

    public SlaveInode(FileSystem fileSystem, PseudoTerminal pair, uint permissions, long time, TerminalTable table)
        : base(fileSystem, FirstSlaveNumber + pair.Number, InodeMode.Character | permissions, time)
    {
        this.pair = pair;
        this.table = table;
    }

    public override long BlockSize => 1024;

    public override Errno Open(in OpenRequest request, out OpenFile? file)
    {
        file = null;
        if (pair.IsLocked || !pair.IsMasterOpen)
            return Errno.EIO;
        return Open(request, pair, table, out file);
    }

    /// <summary>Opens the slave of a pair, whether it is locked or not (TIOCGPTPEER).</summary>
    public static Errno Open(in OpenRequest request, PseudoTerminal pair, TerminalTable table, out OpenFile? file)
    {
        Errno error = TerminalFile.Open(request, pair.Slave, isConsole: false, table, out file);
        if (error == Errno.None)
            pair.SlaveOpened();
        return error;
    }
}
