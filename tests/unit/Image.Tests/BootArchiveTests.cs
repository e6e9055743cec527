using System.Buffers.Binary;
using System.Reflection;
using System.Text;
using CsCheck;
using Libsys.Abi;
using Microkernel.Image.Root;

namespace Microkernel.Image.Tests;

public sealed class BootArchiveTests
{
    [Fact]
    public void The_structs_have_the_offsets_that_the_reader_uses()
    {
        Assert.Equal(BootArchive.HeaderSize, OffsetOf<BootArchiveHeader>(null));
        Assert.Equal(BootArchive.EntrySize, OffsetOf<BootArchiveEntry>(null));
        Assert.Equal(12, OffsetOf<BootArchiveHeader>(nameof(BootArchiveHeader.EntryCount)));
        Assert.Equal(40, OffsetOf<BootArchiveHeader>(nameof(BootArchiveHeader.TotalLength)));
        Assert.Equal(BootArchive.HashOffset, OffsetOf<BootArchiveHeader>(nameof(BootArchiveHeader.Hash)));
        Assert.Equal(28, OffsetOf<BootArchiveEntry>(nameof(BootArchiveEntry.HardLink)));
        Assert.Equal(40, OffsetOf<BootArchiveEntry>(nameof(BootArchiveEntry.DataOffset)));
        Assert.Equal("MKBOOT01", Encoding.ASCII.GetString(BitConverter.GetBytes(BootArchive.Magic)));
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        byte[] archive = BootArchiveWriter.Write(Sample().Entries);
        var reader = new BootArchiveReader(archive);

        Assert.Equal(BootArchiveStatus.Valid, BootArchiveReader.Check(archive));
        int file = reader.Find("etc/motd"u8, system: false);
        Assert.Equal("hello\n"u8.ToArray(), reader.Data(file).ToArray());
        Assert.Equal(0x81a4u, reader.Mode(file));
        Assert.Equal(0, reader.DataOffset(file) % BootArchive.PageSize);
        Assert.Equal(RootEntry.BuildTime, reader.ModifiedSeconds(file));
        Assert.Equal("motd"u8.ToArray(), reader.Data(reader.Find("etc/link"u8, system: false)).ToArray());
        Assert.Equal("hello\n"u8.ToArray(), reader.Data(reader.Find("etc/second"u8, system: false)).ToArray());
        Assert.Equal(0x501u, reader.Device(reader.Find("dev/console"u8, system: false)));
        Assert.Equal("server"u8.ToArray(), reader.Data(reader.Find("vfs"u8, system: true)).ToArray());
        Assert.Equal(-1, reader.Find("vfs"u8, system: false));
        Assert.Equal(-1, reader.Find("etc/mot"u8, system: false));
    }

    [Fact]
    public void Bytes_behind_the_archive_are_ignored()
    {
        byte[] archive = BootArchiveWriter.Write(Sample().Entries);
        Assert.Equal(BootArchiveStatus.Valid, BootArchiveReader.Check([.. archive, 1, 2, 3]));
    }

    [Fact]
    public void Any_truncation_is_found()
    {
        byte[] archive = BootArchiveWriter.Write(Sample().Entries);
        Gen.Int[0, archive.Length - 1].Sample(length => BootArchiveReader.Check(archive.AsSpan(0, length)) == BootArchiveStatus.Truncated);
    }

    [Fact]
    public void Any_changed_bit_of_the_metadata_is_found()
    {
        byte[] archive = BootArchiveWriter.Write(Sample().Entries);
        int length = (int)(BinaryPrimitives.ReadUInt64LittleEndian(archive.AsSpan(24)) + BinaryPrimitives.ReadUInt64LittleEndian(archive.AsSpan(32)));
        Gen.Select(Gen.Int[0, length - 1], Gen.Int[0, 7]).Sample((position, bit) =>
        {
            byte[] changed = [.. archive];
            changed[position] ^= (byte)(1 << bit);
            return BootArchiveReader.Check(changed) != BootArchiveStatus.Valid;
        });
    }

    [Fact]
    public void A_lying_archive_with_a_right_hash_never_leads_outside()
    {
        byte[] archive = BootArchiveWriter.Write(Sample().Entries);
        int words = (int)BinaryPrimitives.ReadUInt64LittleEndian(archive.AsSpan(24)) / 4;
        Gen<uint> value = Gen.OneOf(Gen.UInt, Gen.UInt[0, 20000], Gen.OneOfConst(0u, 1u, 63u, 4096u, 0x7fffffffu, 0x80000000u, 0xfffff000u, 0xffffffffu));
        Gen.Select(Gen.Int[2, words - 1], value, Gen.Int[2, words - 1], value).Sample((first, firstValue, second, secondValue) =>
        {
            byte[] lying = [.. archive];
            BinaryPrimitives.WriteUInt32LittleEndian(lying.AsSpan(first * 4), firstValue);
            BinaryPrimitives.WriteUInt32LittleEndian(lying.AsSpan(second * 4), secondValue);
            Rehash(lying);
            if (BootArchiveReader.Check(lying) == BootArchiveStatus.Valid)
                ReadEverything(lying);
        }, iter: 20_000);
    }

    [Theory]
    [InlineData("etc/../x")]
    [InlineData("./x")]
    [InlineData("/etc")]
    [InlineData("etc/")]
    [InlineData("a//b")]
    [InlineData("")]
    [InlineData("..")]
    public void A_name_has_one_spelling_and_stays_below_the_root(string name) => Assert.False(BootArchivePath.IsWellFormed(Encoding.UTF8.GetBytes(name)));

    [Fact]
    public void A_hard_link_to_itself_or_to_a_link_is_refused()
    {
        RootTree tree = Sample();
        byte[] archive = BootArchiveWriter.Write(tree.Entries);
        var reader = new BootArchiveReader(archive);
        int link = reader.Find("etc/second"u8, system: false);
        foreach (int target in new[] { link, reader.Find("etc"u8, system: false), reader.Count, reader.Find("etc/link"u8, system: false) })
        {
            byte[] lying = [.. archive];
            BinaryPrimitives.WriteInt32LittleEndian(lying.AsSpan(BootArchive.HeaderSize + link * BootArchive.EntrySize + 28), target);
            Rehash(lying);
            Assert.Equal(BootArchiveStatus.BadHardLink, BootArchiveReader.Check(lying));
        }
    }

    [Fact]
    public void The_first_name_of_a_file_holds_the_data_however_the_names_were_added()
    {
        foreach (string[] order in new[] { new[] { "a/f", "z/f", "z" }, ["z/f", "a/f", "z"] })
        {
            var tree = new RootTree();
            tree.AddFile(order[0], 0x1a4, "data"u8.ToArray());
            tree.Add(new RootEntry(order[1], 0, default, HardLinkTo: order[0]));
            byte[] archive = BootArchiveWriter.Write(tree.Entries);
            var reader = new BootArchiveReader(archive);
            int first = reader.Find("a/f"u8, system: false);
            int second = reader.Find("z/f"u8, system: false);
            Assert.Equal((first, first), (reader.DataEntry(first), reader.DataEntry(second)));
            Assert.Equal("data"u8.ToArray(), reader.Data(second).ToArray());
        }
    }

    [Fact]
    public void A_hard_link_before_its_file_is_refused()
    {
        RootTree tree = Sample();
        List<RootEntry> entries = [.. tree.Entries];
        int data = entries.FindIndex(entry => entry.Path == "etc/motd");
        int link = entries.FindIndex(entry => entry.Path == "etc/second");
        (entries[data], entries[link]) = (entries[link] with { Path = "etc/motd", HardLinkTo = "etc/second" }, entries[data] with { Path = "etc/second" });
        Assert.Contains("BadHardLink", Assert.Throws<ImageException>(() => BootArchiveWriter.Write(entries)).Message);
    }

    [Theory]
    [InlineData(0x81b6u, 0u)]
    [InlineData(0x81a4u, 7u)]
    public void A_hard_link_with_another_mode_or_owner_is_refused(uint mode, uint owner)
    {
        List<RootEntry> entries = [.. Sample().Entries.Select(entry => entry.HardLinkTo is null ? entry : entry with { Mode = mode, UserId = owner })];
        Assert.Contains("BadHardLink", Assert.Throws<ImageException>(() => BootArchiveWriter.Write(entries)).Message);
    }

    [Fact]
    public void Owners_times_and_extended_attributes_come_back()
    {
        byte[] attributes = AttributeBytes(("security.capability", [1, 0, 0, 2, 0xff]), ("user.empty", []));
        var tree = new RootTree();
        tree.Add(new RootEntry("f", 0x89edu, "x"u8.ToArray()) { UserId = 1000, GroupId = 42, ModifiedSeconds = 77, Attributes = attributes });
        tree.Add(new RootEntry("g", 0, default, HardLinkTo: "f"));
        byte[] archive = BootArchiveWriter.Write(tree.Entries);
        var reader = new BootArchiveReader(archive);
        int second = reader.Find("g"u8, system: false);
        Assert.Equal((1000u, 42u, 77ul), (reader.UserId(second), reader.GroupId(second), reader.ModifiedSeconds(second)));
        var walk = new BootArchiveAttributes(reader.Attributes(second));
        Assert.True(walk.MoveNext());
        Assert.Equal("security.capability"u8.ToArray(), walk.Name.ToArray());
        Assert.Equal([1, 0, 0, 2, 0xff], walk.Value.ToArray());
        Assert.True(walk.MoveNext());
        Assert.Equal(("user.empty", 0), (Encoding.UTF8.GetString(walk.Name), walk.Value.Length));
        Assert.False(walk.MoveNext());
    }

    [Fact]
    public void Attributes_that_are_cut_off_out_of_order_or_nameless_are_refused()
    {
        byte[] right = AttributeBytes(("user.a", [1]), ("user.b", [2]));
        byte[][] wrong = [right[..^1], right[..3], AttributeBytes(("user.b", []), ("user.a", [])), AttributeBytes(("user.a", []), ("user.a", [])),
            AttributeBytes(("", [1]))];
        foreach (byte[] attributes in wrong)
        {
            var tree = new RootTree();
            tree.Add(new RootEntry("f", 0x81edu, default) { Attributes = attributes });
            Assert.Contains("BadAttributes", Assert.Throws<ImageException>(() => BootArchiveWriter.Write(tree.Entries)).Message);
        }

        Assert.True(BootArchiveAttributes.AreWellFormed(right));
    }

    [Fact]
    public void Data_that_is_not_padded_with_zeros_is_refused()
    {
        byte[] archive = BootArchiveWriter.Write(Sample().Entries);
        archive[^1] = 1;
        Assert.Equal(BootArchiveStatus.BadData, BootArchiveReader.Check(archive));
    }

    [Fact]
    public void Random_trees_come_back_whole()
    {
        Gen<string> name = Gen.String[Gen.Char["ab./ü"], 1, 6].Where(text => BootArchivePath.IsWellFormed(Encoding.UTF8.GetBytes(text)));
        Gen.Dictionary(name, Gen.Byte.Array[0, 9000])[0, 20].Sample(RoundTrip);
    }

    // Sequential structs of naturally aligned integers without holes: an offset is the sum of the sizes before it; null asks for the size.
    private static int OffsetOf<T>(string? field) => typeof(T).GetFields(BindingFlags.Public | BindingFlags.Instance)
        .OrderBy(candidate => candidate.MetadataToken)
        .TakeWhile(candidate => candidate.Name != field)
        .Sum(candidate => candidate.FieldType == typeof(ulong) ? 8 : 4);

    private static void RoundTrip(Dictionary<string, byte[]> files)
    {
        var tree = new RootTree();
        foreach ((string path, byte[] content) in files)
        {
            // A generated name may need a directory where another has a file.
            if (!files.Keys.Any(other => other.StartsWith(path + "/", StringComparison.Ordinal)))
                tree.AddFile(path, 0x1a4, content);
        }

        byte[] archive = BootArchiveWriter.Write(tree.Entries);
        var reader = new BootArchiveReader(archive);
        Assert.Equal(tree.Entries.Count, reader.Count);
        foreach (RootEntry entry in tree.Entries)
        {
            int index = reader.Find(Encoding.UTF8.GetBytes(entry.Path), system: false);
            Assert.Equal(entry.Mode, reader.Mode(index));
            Assert.True(reader.Data(index).SequenceEqual(entry.Content.ToArray()));
        }
    }

    private static void ReadEverything(byte[] archive)
    {
        var reader = new BootArchiveReader(archive);
        for (int index = 0; index < reader.Count; index++)
        {
            _ = reader.Data(index).Length + reader.Name(index).Length;
            Assert.Equal(index, reader.Find(reader.Name(index), reader.IsSystem(index)));
            Assert.True(reader.DataEntry(index) <= index);
            Assert.True(BootArchiveAttributes.AreWellFormed(reader.Attributes(index)));
        }
    }

    private static byte[] AttributeBytes(params (string Name, byte[] Value)[] attributes) =>
        [.. attributes.SelectMany(pair =>
        (byte[])[(byte)pair.Name.Length, .. BitConverter.GetBytes(pair.Value.Length), .. Encoding.UTF8.GetBytes(pair.Name), .. pair.Value])];

    private static void Rehash(byte[] archive)
    {
        ulong end = unchecked(BinaryPrimitives.ReadUInt64LittleEndian(archive.AsSpan(24)) + BinaryPrimitives.ReadUInt64LittleEndian(archive.AsSpan(32)));
        if (end <= (ulong)archive.Length)
            BinaryPrimitives.WriteUInt64LittleEndian(archive.AsSpan(BootArchive.HashOffset), BootArchiveHash.Compute(archive.AsSpan(0, (int)end)));
    }

    private static RootTree Sample()
    {
        var tree = new RootTree();
        tree.AddFile("etc/motd", 0x1a4, "hello\n"u8.ToArray());
        tree.Add(new RootEntry("etc/second", BootArchive.RegularFile | 0x1a4, default, HardLinkTo: "etc/motd"));
        tree.AddSymbolicLink("etc/link", "motd");
        tree.AddFile("etc/empty", 0x1a4, default);
        tree.AddFile("big", 0x1a4, Enumerable.Repeat((byte)7, 10_000).ToArray());
        tree.AddCharacterDevice("dev/console", 0x180, 5, 1);
        tree.Add(new RootEntry("etc/capable", BootArchive.RegularFile | 0x1ed,
            "#!"u8.ToArray()) { Attributes = AttributeBytes(("security.capability", [1, 2])) });
        tree.AddSystemFile("vfs", "server"u8.ToArray());
        return tree;
    }
}
