using System.Buffers.Binary;
using System.Text;
using Libsys.Abi;
using Microkernel.Image.Root;
using Microkernel.Image.Roots;
using Microkernel.Image.Run;

namespace Microkernel.Image.Tests;

/// <summary>Archives whose files lie in a root image: what is named there, and what a lying one may say.</summary>
public sealed class RootImageTests : IDisposable
{
    private const long FiveGigabytes = 5L << 30;

    private readonly string directory = Directory.CreateTempSubdirectory("root-image-").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public void Data_beyond_4_GiB_is_addressed_right()
    {
        // Nothing of it takes room: zeros are holes in the source, in what the tool writes and in what it is read from again.
        string source = Path.Combine(directory, "source");
        Mark(source, FiveGigabytes, 0, 3L << 30, FiveGigabytes - 8);
        var tree = new RootTree();
        tree.AddDirectory("a");
        tree.AddFile("a/large", 0x1a4, RootContent.Range(source, 0, FiveGigabytes));
        tree.AddFile("b", 0x1a4, "behind it"u8.ToArray());
        (RootTree kept, RootImage image) = Build(tree);
        Assert.InRange(image.Length, FiveGigabytes, FiveGigabytes + (1 << 20));
        Assert.Equal(FiveGigabytes, kept.Find("a/large")!.Content.Length);
        Assert.Equal("behind it", kept.Find("b")!.Content.Text);

        kept.AddFile("c", 0x1a4, "of the run"u8.ToArray());
        using var run = new MemoryStream();
        BootArchiveWriter.Write(kept.Entries, run, image);
        var reader = new BootArchiveReader(run.ToArray());
        Assert.Equal(BootArchiveStatus.Valid, BootArchiveReader.Check(run.ToArray()));
        Assert.Equal((image.Length, image.Hash), (reader.ImageLength, reader.ImageHash));
        int large = reader.Find("a/large"u8, false);
        int behind = reader.Find("b"u8, false);
        Assert.True(reader.IsInImage(large) && reader.IsInImage(behind) && !reader.IsInImage(reader.Find("c"u8, false)));
        Assert.Equal(FiveGigabytes, reader.DataLength(large));
        Assert.True(reader.DataOffset(behind) > 4L << 30);
        foreach (long at in new[] { 0, 3L << 30, FiveGigabytes - 8 })
            Assert.Equal(at + 1, BitConverter.ToInt64(At(image.File, reader.DataOffset(large) + at, 8)));
        Assert.Equal("behind it", Encoding.ASCII.GetString(At(image.File, reader.DataOffset(behind), (int)reader.DataLength(behind))));
    }

    [Theory]
    [InlineData(40, 1, BootArchiveStatus.BadData)] // offset: not on a page
    [InlineData(44, 1, BootArchiveStatus.BadData)] // offset: 4 GiB further
    [InlineData(47, 0x80, BootArchiveStatus.BadData)] // offset: negative
    [InlineData(52, 1, BootArchiveStatus.BadData)] // length: 4 GiB more
    [InlineData(55, 0x80, BootArchiveStatus.BadData)] // length: negative
    [InlineData(24, 3, BootArchiveStatus.BadEntry)] // a system entry
    [InlineData(24, 4, BootArchiveStatus.BadEntry)] // an unknown flag
    [InlineData(9, 0x40, BootArchiveStatus.BadEntry)] // a directory
    public void An_entry_that_leaves_the_image_is_refused(int field, int value, BootArchiveStatus expected)
    {
        byte[] archive = Sample(out int entry);
        archive[BootArchive.HeaderSize + entry * BootArchive.EntrySize + field] = (byte)value;
        Rehash(archive);
        Assert.Equal(expected, BootArchiveReader.Check(archive));
    }

    [Theory]
    [InlineData(56, 1)] // half a page
    [InlineData(63, 0x80)] // negative
    [InlineData(72, 1)] // reserved
    public void A_header_that_lies_about_the_image_is_refused(int field, int value)
    {
        byte[] archive = Sample(out _);
        archive[field] = (byte)value;
        Rehash(archive);
        Assert.Equal(BootArchiveStatus.BadLayout, BootArchiveReader.Check(archive));
    }

    [Fact]
    public void An_image_without_length_or_hash_is_refused()
    {
        foreach (int field in new[] { 56, 64 })
        {
            byte[] archive = Sample(out _);
            archive.AsSpan(field, 8).Clear();
            Rehash(archive);
            Assert.Equal(BootArchiveStatus.BadLayout, BootArchiveReader.Check(archive));
        }
    }

    [Fact]
    public void The_machine_gets_the_file_beside_its_memory_and_no_more_memory_for_it()
    {
        string source = Path.Combine(directory, "source");
        Mark(source, 2L << 30, 0);
        var tree = new RootTree();
        tree.AddFile("large", 0x1a4, RootContent.Range(source, 0, 2L << 30));
        (RootTree kept, RootImage image) = Build(tree);
        var request = new RunRequest { Command = "true"u8.ToArray() };
        MachineSettings settings = MachineSettings.Choose(RepositoryLayout.Find(), request, kept, image);
        Assert.Equal(settings.Configuration.Memory, settings.Memory);
        List<string> arguments = QemuCommandLine.Build(
            request, 1, settings.Memory, new BootFiles("k", "a", image), new QemuPorts("c", "o", "l", "k"));
        Assert.Contains(arguments, argument => argument.Contains($"size={image.Length},share=off,readonly=on", StringComparison.Ordinal));
    }

    [Fact]
    public void A_root_beyond_the_addresses_of_the_machine_is_refused()
    {
        var request = new RunRequest { Command = "true"u8.ToArray(), Root = "huge" };
        var image = new RootImage("/huge", 61L << 30, 1);
        ImageException error = Assert.Throws<ImageException>(() => MachineSettings.Choose(RepositoryLayout.Find(), request, new RootTree(), image));
        Assert.Equal("ROOT=huge has 61 GiB, and the memory 1; together they may have 60 GiB", error.Message);
    }

    // As RootCache keeps it.
    private (RootTree Tree, RootImage Image) Build(RootTree tree)
    {
        var repository = new RepositoryLayout(Path.Combine(directory, "project"));
        return RootCache.Load(repository, new TreeSource(tree), _ => { });
    }

    private byte[] Sample(out int entry)
    {
        var tree = new RootTree();
        tree.AddFile("f", 0x1a4, "data"u8.ToArray());
        (RootTree kept, RootImage image) = Build(tree);
        using var run = new MemoryStream();
        BootArchiveWriter.Write(kept.Entries, run, image);
        byte[] archive = run.ToArray();
        entry = new BootArchiveReader(archive).Find("f"u8, false);
        Assert.Equal(BootArchiveStatus.Valid, BootArchiveReader.Check(archive));
        return archive;
    }

    // At each place its own number plus one.
    private static void Mark(string file, long length, params long[] places)
    {
        using FileStream stream = File.Create(file);
        stream.SetLength(length);
        foreach (long place in places)
        {
            stream.Position = place;
            stream.Write(BitConverter.GetBytes(place + 1));
        }
    }

    private static byte[] At(string file, long offset, int length)
    {
        using FileStream stream = File.OpenRead(file);
        stream.Position = offset;
        byte[] bytes = new byte[length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static void Rehash(byte[] archive)
    {
        int length = (int)(BinaryPrimitives.ReadUInt64LittleEndian(archive.AsSpan(24)) + BinaryPrimitives.ReadUInt64LittleEndian(archive.AsSpan(32)));
        BinaryPrimitives.WriteUInt64LittleEndian(archive.AsSpan(BootArchive.HashOffset), BootArchiveHash.Compute(archive.AsSpan(0, length)));
    }

    private sealed class TreeSource(RootTree from) : RootSource
    {
        public override string Description => "a tree";

        public override void AddInputs(System.IO.Hashing.XxHash128 hash) => hash.Append(Guid.NewGuid().ToByteArray());

        public override void AddTo(RootTree tree, FileStream contents)
        {
            foreach (RootEntry entry in from.Entries)
                tree.Add(entry);
        }
    }
}
