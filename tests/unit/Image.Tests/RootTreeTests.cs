using System.Diagnostics;
using System.Text;
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
        Assert.Equal("/bin/busybox", Encoding.UTF8.GetString(tree.Find("bin/sh")!.Content.Span));
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
        RootEntry[] names = [tree.Find("home/a b\nc")!, tree.Find("home/second")!];
        Assert.All(names, entry => Assert.Equal(BootArchive.RegularFile | 0x940u, entry.Mode));
        Assert.Single(names, entry => entry.HardLinkTo is not null);
        Assert.Equal("home/no such file", Encoding.UTF8.GetString(tree.Find("link")!.Content.Span));
    }

    [Fact]
    public void A_file_cannot_stand_where_a_directory_is()
    {
        var tree = new RootTree();
        tree.AddFile("a/b", 0x1a4, default);
        Assert.Throws<ImageException>(() => tree.AddFile("a", 0x1a4, default));
        Assert.Throws<ImageException>(() => tree.AddFile("a/b/c", 0x1a4, default));
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
        File.WriteAllBytes(archive, CpioWriter.Write(tree.Entries));

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
