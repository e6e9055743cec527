using System.Globalization;
using Servers.Vfs.Generated;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Proc;

/// <summary>/proc/PID/task. Only the first thread is known here: the process server publishes no thread ids.</summary>
internal sealed class TaskDirectory(ProcFileSystem fileSystem, ulong number, uint pid, long time) : GeneratedDirectory(fileSystem, number, 0x16D, time)
{
    /// <inheritdoc/>
    public override List<GeneratedName> List() =>
        [new GeneratedName(pid.ToString(CultureInfo.InvariantCulture), InodeMode.Directory, ProcFileSystem.NumberOf(pid, ProcessDirectory.FirstTaskNumber))];

    /// <inheritdoc/>
    public override Errno Lookup(OperationContext context, Dentry self, ReadOnlySpan<byte> name, out Dentry? child)
    {
        child = null;
        if (!ProcRootDirectory.TryParseNumber(name, out uint tid) || tid != pid || fileSystem.Sources.Table.Find(pid) is not { } entry)
            return Errno.ENOENT;
        child = new Dentry(self, name.ToArray(), new ProcessDirectory(fileSystem, entry, isTask: true));
        return Errno.None;
    }
}
