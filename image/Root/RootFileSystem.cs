using System.Text;
using Microkernel.Image.Run;

namespace Microkernel.Image.Root;

/// <summary>
/// The root file system, the very same for both systems: directories, device nodes, Debian's static busybox with its applet links and static bash, the
/// files below <c>image/Root/base</c>, the files of an overlay and the command of one session.
/// </summary>
public static class RootFileSystem
{
    /// <summary>Where /init looks for the command of the session. The text is the whole file.</summary>
    public const string CommandPath = "run/session/command";

    /// <summary>Where /init looks for size and type of an interactive session's terminal.</summary>
    public const string TerminalPath = "run/session/terminal";

    /// <summary>Where /init looks for the device that the root file system is on.</summary>
    private const string DiskPath = "run/session/disk";

    /// <summary>Where /init mounts it.</summary>
    private const string MountPoint = "newroot";

    // The root disk is the first of the machine, whatever DISK adds.
    private const string RootDevice = "/dev/vda";

    // The static busybox that /init runs on, whatever shell and tools the root has.
    private const string ToolsPath = "run/session/busybox";

    // MAX_ARG_STRLEN of Linux, execve(2): 32 pages with the terminating zero. The command is one argument of /bin/sh.
    private const int LongestCommand = 32 * 4096 - 1;

    private static readonly string[] Directories =
    [
        "bin", "dev", "dev/pts", "dev/shm", "etc", "home", "lib", "mnt", "opt", "proc", "run", "run/session", "sbin", "srv", "sys",
        "usr", "usr/bin", "usr/lib", "usr/local", "usr/sbin", "usr/share", "var", "var/cache", "var/lib", "var/log", "var/spool",
    ];

    // Numbers: Documentation/admin-guide/devices.txt of Linux.
    private static readonly (string Name, uint Permissions, uint Major, uint Minor)[] Devices =
    [
        ("console", 0x180, 5, 1), ("null", 0x1b6, 1, 3), ("zero", 0x1b6, 1, 5), ("full", 0x1b6, 1, 7), ("random", 0x1b6, 1, 8),
        ("urandom", 0x1b6, 1, 9), ("tty", 0x1b6, 5, 0), ("ptmx", 0x1b6, 5, 2), ("ttyS0", 0x190, 4, 64), ("ttyS1", 0x190, 4, 65), ("ttyS2", 0x190, 4, 66),
    ];

    private static readonly (string Name, string Target)[] DeviceLinks =
        [("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"), ("stderr", "/proc/self/fd/2")];

    private static readonly (string Name, uint Permissions)[] SessionDirectories =
    [
        ("dev", 0x1ed), ("dev/pts", 0x1ed), ("dev/shm", 0x3ff), ("etc", 0x1ed), ("proc", 0x1ed), ("root", 0x1c0), ("run", 0x1ed), ("run/session", 0x1ed),
        ("sys", 0x1ed), ("tmp", 0x3ff),
    ];

    /// <summary>Builds the tree.</summary>
    /// <param name="repository">Where the project's files are.</param>
    /// <param name="overlay">Directory or tar file whose files are added, or null.</param>
    /// <param name="command">Text for /bin/sh -c, any bytes but zero; null for an interactive shell.</param>
    /// <param name="terminal">The terminal of an interactive shell, when it is known.</param>
    /// <param name="root">Files to use in place of the project's small root, or null. What the session needs is added to it.</param>
    /// <param name="scratch">Directory for the content of an overlay that is a tar file; it must stay as long as the tree is used.</param>
    /// <exception cref="ImageException">A shell is missing, or the overlay or the command cannot be used.</exception>
    public static RootTree Build(
        RepositoryLayout repository, string? overlay, ReadOnlyMemory<byte>? command, HostTerminal? terminal = null, RootTree? root = null,
        string? scratch = null)
    {
        RootTree tree = root ?? new RootTree();
        if (root is null)
            AddSmallRoot(tree, repository);
        else
            AddSessionFiles(tree, repository);
        if (overlay is not null)
            Overlay.AddTo(tree, overlay, scratch);
        AddWishes(tree, command, terminal);
        return tree;
    }

    /// <summary>Builds the tree of a root file system that is a disk: all but what belongs to one session.</summary>
    /// <param name="repository">Where the project's files are.</param>
    /// <param name="root">Files to use in place of the project's small root, or null.</param>
    /// <exception cref="ImageException">A shell is missing.</exception>
    public static RootTree BuildForDisk(RepositoryLayout repository, RootTree? root)
    {
        RootTree tree = root ?? new RootTree();
        if (root is null)
            AddSmallRoot(tree, repository);
        else
            AddSessionFiles(tree, repository);
        foreach (string path in (string[])["init", ToolsPath, "run/session"])
            tree.Remove(path);
        return tree;
    }

    /// <summary>
    /// Builds the tree that a machine begins with whose root file system is a disk: /init, what it needs to mount the disk, the session's files.
    /// </summary>
    /// <param name="repository">Where the project's files are.</param>
    /// <param name="command">Text for /bin/sh -c, any bytes but zero; null for an interactive shell.</param>
    /// <param name="terminal">The terminal of an interactive shell, when it is known.</param>
    /// <exception cref="ImageException">The command cannot be used.</exception>
    public static RootTree BuildBeforeDisk(RepositoryLayout repository, ReadOnlyMemory<byte>? command, HostTerminal? terminal)
    {
        var tree = new RootTree();
        AddSession(tree, repository);
        tree.AddDirectory(MountPoint);
        tree.AddFile(DiskPath, 0x1a4, Encoding.UTF8.GetBytes($"{RootDevice}\n")); // 0644
        AddWishes(tree, command, terminal);
        return tree;
    }

    private static void AddWishes(RootTree tree, ReadOnlyMemory<byte>? command, HostTerminal? terminal)
    {
        if (command is ReadOnlyMemory<byte> text)
            AddCommand(tree, text);
        else if (terminal is not null)
            TerminalDescriptions.AddSession(tree, terminal);
    }

    private static void AddSmallRoot(RootTree tree, RepositoryLayout repository)
    {
        foreach (string directory in Directories)
            tree.AddDirectory(directory);
        tree.AddDirectory("root", 0x1c0); // 0700
        tree.AddDirectory("tmp", 0x3ff); // 01777: everyone may create, only the owner may remove
        tree.AddDirectory("var/tmp", 0x3ff);
        tree.AddSymbolicLink("var/run", "/run");
        tree.AddSymbolicLink("etc/mtab", "/proc/mounts");
        AddDevices(tree);
        Busybox.Locate(repository).AddTo(tree);
        tree.AddSymbolicLink(ToolsPath, "/bin/busybox");
        Bash.AddTo(tree, repository);
        TerminalDescriptions.AddTo(tree);
        AddBaseFiles(tree, repository.RootFiles);
    }

    // What /init and the session need and another root may lack. What is there stays as it is, but for /init itself.
    private static void AddSessionFiles(RootTree tree, RepositoryLayout repository)
    {
        AddSession(tree, repository);
        if (tree.Resolve("bin/sh") is null)
            throw new ImageException("the root file system has no /bin/sh, which runs the session");
    }

    private static void AddSession(RootTree tree, RepositoryLayout repository)
    {
        foreach ((string directory, uint permissions) in SessionDirectories)
        {
            if (tree.Resolve(directory) is null)
                tree.AddDirectory(directory, permissions);
        }

        AddDevices(tree);
        tree.AddFile(ToolsPath, 0x1ed, Busybox.Locate(repository).Content);
        tree.AddFile("init", 0x1ed, File.ReadAllBytes(Path.Combine(repository.RootFiles, "init")));
    }

    private static void AddDevices(RootTree tree)
    {
        foreach ((string name, uint permissions, uint major, uint minor) in Devices.Where(device => tree.Find("dev/" + device.Name) is null))
            tree.AddCharacterDevice("dev/" + name, permissions, major, minor);
        foreach ((string name, string target) in DeviceLinks.Where(link => tree.Find("dev/" + link.Name) is null))
            tree.AddSymbolicLink("dev/" + name, target);
    }

    private static void AddBaseFiles(RootTree tree, string directory)
    {
        foreach (string file in Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string path = Path.GetRelativePath(directory, file);
            bool isProgram = path == "init" || path.StartsWith("usr/bin/", StringComparison.Ordinal);
            tree.AddFile(path, isProgram ? 0x1edu : 0x1a4u, File.ReadAllBytes(file)); // 0755, 0644
        }
    }

    private static void AddCommand(RootTree tree, ReadOnlyMemory<byte> text)
    {
        if (text.Length > LongestCommand)
            throw new ImageException($"EXEC has {text.Length} bytes; Linux takes at most {LongestCommand} in one argument (put a script into OVERLAY instead)");
        if (text.Span.Contains((byte)0))
            throw new ImageException("EXEC contains a zero byte, which no argument of a program can hold");
        tree.AddFile(CommandPath, 0x180, text); // 0600
    }
}
