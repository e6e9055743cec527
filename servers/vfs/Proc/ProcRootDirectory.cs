using System.Globalization;
using System.Text;
using Servers.Vfs.Generated;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Proc;

/// <summary>/proc: system-wide files, and a directory for each process.</summary>
public sealed class ProcRootDirectory : GeneratedDirectory
{
    private readonly ProcFileSystem fileSystem;
    private readonly NameTable names = new();

    internal ProcRootDirectory(ProcFileSystem fileSystem)
        : base(fileSystem, 1, 0x16D, fileSystem.Sources.Clock.Wall) => this.fileSystem = fileSystem;

    /// <inheritdoc/>
    public override Errno Lookup(OperationContext context, Dentry self, ReadOnlySpan<byte> name, out Dentry? child)
    {
        if (names.TryFind(name, out child))
            return Errno.None;
        child = null;
        if (!TryParseNumber(name, out uint pid) || fileSystem.Sources.Table.Find(pid) is not { } entry)
            return Errno.ENOENT;
        child = new Dentry(self, name.ToArray(), new ProcessDirectory(fileSystem, entry, isTask: false));
        return Errno.None;
    }

    /// <inheritdoc/>
    public override List<GeneratedName> List()
    {
        var list = new List<GeneratedName>();
        for (Dentry? name = names.NextBelow(long.MaxValue); name != null; name = names.NextBelow(name.Cookie))
            list.Add(new GeneratedName(Encoding.UTF8.GetString(name.Name), name.Inode.Mode, name.Inode.Number));
        foreach (uint pid in fileSystem.Sources.Table.Pids())
            list.Add(new GeneratedName(pid.ToString(CultureInfo.InvariantCulture), InodeMode.Directory, ProcFileSystem.NumberOf(pid, 0)));
        return list;
    }

    /// <summary>A decimal number without leading zeros, as pids and descriptors are spelt.</summary>
    public static bool TryParseNumber(ReadOnlySpan<byte> name, out uint number)
    {
        const int mostDigits = 9;
        number = 0;
        if (name.IsEmpty || name.Length > mostDigits || (name[0] == (byte)'0' && name.Length > 1))
            return false;
        foreach (byte digit in name)
        {
            if (digit is < (byte)'0' or > (byte)'9')
                return false;
            number = number * 10 + (uint)(digit - '0');
        }

        return true;
    }

    /// <summary>Adds the system-wide files, once the dentry of the root exists.</summary>
    internal void Fill()
    {
        ProcSources sources = fileSystem.Sources;
        Link("self", reader => Encoding.ASCII.GetBytes(reader.Pid.ToString(CultureInfo.InvariantCulture)));
        Link("thread-self", reader => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{reader.Pid}/task/{reader.Pid}")));
        Link("mounts", static _ => "self/mounts"u8.ToArray());
        File("stat", () => SystemText.Stat(sources));
        File("meminfo", () => SystemText.MemoryInfo(sources));
        File("cpuinfo", () => CpuText.Describe(Math.Max(sources.Figures.CpuCount, 1)));
        File("filesystems", () => SystemText.FileSystems(sources));
        File("uptime", () => SystemText.Uptime(sources));
        File("loadavg", () => SystemText.LoadAverages(sources));
        File("version", static () => SystemText.Version + "\n");
        File("cmdline", static () => "console=ttyS0\n");
        File("devices", static () => SystemText.Devices);
        File("swaps", static () => "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
        File("partitions", () => BlockText.Partitions(sources.Blocks));
        File("diskstats", () => BlockText.Statistics(sources.Blocks));
        if (sources.KernelLog is { } log)
            names.Add(new Dentry(fileSystem.Root, "kmsg"u8.ToArray(), new KernelLogInode(fileSystem, fileSystem.NextNumber(), sources.Clock.Wall, log)));
        new SystemSettings(fileSystem).AddTo(names);
        if (sources.SystemV is { } objects)
            new SystemVFiles(fileSystem, objects).AddTo(names);
    }

    private void Link(string name, Generate text) =>
        names.Add(new Dentry(fileSystem.Root, Encoding.ASCII.GetBytes(name),
        new GeneratedLink(fileSystem, fileSystem.NextNumber(), fileSystem.Sources.Clock.Wall, text)));

    private void File(string name, Func<string> text)
    {
        const uint readable = 0x124;
        Generate generate = _ => Encoding.UTF8.GetBytes(text());
        var inode = new GeneratedFile(fileSystem, fileSystem.NextNumber(), readable, fileSystem.Sources.Clock.Wall, generate);
        names.Add(new Dentry(fileSystem.Root, Encoding.ASCII.GetBytes(name), inode));
    }
}
