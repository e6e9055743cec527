using System.Text;
using Servers.Vfs.Generated;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;
using Servers.Vfs.SystemV;

namespace Servers.Vfs.Proc;

/// <summary>/proc/sysvipc, and the limits of System V IPC in /proc/sys/kernel: proc(5).</summary>
internal sealed class SystemVFiles(ProcFileSystem fileSystem, Segments segments)
{
    private const uint Readable = 0x124; // 0444

    /// <summary>Adds the directory.</summary>
    public void AddTo(NameTable root)
    {
        var directory = new StaticDirectory(fileSystem, fileSystem.NextNumber(), fileSystem.Sources.Clock.Wall);
        var sysvipc = new Dentry(fileSystem.Root, "sysvipc"u8.ToArray(), directory);
        root.Add(sysvipc);
        directory.Add(sysvipc, "shm", Table(() => SegmentRecords.Describe(segments)));
    }

    /// <summary>Adds the settings to the directory that is called kernel.</summary>
    public void AddSettings(Dentry kernel)
    {
        var directory = (StaticDirectory)kernel.Inode;
        directory.Add(kernel, "shmmax", Setting(() => segments.Largest, value => (segments.Largest = value) == value));
        directory.Add(kernel, "shmall", Setting(() => segments.MostPages, value => (segments.MostPages = value) == value));
        directory.Add(kernel, "shmmni", Setting(() => (ulong)segments.Table.Most, SetMost));
        directory.Add(kernel, "shm_rmid_forced", Setting(static () => 0, static value => value == 0));
    }

    private bool SetMost(ulong value)
    {
        if (value > SystemVNumbers.Places)
            return false;
        segments.Table.Most = (int)value;
        return true;
    }

    private GeneratedFile Table(Func<string> text) => new(
        fileSystem, fileSystem.NextNumber(), Readable, fileSystem.Sources.Clock.Wall, _ => Encoding.ASCII.GetBytes(text()));

    private NumberFile Setting(Func<ulong> get, Func<ulong, bool> set) =>
        new(fileSystem, fileSystem.NextNumber(), fileSystem.Sources.Clock.Wall, get, set);
}
