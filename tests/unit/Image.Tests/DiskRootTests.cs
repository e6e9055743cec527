using System.Diagnostics;
using System.Text;
using Libsys.Abi;
using Microkernel.Image.Root;
using Microkernel.Image.Roots;

namespace Microkernel.Image.Tests;

/// <summary>ROOT=[WHAT,]ext4[=FILE], and the image that is made of a tree.</summary>
public sealed class DiskRootTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("disk-root-").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Theory]
    [InlineData("ext4", null, null)]
    [InlineData("ext4=/x,y", null, "/x,y")]
    [InlineData("debian,ext4", "debian", null)]
    [InlineData("debian,ext4=/a,ext4=b", "debian", "/a,ext4=b")]
    [InlineData("/a/ext4,ext4=/b", "/a/ext4", "/b")]
    public void A_value_names_source_and_file(string value, string? source, string? file)
    {
        Assert.True(DiskRoot.TryParse(RepositoryLayout.Find(), value, out DiskRoot root));
        Assert.Equal((source, file), (root.Source, root.File));
    }

    [Theory]
    [InlineData("debian")]
    [InlineData("/no/such/ext4")]
    [InlineData("debian,ext4=")]
    [InlineData("ext4,debian")]
    public void Other_values_name_no_disk(string value) => Assert.False(DiskRoot.TryParse(RepositoryLayout.Find(), value, out _));

    [Fact]
    public void A_file_is_a_disk_if_it_holds_an_ext4_as_long_as_itself()
    {
        string image = Ext4Image.Make(new RootTree().Entries, directory, Assert.Fail);
        Assert.True(DiskRoot.TryParse(RepositoryLayout.Find(), image, out DiskRoot root));
        Assert.Equal((null, image), (root.Source, root.File));
        using (FileStream file = File.OpenWrite(image))
            file.SetLength(file.Length - 512);
        Assert.False(DiskRoot.TryParse(RepositoryLayout.Find(), image, out _));
        string text = Path.Combine(directory, "text");
        File.WriteAllText(text, "short");
        Assert.False(DiskRoot.TryParse(RepositoryLayout.Find(), text, out _));
        Assert.Throws<ImageException>(() => new DiskRoot("debian", text).Prepare(RepositoryLayout.Find(), Assert.Fail));
    }

    /// <summary>Everything that a tree has is on the disk, whoever makes it; names with whatever debugfs could take for something else.</summary>
    [Fact]
    public void An_image_has_owners_modes_times_devices_links_and_attributes_of_its_tree()
    {
        var tree = new RootTree();
        byte[] large = new byte[3_000_000];
        new Random(5).NextBytes(large);
        tree.Add(new RootEntry("bin/a \"b\" #c", BootArchive.RegularFile | 0x9ed, large)
        {
            UserId = 70_000, GroupId = 80_000, ModifiedSeconds = 1_000_000_000,
        });
        tree.Add(new RootEntry("bin/second", 0, default, HardLinkTo: "bin/a \"b\" #c"));
        byte[] attribute = [9, 3, 0, 0, 0, .. "user.test"u8, 0, 0xff, 7];
        tree.Add(new RootEntry("private", BootArchive.RegularFile, "none may read"u8.ToArray()) { Attributes = attribute, UserId = 1 });
        tree.Add(new RootEntry("locked", BootArchive.Directory | 0x12d, default) { GroupId = 7, ModifiedSeconds = 1_100_000_000 });
        tree.AddSymbolicLink("locked/link", "../private");
        tree.Add(new RootEntry("locked/fifo", BootArchive.Fifo | 0x1a4, default));
        tree.Add(new RootEntry("locked/block", BootArchive.BlockDevice | 0x1b0, default, new DeviceNumber(254, 300)) { GroupId = 6 });
        tree.AddFile("line\nbreak", 0x1a4, "x"u8.ToArray());
        var left = new List<string>();
        string image = Ext4Image.Make(tree.Entries, directory, left.Add);

        Assert.Equal("/line\\nbreak has a line break in its name, which debugfs does not take, and is left out", Assert.Single(left));
        string file = Ask(image, "stat \"/bin/a \"\"b\"\" #c\"");
        Assert.Contains("Mode:  04755", file);
        Assert.Contains("User: 70000   Group: 80000", file);
        Assert.Contains("Links: 2", file);
        Assert.Contains("mtime: 0x3b9aca00", file);
        Assert.Equal(file, Ask(image, "stat /bin/second"));
        string copy = Path.Combine(directory, "copy");
        Ask(image, $"dump /bin/second {copy}");
        Assert.Equal(large, File.ReadAllBytes(copy));
        string secret = Ask(image, "stat /private");
        Assert.Contains("Mode:  0000", secret);
        Assert.Contains("User:     1", secret);
        Assert.Contains("user.test (3) = 00 ff 07", secret);
        Assert.Contains("Mode:  0455", Ask(image, "stat /locked"));
        Assert.Contains("mtime: 0x4190ab00", Ask(image, "stat /locked"));
        Assert.Contains("Fast link dest: \"../private\"", Ask(image, "stat /locked/link"));
        Assert.Contains("Type: FIFO", Ask(image, "stat /locked/fifo"));
        Assert.Contains("Device major/minor number: 254:300", Ask(image, "stat /locked/block"));
        Assert.Contains("Group:     6", Ask(image, "stat /locked/block"));
        Assert.Contains("User:     0   Group:     0", Ask(image, "stat /"));
    }

    // Without the time at which it was asked there is nothing that differs.
    private static string Ask(string image, string command)
    {
        string program = File.Exists("/usr/sbin/debugfs") ? "/usr/sbin/debugfs" : "/sbin/debugfs";
        using Process process = Process.Start(new ProcessStartInfo(program, ["-R", command, image])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, StandardOutputEncoding = Encoding.UTF8,
        })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        string complaint = errors.GetAwaiter().GetResult();
        Assert.True(complaint.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length == 1, complaint);
        return output;
    }
}
