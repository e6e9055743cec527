using System.Diagnostics;
using System.Net.Sockets;
using Libsys.Abi;
using Microkernel.Image.Root;

namespace Microkernel.Image.Tests;

public sealed class RootTreeTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("root-tree-").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public void The_root_file_system_has_busybox_and_a_link_for_each_applet()
    {
        RootTree tree = RootFileSystem.Build(RepositoryLayout.Find(), overlay: null, "true"u8.ToArray());
        Assert.Equal(0x81edu, tree.Find("init")!.Mode);
        Assert.Equal("/bin/busybox", tree.Find("bin/sh")!.Target);
        Assert.Equal(new DeviceNumber(4, 65), tree.Find("dev/ttyS1")!.Device);
        Assert.Equal("true"u8.ToArray(), tree.Find(RootFileSystem.CommandPath)!.Content.ToArray());
        Assert.Null(RootFileSystem.Build(RepositoryLayout.Find(), null, null).Find(RootFileSystem.CommandPath));
    }

    [Fact]
    public void An_overlay_keeps_modes_links_and_hard_links()
    {
        string file = Path.Combine(directory, "home/a b\nc");
        Directory.CreateDirectory(Path.Combine(directory, "home"));
        File.WriteAllText(file, "text");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.SetUser);
        File.CreateSymbolicLink(Path.Combine(directory, "link"), "home/no such file");
        Process.Start("ln", [file, Path.Combine(directory, "home/second")]).WaitForExit();

        var tree = new RootTree();
        Overlay.AddTo(tree, directory);
        RootEntry[] names = [.. tree.Entries.Where(entry => entry.Path is "home/a b\nc" or "home/second")];
        Assert.Equal(2, names.Length);
        Assert.All(names, entry => Assert.Equal(BootArchive.RegularFile | 0x940u, entry.Mode));
        Assert.Single(names, entry => entry.HardLinkTo is not null);
        Assert.Equal("home/no such file", tree.Find("link")!.Target);
    }

    [Fact]
    public void An_overlay_leaves_out_sockets_and_says_so()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(directory, "socket")));
        var tree = new RootTree();
        Overlay.AddTo(tree, directory);
        Assert.Null(tree.Find("socket"));
        Assert.Contains("socket is a socket", Assert.Single(tree.LeftOut));
    }

    [Fact]
    public void An_overlay_keeps_the_numbers_of_device_nodes()
    {
        // Only root may make them, mknod(2); and some places for tests refuse even that.
        if (!Environment.IsPrivilegedProcess || !MakeNode("c", 1, 3) || !MakeNode("b", 259, 300))
            return;
        var tree = new RootTree();
        Overlay.AddTo(tree, directory);
        Assert.Equal((BootArchive.CharacterDevice, new DeviceNumber(1, 3)), (tree.Find("c")!.Type, tree.Find("c")!.Device));
        Assert.Equal((BootArchive.BlockDevice, new DeviceNumber(259, 300)), (tree.Find("b")!.Type, tree.Find("b")!.Device));
        Assert.Equal(new DeviceNumber(259, 300), DeviceNumber.Decode(tree.Find("b")!.Device.Encoded));
    }

    [Fact]
    public void An_overlay_with_a_merged_usr_moves_the_roots_programs_there_and_its_own_win()
    {
        Directory.CreateDirectory(Path.Combine(directory, "usr/bin"));
        File.CreateSymbolicLink(Path.Combine(directory, "bin"), "usr/bin");
        File.WriteAllText(Path.Combine(directory, "usr/bin/ls"), "mine");
        RootTree tree = RootFileSystem.Build(RepositoryLayout.Find(), directory, null);
        Assert.Equal(BootArchive.SymbolicLink, tree.Find("bin")!.Type);
        Assert.Equal("usr/bin/busybox", tree.Resolve("bin/sh"));
        Assert.Equal("mine", tree.Find("usr/bin/ls")!.Content.Text);
        Assert.NotEmpty(BootArchiveWriter.Write(tree.Entries));
    }

    [Fact]
    public void A_file_cannot_stand_where_a_directory_is()
    {
        var tree = new RootTree();
        tree.AddFile("a/b", 0x1a4, default);
        Assert.Throws<ImageException>(() => tree.AddFile("a", 0x1a4, default));
        Assert.Throws<ImageException>(() => tree.AddFile("a/b/c", 0x1a4, default));
    }

    private bool MakeNode(string type, int major, int minor)
    {
        using Process process = Process.Start("mknod", [Path.Combine(directory, type), type, $"{major}", $"{minor}"]);
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    [Fact]
    public void Equal_trees_make_equal_archives()
    {
        RepositoryLayout repository = RepositoryLayout.Find();
        byte[] first = BootArchiveWriter.Write(RootFileSystem.Build(repository, null, null).Entries);
        byte[] second = BootArchiveWriter.Write(RootFileSystem.Build(repository, null, null).Entries);
        Assert.Equal(first, second);
    }

    [Fact]
    public void Cpio_itself_reads_the_initramfs()
    {
        string archive = Path.Combine(directory, "archive");
        var tree = new RootTree();
        tree.AddFile("usr/file", 0x1a4, "text"u8.ToArray());
        tree.Add(new RootEntry("bin/link", BootArchive.RegularFile | 0x1a4, default, HardLinkTo: "usr/file"));
        tree.AddSystemFile("vfs", "server"u8.ToArray());
        using (FileStream stream = File.Create(archive))
            CpioWriter.Write(tree.Entries, stream);

        var start = new ProcessStartInfo("cpio", ["-itv", "--quiet", "-F", archive]) { RedirectStandardOutput = true };
        using Process cpio = Process.Start(start)!;
        string[] lines = cpio.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        cpio.WaitForExit();
        Assert.Equal(0, cpio.ExitCode);
        Assert.Equal(5, lines.Length);
        Assert.Contains(lines, line => line.StartsWith("drwxr-xr-x   2 root", StringComparison.Ordinal) && line.EndsWith(" .", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("-rw-r--r--   2 root", StringComparison.Ordinal) && line.EndsWith("usr/file", StringComparison.Ordinal));
    }
}
