using System.Buffers.Binary;
using System.Text;
using Libsys.Linux;
using Libsys.Messages;
using Servers.Vfs.Fat;

namespace Servers.Vfs.Tests.Volumes;

/// <summary>Images that mkfs.vfat and mtools have made are read as what they were made of.</summary>
public sealed class FatReadTests
{
    private const string Defaults = "fmask=0022,dmask=0022,codepage=437,iocharset=ascii,shortname=mixed,utf8,errors=remount-ro";

    [Theory]
    [InlineData("-F 12 -s 8", 8192)]
    [InlineData("-F 16 -s 1", 16384)]
    [InlineData("-F 16 -s 4 -S 1024", 32768)]
    [InlineData("-F 32 -s 1", 40000)]
    public void A_tree_is_what_it_was_made_of(string options, int kilobytes)
    {
        string folder = MakeTree(), pieces = Directory.CreateTempSubdirectory("fat-").FullName;
        // Files of one cluster, of which every other one is removed, leave room in pieces.
        for (int number = 0; number < 60; number++)
            File.WriteAllBytes($"{pieces}/{number:D2}", new byte[3000]);
        byte[] image = FatImage.Make(options, kilobytes, pieces, "mdel ::/*1 ::/*3 ::/*5", $"mcopy -s -m -Q {folder}/. ::/tree", "mattrib +r ::/tree/file-100");
        byte[] before = [.. image];
        var system = new VolumeSystem(image, slots: 300);
        Assert.Equal(-(long)Errno.EROFS, system.Mount("vfat", flags: 0));
        Assert.Equal(0, system.Mount("vfat"));
        int count = 0;
        foreach (string source in Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories))
        {
            string path = "/m/tree" + source[folder.Length..];
            Assert.Equal(0, system.Client.Stat(path, out TestStat stat));
            count++;
            if (InodeMode.Type(stat.Mode) == InodeMode.Regular)
            {
                bool isReadOnly = source.EndsWith("/file-100", StringComparison.Ordinal);
                Assert.Equal(InodeMode.Regular | (isReadOnly ? 0x16Du : 0x1EDu), stat.Mode);
                long seconds = BinaryPrimitives.ReadInt64LittleEndian(system.Client.Channel.Pool[StatLayout.ModifyTime..]);
                Assert.Equal(new DateTimeOffset(File.GetLastWriteTimeUtc(source)).ToUnixTimeSeconds() & ~1, seconds);
                Assert.Equal(File.ReadAllBytes(source), system.ReadAll(path));
            }
            else
            {
                Assert.Equal(InodeMode.Directory | 0x1EDu, stat.Mode);
                string[] names = [.. Directory.EnumerateFileSystemEntries(source).Select(static name => Path.GetFileName(name)!)];
                Assert.Equal(names.Order(StringComparer.Ordinal), system.Names(path));
                Assert.Equal(2ul + (ulong)Directory.EnumerateDirectories(source).Count(), stat.Links);
            }
        }

        Assert.True(count > 300);
        Assert.Equal($"/disk /m vfat ro,relatime,{Defaults} 0 0\n", system.MountLine());
        Assert.Equal(0, system.Unmount());
        Assert.Equal(before, system.Disk.Bytes);
        Assert.Contains("cannot be written", system.Log.Single(), StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
        Directory.Delete(pieces, recursive: true);
    }

    [Fact]
    public void Names_are_found_whatever_their_case_is_and_by_their_short_names()
    {
        string folder = Directory.CreateTempSubdirectory("fat-").FullName;
        Directory.CreateDirectory(folder + "/A Directory");
        File.WriteAllText(folder + "/A Directory/Some File.Text", "one");
        byte[] image = FatImage.Make("-F 12", 1440, folder);
        Directory.Delete(folder, recursive: true);
        var system = new VolumeSystem(image);
        Assert.Equal(0, system.Mount("vfat"));
        Assert.Equal("one", system.Client.ReadText("/m/a directory/SOME FILE.text"));
        Assert.Equal("one", system.Client.ReadText("/m/ADIREC~1/SOMEFI~1.TEX"));
        Assert.Equal("one", system.Client.ReadText("/m/A Directory./Some File.Text.."));
        // One object for each: a working directory is where it is, however it was spelled.
        Assert.Equal(0, system.Client.ChangeDirectory("/m/a DIRECTORY"));
        Assert.Equal("/m/A Directory", system.Client.WorkingDirectory());
        Assert.Equal(0, system.Client.ChangeDirectory("/"));
        Assert.Equal(0, system.Unmount());
        Assert.Equal(0, system.Mount("vfat", "check=strict"));
        Assert.Equal(-(long)Errno.ENOENT, system.Client.Stat("/m/a directory", out _));
    }

    [Theory]
    [InlineData("", "lower.txt UPPER.TXT MIXED ÄÖ")]
    [InlineData("shortname=lower", "lower.txt upper.txt mixed äö")]
    [InlineData("shortname=win95", "LOWER.TXT UPPER.TXT MIXED ÄÖ")]
    public void Short_names_are_shown_as_shortname_says(string options, string expected)
    {
        // Entries of a root directory, without long names; bits say where letters were small.
        byte[] image = FatImage.Make("-F 12", 1440);
        FatGeometry geometry = FatGeometry.Read(image.AsSpan(0, 512), out _)!;
        (byte[] Name, byte Case)[] names =
        [
            ("LOWER   TXT"u8.ToArray(), 0x18), ("UPPER   TXT"u8.ToArray(), 0), ("MIXED      "u8.ToArray(), 0), ([0x8E, 0x99, .. "         "u8], 0),
        ];
        for (int number = 0; number < names.Length; number++)
        {
            Span<byte> entry = image.AsSpan((int)geometry.RootStart + 32 * number, 32);
            entry.Clear();
            names[number].Name.CopyTo(entry);
            entry[12] = names[number].Case;
        }

        var system = new VolumeSystem(image);
        Assert.Equal(0, system.Mount("vfat", options));
        Assert.Equal(expected.Split(' ').Order(StringComparer.Ordinal), system.Names("/m"));
    }

    [Fact]
    public void Options_say_owners_permissions_and_the_time_zone()
    {
        string folder = Directory.CreateTempSubdirectory("fat-").FullName;
        File.WriteAllText(folder + "/tool.exe", "one");
        File.WriteAllText(folder + "/text", "two");
        File.SetLastWriteTimeUtc(folder + "/text", new DateTime(2031, 2, 3, 4, 5, 6, DateTimeKind.Utc));
        byte[] image = FatImage.Make("-F 16 -s 1", 8192, folder);
        Directory.Delete(folder, recursive: true);
        var system = new VolumeSystem(image);
        Assert.Equal(0, system.Mount("vfat", "uid=7,gid=8,fmask=0137,dmask=0027,showexec,time_offset=90"));
        Assert.Equal(0, system.Client.Stat("/m/text", out TestStat stat));
        Assert.Equal((InodeMode.Regular | 0x1A0u, 7u, 8u), (stat.Mode, stat.User, stat.Group));
        long seconds = BinaryPrimitives.ReadInt64LittleEndian(system.Client.Channel.Pool[StatLayout.ModifyTime..]);
        Assert.Equal(new DateTimeOffset(2031, 2, 3, 2, 35, 6, TimeSpan.Zero).ToUnixTimeSeconds(), seconds);
        Assert.Equal(0, system.Client.Stat("/m", out stat));
        Assert.Equal(InodeMode.Directory | 0x1E8u, stat.Mode);
        Assert.Contains("uid=7,gid=8,fmask=0137,dmask=0027,codepage=437", system.MountLine(), StringComparison.Ordinal);
        Assert.Equal(0, system.Unmount());
        Assert.Equal(0, system.Mount("vfat", "umask=0,showexec"));
        Assert.Equal(0, system.Client.Stat("/m/text", out stat));
        Assert.Equal(InodeMode.Regular | 0x1B6u, stat.Mode);
        Assert.Equal(0, system.Client.Stat("/m/tool.exe", out stat));
        Assert.Equal(InodeMode.Regular | 0x1FFu, stat.Mode);
        Assert.Equal(-(long)Errno.EINVAL, new VolumeSystem(image).Mount("vfat", "codepage=866"));
        Assert.Equal(-(long)Errno.EINVAL, new VolumeSystem(image).Mount("vfat", "no_such_option"));
    }

    [Theory]
    [InlineData("-F 12", 1440)]
    [InlineData("-F 16 -s 1", 8192)]
    [InlineData("-F 32 -s 1", 40000)]
    public void Statfs_counts_free_clusters(string options, int kilobytes)
    {
        string folder = Directory.CreateTempSubdirectory("fat-").FullName;
        File.WriteAllBytes(folder + "/file", new byte[50_000]);
        byte[] image = FatImage.Make(options, kilobytes, folder);
        Directory.Delete(folder, recursive: true);
        FatGeometry geometry = FatGeometry.Read(image.AsSpan(0, 512), out _)!;
        var system = new VolumeSystem(image);
        Assert.Equal(0, system.Mount("vfat"));
        byte[] name = TestClient.Bytes("/m");
        Assert.Equal(0, system.Client.Call(VfsOperation.StatFileSystem, name, 8192, VfsLimits.WorkingDirectory, 0, (ulong)name.Length));
        long[] fields = [.. Enumerable.Range(0, 7).Select(field => BinaryPrimitives.ReadInt64LittleEndian(system.Client.Channel.Pool[(field * 8)..]))];
        long used = (50_000 + geometry.ClusterSize - 1) / geometry.ClusterSize + (geometry.Bits == 32 ? 1 : 0);
        Assert.Equal([0x4D44, geometry.ClusterSize, geometry.Clusters, geometry.Clusters - used, geometry.Clusters - used, 0, 0], fields);
    }

    [Fact]
    public void A_file_in_more_pieces_than_are_remembered_is_read_from_its_end_to_its_beginning()
    {
        string pieces = Directory.CreateTempSubdirectory("fat-").FullName;
        for (int number = 0; number < 500; number++)
            File.WriteAllBytes($"{pieces}/{number:D3}", new byte[500]);
        byte[] bytes = new byte[150_000];
        new Random(8).NextBytes(bytes);
        string file = Path.GetTempFileName();
        File.WriteAllBytes(file, bytes);
        byte[] image = FatImage.Make("-F 16 -s 1", 16384, pieces, "mdel ::/*1 ::/*3 ::/*5 ::/*7 ::/*9", $"mcopy -Q {file} ::/big");
        File.Delete(file);
        Directory.Delete(pieces, recursive: true);
        FatGeometry geometry = FatGeometry.Read(image.AsSpan(0, 512), out _)!;
        ushort cluster = BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan(image.AsSpan().IndexOf("BIG        "u8) + 26));
        int runs = 1;
        for (ushort next; !geometry.IsEnd(next = BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan((int)geometry.TableStart + 2 * cluster))); cluster = next)
            runs += next == cluster + 1 ? 0 : 1;
        Assert.True(runs > 200, $"{runs} pieces");
        var system = new VolumeSystem(image, slots: 64);
        Assert.Equal(0, system.Mount("vfat"));
        long handle = system.Client.Open("/m/big");
        for (int offset = bytes.Length - 1000; offset >= 0; offset -= 3000)
        {
            Assert.Equal(1000, system.Client.Read(handle, 1000, out byte[] read, offset));
            Assert.Equal(bytes[offset..(offset + 1000)], read);
        }

        Assert.Equal(bytes, system.ReadAll("/m/big"));
    }

    private static string MakeTree()
    {
        string folder = Directory.CreateTempSubdirectory("fat-").FullName;
        var random = new Random(5);
        Directory.CreateDirectory(folder + "/a/b/c/A directory with a long name/d");
        foreach (int length in (int[])[0, 1, 511, 512, 513, 4095, 4096, 4097, 100_000, 1_500_000])
        {
            byte[] bytes = new byte[length];
            random.NextBytes(bytes);
            File.WriteAllBytes($"{folder}/a/f{length}", bytes);
        }

        for (int number = 0; number < 300; number++)
        {
            string name = (number % 3) switch
            {
                0 => $"file-{number}", 1 => $"naïve ünïcode {number} ß €", _ => new string('x', number % 200) + $".{number}.text",
            };
            File.WriteAllText($"{folder}/{(number < 200 ? "" : "a/b/")}{name}", name);
        }

        File.WriteAllText(folder + "/file-100", "not to be written");
        File.SetLastWriteTimeUtc(folder + "/a/f1", new DateTime(2099, 12, 31, 23, 59, 58, DateTimeKind.Utc));
        return folder;
    }
}
