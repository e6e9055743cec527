using System.Text;
using Microkernel.Image.Roots;
using Microkernel.Image.Run;

namespace Microkernel.Image.Tests;

/// <summary>DISK=default: made once, and never again.</summary>
public sealed class DefaultDiskTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("default-disk-").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public void It_is_an_ext4_that_is_made_once_and_takes_no_room()
    {
        string path = Path.Combine(directory, "disks", "default.ext4");
        DefaultDisk.Prepare(path);
        Assert.True(DiskRoot.TryParse(RepositoryLayout.Find(), path, out _));
        Assert.True(long.Parse(HostCommand.Output("stat", "-c", "%b", path)) * 512 < new FileInfo(path).Length / 16);
        using (FileStream file = File.OpenWrite(path))
            file.Write("mine"u8);
        DefaultDisk.Prepare(path);
        using FileStream kept = File.OpenRead(path);
        byte[] bytes = new byte[4];
        kept.ReadExactly(bytes);
        Assert.Equal("mine"u8, bytes);
    }

    [Fact]
    public void Runs_that_begin_at_the_same_time_have_one()
    {
        string path = Path.Combine(directory, "default.ext4");
        Parallel.For(0, 4, _ => DefaultDisk.Prepare(path));
        Assert.Equal([path], Directory.GetFiles(directory));
    }

    [Theory]
    [InlineData("DISK=default", false, false)]
    [InlineData("DISK=default,nvme,ro", true, true)]
    public void The_word_stands_for_it_as_a_name_does_for_a_file(string argument, bool isReadOnly, bool isNvme)
    {
        DiskFile disk = Assert.Single(RunVariables.Parse([Encoding.UTF8.GetBytes(argument)]).Disks);
        Assert.Equal((DefaultDisk.PathIn(RepositoryLayout.Find()), true, isReadOnly, isNvme), (disk.Path, disk.IsDefault, disk.IsReadOnly, disk.IsNvme));
        ImageException error = Assert.Throws<ImageException>(() => DiskFile.Parse("./default"));
        Assert.StartsWith("DISK=./default: there is no file", error.Message, StringComparison.Ordinal);
    }
}
