using Servers.Vfs.Objects;

namespace Servers.Vfs.Proc;

/// <summary>procfs, proc(5): made up when looked at.</summary>
public sealed class ProcFileSystem : FileSystem
{
    // Files of one process share the upper part of their number; those of the whole system lie in a block of their own.
    private const int ProcessShift = 16;
    private const ulong FirstStatic = 0xF000_0000;
    private ulong nextStatic = FirstStatic;

    /// <summary>A procfs over these sources.</summary>
    public ProcFileSystem(uint device, ProcSources sources)
        : base(device)
    {
        Sources = sources;
        var root = new ProcRootDirectory(this);
        Root = new Dentry(null, [], root);
        root.Fill();
    }

    /// <inheritdoc/>
    public override string TypeName => "proc";

    /// <inheritdoc/>
    public override ulong Magic => 0x9FA0; // PROC_SUPER_MAGIC, statfs(2)

    /// <inheritdoc/>
    public override Dentry Root { get; }

    /// <inheritdoc/>
    public override bool AllowsNewNames => false;

    /// <summary>What is shown.</summary>
    public ProcSources Sources { get; }

    /// <summary>Number of a file that exists as long as the system.</summary>
    public ulong NextNumber() => nextStatic++;

    /// <summary>Number of a file of a process.</summary>
    public static ulong NumberOf(uint pid, uint file) => ((ulong)pid << ProcessShift) + file + 1;
}
