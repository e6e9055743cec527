using Libsys.Abi;
using Microkernel.Image.Root;

namespace Microkernel.Image.Tests;

/// <summary>What happens where a name that is added meets a symbolic link, a directory or a further name of a file.</summary>
public sealed class RootLinkTests
{
    private readonly RootTree tree = new();

    [Theory]
    [InlineData("usr/bin")]
    [InlineData("/usr/bin")]
    [InlineData("../usr/./bin")]
    public void A_file_below_a_link_lies_where_the_link_leads(string target)
    {
        tree.AddDirectory("usr/bin");
        tree.AddSymbolicLink("bin", target);
        File("bin/tool");
        Assert.NotNull(tree.Find("usr/bin/tool"));
        Assert.Null(tree.Find("bin/tool"));
    }

    [Fact]
    public void A_link_into_nothing_gets_the_directories_that_it_names()
    {
        tree.AddSymbolicLink("bin", "usr/bin");
        File("bin/tool");
        Assert.Equal(["bin", "usr", "usr/bin", "usr/bin/tool"], Paths());
    }

    [Fact]
    public void A_directory_over_a_link_is_what_the_link_leads_to_and_leaves_its_mode()
    {
        tree.AddDirectory("usr/bin", 0x1c0);
        tree.AddSymbolicLink("bin", "usr/bin");
        tree.AddDirectory("bin");
        Assert.Equal(BootArchive.SymbolicLink, tree.Find("bin")!.Type);
        Assert.Equal(BootArchive.Directory | 0x1c0u, tree.Find("usr/bin")!.Mode);
    }

    [Fact]
    public void A_directory_over_a_link_to_a_file_is_a_contradiction()
    {
        File("usr/file");
        tree.AddSymbolicLink("bin", "usr/file");
        Assert.Contains("/bin is a link to usr/file", Assert.Throws<ImageException>(() => tree.AddDirectory("bin")).Message);
        Assert.Contains("/usr/file is not a directory", Assert.Throws<ImageException>(() => File("bin/tool")).Message);
    }

    [Fact]
    public void Links_in_a_circle_are_named()
    {
        tree.AddSymbolicLink("a", "b");
        tree.AddSymbolicLink("b", "a");
        Assert.Contains("circle", Assert.Throws<ImageException>(() => File("a/file")).Message);
    }

    [Fact]
    public void A_link_over_a_directory_takes_its_place_and_its_files_move()
    {
        File("bin/busybox");
        tree.AddSymbolicLink("bin/sh", "/bin/busybox");
        tree.AddSymbolicLink("bin/up", "../lib/up");
        File("bin/deep/file");
        File("usr/bin/resize");
        tree.AddSymbolicLink("bin", "usr/bin");
        Assert.Equal(["bin", "usr", "usr/bin", "usr/bin/busybox", "usr/bin/deep", "usr/bin/deep/file", "usr/bin/resize", "usr/bin/sh", "usr/bin/up"], Paths());
        Assert.Equal("/lib/up", tree.Find("usr/bin/up")!.Target);
        Assert.Equal("usr/bin/busybox", tree.Resolve("bin/sh"));
    }

    [Fact]
    public void Of_two_names_that_become_one_a_link_to_the_other_gives_way()
    {
        File("bin/awk");
        tree.AddSymbolicLink("usr/bin/awk", "/bin/awk");
        tree.AddSymbolicLink("bin/sed", "../usr/bin/sed");
        File("usr/bin/sed");
        tree.AddSymbolicLink("bin", "usr/bin");
        Assert.All(["usr/bin/awk", "usr/bin/sed"], path => Assert.Equal(BootArchive.RegularFile, tree.Find(path)!.Type));
    }

    [Fact]
    public void Two_different_files_that_become_one_are_a_contradiction()
    {
        tree.AddFile("bin/awk", 0x1ed, "one"u8.ToArray());
        tree.AddFile("usr/bin/awk", 0x1ed, "two"u8.ToArray());
        Assert.Contains("/bin/awk and /usr/bin/awk", Assert.Throws<ImageException>(() => tree.AddSymbolicLink("bin", "usr/bin")).Message);
    }

    [Theory]
    [InlineData("bin/deeper")]
    [InlineData("bin")]
    public void A_directory_cannot_become_a_link_to_itself(string target)
    {
        File("bin/file");
        Assert.Throws<ImageException>(() => tree.AddSymbolicLink("bin", target));
    }

    [Fact]
    public void Replacing_or_moving_one_name_leaves_the_other_its_content()
    {
        tree.AddFile("bin/first", 0x1ed, "old"u8.ToArray());
        tree.Add(new RootEntry("bin/second", 0, default, HardLinkTo: "bin/first"));
        tree.AddFile("bin/first", 0x1ed, "new"u8.ToArray());
        tree.Add(new RootEntry("third", 0, default, HardLinkTo: "bin/second"));
        tree.AddSymbolicLink("bin", "usr/bin");
        RootEntry[] old = [.. tree.Entries.Where(entry => entry.Path is "usr/bin/second" or "third")];
        Assert.Equal("old", Assert.Single(old, entry => entry.HardLinkTo is null).Content.Text);
        Assert.Equal(old[0].Path, old[1].HardLinkTo);
        Assert.Equal("new", tree.Find("usr/bin/first")!.Content.Text);
    }

    [Fact]
    public void A_hard_link_to_nothing_or_to_a_directory_is_an_error()
    {
        tree.AddDirectory("etc");
        Assert.Throws<ImageException>(() => tree.Add(new RootEntry("a", 0, default, HardLinkTo: "b")));
        Assert.Throws<ImageException>(() => tree.Add(new RootEntry("a", 0, default, HardLinkTo: "etc")));
    }

    private void File(string path) => tree.AddFile(path, 0x1ed, default);

    private string[] Paths() => [.. tree.Entries.Select(entry => entry.Path)];
}
