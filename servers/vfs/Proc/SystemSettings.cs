using System.Globalization;
using System.Text;
using Libsys.Messages;
using Servers.Vfs.Generated;
using Servers.Vfs.Machine;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Proc;

/// <summary>/proc/sys: the settings that mean something here, with the value that holds. Names, limits of System V IPC and commands can be written.</summary>
internal sealed class SystemSettings(ProcFileSystem fileSystem)
{
    /// <summary>Adds the tree.</summary>
    public void AddTo(NameTable root)
    {
        var directory = new StaticDirectory(fileSystem, fileSystem.NextNumber(), fileSystem.Sources.Clock.Wall);
        var sys = new Dentry(fileSystem.Root, "sys"u8.ToArray(), directory);
        root.Add(sys);

        Dentry kernel = Directory(sys, "kernel");
        File(kernel, "ostype", "Linux");
        File(kernel, "osrelease", SystemText.Release);
        File(kernel, "version", SystemText.BuildVersion);
        Name(kernel, "hostname", fileSystem.Sources.Names.Host);
        Name(kernel, "domainname", fileSystem.Sources.Names.Domain);
        File(kernel, "pid_max", "4194304");
        File(kernel, "threads-max", "65536");
        File(kernel, "ngroups_max", "65536");
        File(kernel, "cap_last_cap", "40");
        File(kernel, "randomize_va_space", "2");
        File(kernel, "dmesg_restrict", "1"); // only root reads the log, as on Debian
        if (fileSystem.Sources.SystemV is { } objects)
            new SystemVFiles(fileSystem, objects).AddSettings(kernel);
        Dentry random = Directory(kernel, "random");
        File(random, "poolsize", "256");
        File(random, "entropy_avail", "256");

        Dentry memory = Directory(sys, "vm");
        File(memory, "overcommit_memory", "1"); // anonymous memory is charged when it is touched, never refused before
        File(memory, "overcommit_ratio", "50");
        File(memory, "max_map_count", "65530");
        File(memory, "mmap_min_addr", "65536");
        File(memory, "swappiness", "0");
        var drop = new CommandFile(fileSystem, fileSystem.NextNumber(), fileSystem.Sources.Clock.Wall, DropCaches);
        ((StaticDirectory)memory.Inode).Add(memory, "drop_caches", drop);

        Dentry files = Directory(sys, "fs");
        File(files, "file-max", "9223372036854775807");
        File(files, "nr_open", "1048576");
        File(files, "pipe-max-size", VfsLimits.LargestPipe.ToString(CultureInfo.InvariantCulture));
        File(files, "protected_hardlinks", "1");
        File(files, "protected_symlinks", "1");
    }

    // 1: pages, 2: names and inodes, of which nothing is dropped, 3: both; 4 only keeps Linux from logging it. Documentation/admin-guide/sysctl/vm.
    private Errno DropCaches(string word)
    {
        if (!int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int what) || what is < 1 or > 4)
            return Errno.EINVAL;
        if ((what & 1) != 0)
            fileSystem.Sources.Cache?.DropClean();
        return Errno.None;
    }

    private Dentry Directory(Dentry parent, string name)
    {
        var directory = new StaticDirectory(fileSystem, fileSystem.NextNumber(), fileSystem.Sources.Clock.Wall);
        return ((StaticDirectory)parent.Inode).Add(parent, name, directory);
    }

    private void Name(Dentry parent, string name, HostName shown) =>
        ((StaticDirectory)parent.Inode).Add(parent, name, new HostNameFile(fileSystem, fileSystem.NextNumber(), fileSystem.Sources.Clock.Wall, shown));

    private void File(Dentry parent, string name, string value)
    {
        const uint readable = 0x124;
        byte[] content = Encoding.ASCII.GetBytes(value + "\n");
        var file = new GeneratedFile(fileSystem, fileSystem.NextNumber(), readable, fileSystem.Sources.Clock.Wall, _ => content);
        ((StaticDirectory)parent.Inode).Add(parent, name, file);
    }
}
