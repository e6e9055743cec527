using System.Text;
using Servers.Vfs.Attributes;
using Servers.Vfs.Generated;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;
using Servers.Vfs.Processes;

namespace Servers.Vfs.Proc;

/// <summary>/proc/PID and /proc/PID/task/PID: files about one process, each made up when it is looked at. A process that ended answers ESRCH.</summary>
internal sealed class ProcessDirectory : GeneratedDirectory
{
    /// <summary>Numbers of a task's files start here.</summary>
    public const uint FirstTaskNumber = 0x1000;

    private const uint Readable = 0x124;
    private static readonly (string Name, uint Mode)[] Files =
    [
        ("stat", InodeMode.Regular), ("status", InodeMode.Regular), ("statm", InodeMode.Regular), ("cmdline", InodeMode.Regular), ("comm", InodeMode.Regular),
        ("maps", InodeMode.Regular), ("mounts", InodeMode.Regular), ("mountinfo", InodeMode.Regular), ("exe", InodeMode.SymbolicLink),
        ("cwd", InodeMode.SymbolicLink), ("root", InodeMode.SymbolicLink), ("fd", InodeMode.Directory), ("task", InodeMode.Directory),
    ];

    private readonly ProcFileSystem fileSystem;
    private readonly uint pid;
    private readonly bool isTask;

    /// <summary>The directory of the process that <paramref name="entry"/> shows.</summary>
    public ProcessDirectory(ProcFileSystem fileSystem, ProcessEntry entry, bool isTask)
        : base(fileSystem, ProcFileSystem.NumberOf(entry.Pid, isTask ? FirstTaskNumber : 0), 0x16D, fileSystem.Sources.Clock.Wall)
    {
        this.fileSystem = fileSystem;
        this.isTask = isTask;
        pid = entry.Pid;
        UserId = entry.User.Effective;
        GroupId = entry.UserGroup.Effective;
    }

    private long Time => fileSystem.Sources.Clock.Wall;

    /// <inheritdoc/>
    public override List<GeneratedName> List()
    {
        var list = new List<GeneratedName>();
        for (uint index = 0; index < Files.Length; index++)
        {
            if (!isTask || Files[index].Name != "task")
                list.Add(new GeneratedName(Files[index].Name, Files[index].Mode, Number + 1 + index));
        }

        return list;
    }

    /// <inheritdoc/>
    public override Errno Lookup(OperationContext context, Dentry self, ReadOnlySpan<byte> name, out Dentry? child)
    {
        child = null;
        if (Entry() == null)
            return Errno.ENOENT;
        string text = Encoding.UTF8.GetString(name);
        int index = Array.FindIndex(Files, file => file.Name == text);
        if (index < 0 || (isTask && text == "task"))
            return Errno.ENOENT;
        child = new Dentry(self, name.ToArray(), Make(text, Number + 1 + (ulong)index));
        return Errno.None;
    }

    /// <summary>Whether a process may see where another one is: its owner and root, as ptrace(2) PTRACE_MODE_READ decides.</summary>
    internal bool MayLook(ClientProcess reader) => Permission.OwnsOrOverrides(this, reader.Credentials);

    private Inode Make(string name, ulong number)
    {
        ProcSources sources = fileSystem.Sources;
        return name switch
        {
            "stat" => File(number, (reader, entry) => Encoding.Latin1.GetBytes(ProcessText.Stat(sources, entry, reader.Pid == pid))),
            "status" => File(number, (reader, entry) => Encoding.Latin1.GetBytes(ProcessText.Status(sources, entry, reader.Pid == pid))),
            "statm" => Text(number, entry => ProcessText.StatMemory(sources, entry)),
            "cmdline" => File(number, static (_, entry) => entry.CommandLine.ToArray()),
            "comm" => Text(number, static entry => entry.Name + "\n"),
            "maps" => Text(number, entry => ProcessText.Maps(sources, entry)),
            "mounts" => File(number, (reader, _) => Encoding.UTF8.GetBytes(ProcessText.Mounts(sources, Context(reader)))),
            "mountinfo" => File(number, (reader, _) => Encoding.UTF8.GetBytes(ProcessText.MountInfo(sources, Context(reader)))),
            "exe" => Place(number, static process => process.Space?.Executable),
            "cwd" => Place(number, static process => process.Context.WorkingDirectory),
            "root" => Place(number, static process => process.Context.Root),
            "fd" => new DescriptorDirectory(fileSystem, number, pid, this) { Owner = Owner },
            _ => new TaskDirectory(fileSystem, number, pid, Time) { Owner = Owner },
        };
    }

    private ProcessEntry? Entry() => fileSystem.Sources.Table.Find(pid);

    private FileSystemContext Context(ClientProcess reader) => fileSystem.Sources.Registry.Processes.GetValueOrDefault(pid)?.Context ?? reader.Context;

    private GeneratedFile Text(ulong number, Func<ProcessEntry, string> text) => File(number, (_, entry) => Encoding.Latin1.GetBytes(text(entry)));

    private GeneratedFile File(ulong number, Func<ClientProcess, ProcessEntry, byte[]> content) =>
        new(fileSystem, number, Readable, Time, reader => Entry() is { } entry ? content(reader, entry) : null) { Owner = Owner };

    private GeneratedLink Place(ulong number, Func<ClientProcess, Location?> choose)
    {
        FindPlace find = (ClientProcess reader, out Location place) => TryPlace(reader, choose, out place);
        return new GeneratedLink(
            fileSystem, number, Time, reader => TryPlace(reader, choose, out Location place) == Errno.None ? PathText.Of(place, reader.Context.Root) : null,
            find) { Owner = Owner };
    }

    private Errno TryPlace(ClientProcess reader, Func<ClientProcess, Location?> choose, out Location place)
    {
        place = default;
        if (!MayLook(reader))
            return Errno.EACCES;
        if (!fileSystem.Sources.Registry.Processes.TryGetValue(pid, out ClientProcess? process))
            return Errno.ENOENT;
        if (choose(process) is not { } chosen)
            return Errno.ENOENT;
        place = chosen;
        return Errno.None;
    }
}
