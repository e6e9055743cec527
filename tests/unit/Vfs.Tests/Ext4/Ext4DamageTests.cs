using System.Buffers.Binary;
using Libsys.Linux;
using Libsys.Messages;
using Servers.Vfs.Ext4;

namespace Servers.Vfs.Tests.Ext4;

/// <summary>What a disk says is checked: images with wrong bytes give errors and nothing else.</summary>
public sealed class Ext4DamageTests
{
    private const int Kilobytes = 4096, BlockSize = 1024;

    // Linux' answers for damage, for what is not there, and what a wrong mode or length leads to.
    private static readonly HashSet<Errno> Expected =
    [
        Errno.EUCLEAN, Errno.EBADMSG, Errno.ENOENT, Errno.ENOTDIR, Errno.EISDIR, Errno.EINVAL, Errno.EIO, Errno.ENXIO, Errno.ELOOP, Errno.EROFS, Errno.ENOMEM,
        Errno.EACCES, Errno.EAGAIN, Errno.ENAMETOOLONG, Errno.EFBIG, Errno.EEXIST, Errno.ENOTEMPTY, Errno.ENOSPC, Errno.EPERM, Errno.EOPNOTSUPP, Errno.EMLINK,
        Errno.EXDEV,
    ];

    [Theory]
    [InlineData("-t ext4 -b 1024", false, 700)]
    [InlineData("-t ext4 -b 1024 -O ^metadata_csum", false, 900)]
    [InlineData("-t ext4 -b 1024 -O ^metadata_csum,^64bit,inline_data", false, 500)]
    [InlineData("-t ext2 -b 1024", false, 700)]
    [InlineData("-t ext4 -b 1024", true, 900)]
    public void Wrong_bytes_anywhere_give_errors(string options, bool isSealed, int images)
    {
        byte[] image = Make(options);
        List<int> places = MetadataPlaces(image);
        int refused = 0, wrong = 0;
        for (int seed = 0; seed < images; seed++)
        {
            var random = new Random(seed);
            byte[] damaged = [.. image];
            for (int changes = random.Next(1, 6); changes > 0; changes--)
            {
                int at = places[random.Next(places.Count)] + random.Next(4);
                damaged[at] = random.Next(3) switch { 0 => (byte)random.Next(256), 1 => (byte)(damaged[at] ^ 1 << random.Next(8)), _ => 0xFF };
            }

            if (isSealed)
                Reseal(damaged);
            var system = new Ext4System(damaged, seed, slots: 128);
            long answer = system.Mount(options.Contains("ext2", StringComparison.Ordinal) ? "ext2" : "ext4");
            refused += answer == 0 ? 0 : 1;
            Check(answer, seed);
            if (answer == 0)
                wrong += Walk(system, "/m", seed, depth: 0) ? 0 : 1;
            if (answer == 0)
                Assert.Equal(0, system.Unmount());
        }

        // Mutations that nothing finds would say that nothing was read.
        Assert.True(refused + wrong > images / 10, $"{refused} refused, {wrong} with errors");
    }

    [Theory]
    [InlineData("-t ext4 -b 1024", true, 400)]
    [InlineData("-t ext4 -b 1024 -O ^metadata_csum,^64bit", false, 600)]
    [InlineData("-t ext4 -b 1024 -O ^metadata_csum,uninit_bg", true, 200)]
    public void Wrong_bytes_give_errors_to_who_writes(string options, bool isSealed, int images)
    {
        byte[] image = Make(options);
        List<int> places = MetadataPlaces(image);
        int changed = 0;
        for (int seed = 0; seed < images; seed++)
        {
            var random = new Random(seed);
            byte[] damaged = [.. image];
            for (int changes = random.Next(1, 4); changes > 0; changes--)
            {
                int at = places[random.Next(places.Count)] + random.Next(4);
                damaged[at] = random.Next(3) switch { 0 => (byte)random.Next(256), 1 => (byte)(damaged[at] ^ 1 << random.Next(8)), _ => 0xFF };
            }

            if (isSealed)
                Reseal(damaged);
            var system = new Ext4System(damaged, seed, slots: 400, isAtOnce: seed % 2 == 0);
            long answer = system.Mount(flags: 0);
            Check(answer, seed);
            if (answer != 0)
                continue;
            changed += Change(system, random, seed) > 0 ? 1 : 0;
            answer = system.Unmount();
            Assert.True(answer is 0 or -(long)Errno.EBUSY, $"seed {seed}: {answer}");
        }

        // Who is always refused shows nothing.
        Assert.True(changed > images / 4, $"{changed} of {images}");
    }

    [Theory]
    [InlineData(0x60, 0x10000u, Errno.EINVAL, "unsupported incompatible features")] // encryption
    [InlineData(0x18, 3u, Errno.EINVAL, "unsupported block size")]
    [InlineData(0x20, 0u, Errno.EINVAL, "groups of an unsupported size")]
    [InlineData(0x4, 100_000u, Errno.EINVAL, "more blocks than the device has")]
    [InlineData(0x38, 0u, Errno.EINVAL, "no ext4 superblock")]
    public void Superblocks_that_cannot_be_mounted_are_refused_with_a_reason(int field, uint value, Errno error, string reason)
    {
        byte[] image = Make("-t ext4 -b 1024 -O ^metadata_csum");
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(SuperBlock.Position + field), value);
        var system = new Ext4System(image);
        Assert.Equal(-(long)error, system.Mount());
        Assert.Contains(reason, system.Log.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public void Checksums_are_checked_where_they_are()
    {
        byte[] image = Make("-t ext4 -b 1024");
        image[SuperBlock.Position + 0x78] ^= 1;
        Assert.Equal(-(long)Errno.EBADMSG, new Ext4System(image).Mount());
        // A name's letter in the directory: the block's sum is wrong, and nothing of it is believed.
        image = Make("-t ext4 -b 1024");
        for (int at; (at = image.AsSpan().IndexOf("file-7\0"u8)) >= 0;)
            image[at] ^= 1;
        var system = new Ext4System(image);
        Assert.Equal(0, system.Mount());
        Assert.Equal(-(long)Errno.EBADMSG, system.Client.Stat("/m/d/file-7", out _));
        Assert.Contains("wrong checksum", system.Log[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Sectors_that_cannot_be_read_are_EIO_and_can_be_asked_for_again()
    {
        byte[] image = Make("-t ext4 -b 1024");
        var system = new Ext4System(image);
        Assert.Equal(0, system.Mount());
        // In the middle of a file that is long enough for its blocks to lie apart from all metadata, which is read by whole pages of the device, and ahead.
        const int offset = 40_000, length = 100;
        int at = image.AsSpan().IndexOf(Enumerable.Repeat((byte)'b', 4096).ToArray()) + offset;
        system.Disk.Bad.Add(at / 512);
        long handle = system.Client.Open("/m/big");
        Assert.Equal(-(long)Errno.EIO, system.Client.Read(handle, length, out _, offset));
        system.Disk.Bad.Clear();
        Assert.Equal(length, system.Client.Read(handle, length, out byte[] read, offset));
        Assert.Equal(Enumerable.Repeat((byte)'b', length).ToArray(), read);
    }

    [Fact]
    public void A_read_only_mount_changes_nothing_and_unknown_options_are_refused()
    {
        var system = new Ext4System(Make("-t ext4 -b 1024"));
        Assert.Equal(-(long)Errno.EINVAL, system.Mount(options: "no_such_option"));
        Assert.Equal(0, system.Mount());
        Assert.Equal(-(long)Errno.EROFS, system.Client.Open("/m/new", OpenFlags.Create | OpenFlags.WriteOnly));
        Assert.Equal(-(long)Errno.EROFS, system.Client.Unlink("/m/d/file-9"));
        Assert.Equal(-(long)Errno.EROFS, system.Client.MakeDirectory("/m/x"));
        Assert.Equal(-(long)Errno.EROFS, new Ext4System(Make("-t ext2 -b 1024")).Mount("ext2", flags: 0));
    }

    private static byte[] Make(string options)
    {
        string folder = Directory.CreateTempSubdirectory("ext4-").FullName;
        Directory.CreateDirectory(folder + "/d/e");
        for (int number = 0; number < 90; number++)
            File.WriteAllText($"{folder}/d/file-{number}", $"content of file {number}");
        File.WriteAllText(folder + "/big", new string('b', 60_000));
        File.CreateSymbolicLink(folder + "/link", "d/file-1");
        File.CreateSymbolicLink(folder + "/longer", new string('l', 100));
        string path = Path.GetTempFileName();
        HostTools.Run("mke2fs", $"-q -F {options} -d {folder} {path} {Kilobytes}k");
        HostTools.Debug(path, "ea_set /big user.a some-value\nmknod pipe p\nmknod dev c 1 3");
        HostTools.Optimize(path);
        byte[] image = File.ReadAllBytes(path);
        File.Delete(path);
        Directory.Delete(folder, recursive: true);
        return image;
    }

    // Words of the superblock, of inodes in use, and of blocks that hold metadata: where a wrong number matters.
    private static List<int> MetadataPlaces(byte[] image)
    {
        var super = new SuperBlock(image[SuperBlock.Position..(SuperBlock.Position + SuperBlock.Length)]);
        var places = new List<int>();
        void Add(long from, int length)
        {
            for (int at = 0; at < length; at += 4)
                places.Add((int)from + at);
        }

        Add(SuperBlock.Position, 0x180);
        var group = new GroupDescriptor(image[(2 * BlockSize)..(2 * BlockSize + super.DescriptorLength)]);
        Add(2 * BlockSize, super.DescriptorLength);
        for (int inode = 0; inode < 120; inode++)
            Add(group.InodeTable * BlockSize + inode * super.InodeLength, super.InodeLength);
        for (int block = 0; block < image.Length / BlockSize; block++)
        {
            ReadOnlySpan<byte> bytes = image.AsSpan(block * BlockSize, BlockSize);
            bool isDirectory = bytes[6] == 1 && bytes[8] == '.' && bytes[4] == 12;
            if (isDirectory || bytes.IndexOf("file-"u8) is >= 0 and < 40 || BinaryPrimitives.ReadUInt16LittleEndian(bytes) == 0xF30A)
                Add(block * BlockSize, BlockSize);
        }

        return places;
    }

    // Right sums for wrong bytes: of the superblock, its groups and inodes. Whoever makes an image on purpose does that.
    private static void Reseal(byte[] image)
    {
        Span<byte> bytes = image.AsSpan(SuperBlock.Position, SuperBlock.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[SuperBlock.ChecksumOffset..], SuperBlock.ChecksumOf(bytes));
        var super = new SuperBlock(bytes.ToArray());
        if (super.DescriptorLength is < 64 or > 1024 || super.InodeLength is < 128 or > 1024)
            return;
        byte[] descriptor = image[(2 * BlockSize)..(2 * BlockSize + super.DescriptorLength)];
        var group = new GroupDescriptor(descriptor);
        group.Seal(super, 0);
        descriptor.CopyTo(image, 2 * BlockSize);
        for (uint number = 1; number <= 120; number++)
        {
            long at = group.InodeTable * BlockSize + (number - 1) * super.InodeLength;
            if (at < 0 || at + super.InodeLength > image.Length)
                return;
            byte[] inode = image[(int)at..(int)(at + super.InodeLength)];
            var record = new InodeRecord(inode);
            record.Seal(super, number);
            inode.CopyTo(image, (int)at);
        }
    }

    // Operations of every kind on what is there; the number of those that have answered well.
    private static int Change(Ext4System system, Random random, int seed)
    {
        TestClient client = system.Client;
        int done = 0;
        string[] paths = ["/m/d/file-1", "/m/d/file-70", "/m/big", "/m/d/e", "/m/link", "/m/new", "/m/d/new", "/m/d/e/new", "/m/longer"];
        string Any() => paths[random.Next(paths.Length)];
        for (int step = 0; step < 30; step++)
        {
            string path = Any();
            long answer = random.Next(10) switch
            {
                0 => client.Unlink(path),
                1 => client.MakeDirectory(path),
                2 => client.RemoveDirectory(path),
                3 => client.Rename(path, Any(), (ulong)random.Next(3)),
                4 => client.Link(path, Any()),
                5 => client.SymbolicLink(new string('x', random.Next(1, 100)), path),
                6 => client.MakeNode($"/m/d/more-{step}-{new string('n', 50)}", InodeMode.Regular | 0x1A4),
                7 => client.ChangeMode(path, 0x1FF),
                _ => WriteSome(client, random, path),
            };
            done += Check(answer, seed) ? 1 : 0;
        }

        return done;
    }

    private static long WriteSome(TestClient client, Random random, string path)
    {
        long handle = client.Open(path, OpenFlags.Create | OpenFlags.ReadWrite);
        if (handle < 0)
            return handle;
        long answer = random.Next(4) switch
        {
            0 => client.Truncate(handle, random.Next(70_000)),
            1 => client.Call(VfsOperation.Allocate, a0: (ulong)handle, a1: random.Next(2) == 0 ? 3u : 1u, a2: (ulong)random.Next(50_000), a3: 9000),
            _ => client.Write(handle, new byte[random.Next(1, 9000)], random.Next(90_000)),
        };
        if (random.Next(2) == 0)
            client.Call(VfsOperation.Sync, a0: (ulong)handle, a1: 0);
        client.Close(handle);
        return answer;
    }

    private static bool Walk(Ext4System system, string path, int seed, int depth)
    {
        bool isWhole = true;
        TestClient client = system.Client;
        long handle = client.Open(path, OpenFlags.Directory);
        if (handle < 0)
            return Check(handle, seed);
        var names = new List<string>();
        for (int reads = 0; reads < 300; reads++)
        {
            long length = client.Call(VfsOperation.ReadDirectory, default, 1024, (ulong)handle);
            isWhole &= length >= 0 || Check(length, seed);
            if (length <= 0)
                break;
            names.AddRange(Names(client.Channel.Pool[..(int)length]));
        }

        client.Close(handle);
        foreach (string name in names.Where(static name => name is not ("." or "..")).Take(150))
        {
            string child = $"{path}/{name}";
            long answer = client.Stat(child, out TestStat stat, follow: false);
            isWhole &= answer == 0 || Check(answer, seed);
            if (answer != 0)
                continue;
            isWhole &= InodeMode.Type(stat.Mode) switch
            {
                InodeMode.Directory => depth > 4 || Walk(system, child, seed, depth + 1),
                InodeMode.SymbolicLink => client.ReadLink(child, out _) > 0,
                InodeMode.Regular => ReadSome(client, child, seed),
                _ => true,
            };
        }

        return isWhole;
    }

    private static bool ReadSome(TestClient client, string path, int seed)
    {
        long handle = client.Open(path);
        if (handle < 0)
            return Check(handle, seed);
        bool isWhole = true;
        foreach (long offset in (long[])[0, 4096, 1 << 20, 1L << 33])
        {
            long length = client.Read(handle, 8192, out _, offset);
            isWhole &= length >= 0 || Check(length, seed);
        }

        foreach (uint whence in (uint[])[3, 4])
        {
            long found = client.Seek(handle, 0, whence);
            isWhole &= found >= 0 || Check(found, seed);
        }

        client.Close(handle);
        return isWhole;
    }

    // True for success; an error must be one of those that Linux gives.
    private static bool Check(long answer, int seed)
    {
        Assert.True(answer >= 0 || Expected.Contains((Errno)(-answer)), $"seed {seed}: {(Errno)(-answer)}");
        return answer >= 0;
    }

    private static List<string> Names(ReadOnlySpan<byte> records)
    {
        var names = new List<string>();
        for (int at = 0; at < records.Length;)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(records[(at + 16)..]);
            ReadOnlySpan<byte> name = records[(at + 19)..(at + length)];
            names.Add(System.Text.Encoding.UTF8.GetString(name[..name.IndexOf((byte)0)]));
            at += length;
        }

        return names;
    }
}
