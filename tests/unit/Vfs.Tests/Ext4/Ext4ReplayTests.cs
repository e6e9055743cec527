using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Libsys.Linux;
using Libsys.Messages;

namespace Servers.Vfs.Tests.Ext4;

/// <summary>Journals that debugfs has written are replayed as e2fsck replays them.</summary>
public sealed class Ext4ReplayTests
{
    private const int BlockSize = 1024;

    [Theory]
    [InlineData("", "")]
    [InlineData("-c -v 2", "")]
    [InlineData("-c -v 3", "")]
    [InlineData("-c -v 3", "-O ^64bit")]
    [InlineData("-c -v 2", "-O ^64bit")]
    [InlineData("", "-O ^64bit,^metadata_csum")]
    public void Transactions_are_replayed_as_e2fsck_replays_them(string journal, string options)
    {
        var random = new Random(3);
        byte[] image = Make(options, out long[] blocks);
        // The journal's own number at the beginning of a block is left out of the log; what is revoked later is not written, unless it is written again.
        byte[] first = Block(random), second = Block(random), third = Block(random);
        BinaryPrimitives.WriteUInt32BigEndian(second, 0xC03B3998);
        image = Log(image, journal, (blocks[0], first), (blocks[1], second), (blocks[2], first), (-blocks[2], []), (blocks[3], first), (-blocks[3], []),
            (blocks[3], third));
        byte[] expected = Recovered(image);
        for (int seed = 0; seed < 4; seed++)
        {
            var system = new Ext4System([.. image], seed, isAtOnce: seed == 3);
            Assert.Equal(0, system.Mount());
            byte[] all = system.ReadAll("/m/f");
            Assert.Equal(FileOf(expected, blocks), all);
            Assert.Equal(first, all[..BlockSize]);
            Assert.Equal(second, all[BlockSize..(2 * BlockSize)]);
            Assert.Equal(third, all[(3 * BlockSize)..(4 * BlockSize)]);
            Assert.NotEqual(first, all[(2 * BlockSize)..(3 * BlockSize)]);
            Assert.Equal(0, system.Unmount());
            Assert.Equal("", HostTools.Check(system.Disk.Bytes));
            Assert.DoesNotContain("needs_recovery", HostTools.Ask(system.Disk.Bytes, "features"), StringComparison.Ordinal);
            // Nothing is replayed again.
            int writes = system.Disk.Writes;
            Assert.Equal(0, system.Mount());
            Assert.Equal(writes, system.Disk.Writes);
        }
    }

    [Theory]
    [InlineData(1)] // 1: the commit block
    [InlineData(2)] // 2: the descriptor
    public void What_is_damaged_ends_the_journal(int part)
    {
        var random = new Random(4);
        byte[] image = Make("", out long[] blocks);
        byte[] first = Block(random), second = Block(random);
        image = Log(image, "-c -v 3", (blocks[0], first), (blocks[1], second));
        // Blocks of the journal by their kind: the last one of each is the second transaction's.
        int last = -1;
        for (int at = 0; at < image.Length; at += BlockSize)
        {
            bool isOfJournal = BinaryPrimitives.ReadUInt32BigEndian(image.AsSpan(at)) == 0xC03B3998;
            if (isOfJournal && BinaryPrimitives.ReadUInt32BigEndian(image.AsSpan(at + 4)) == (part == 1 ? 2 : 1))
                last = at;
        }

        image[last + 0x30] ^= 0x40;
        var system = new Ext4System(image);
        Assert.Equal(0, system.Mount());
        byte[] all = system.ReadAll("/m/f");
        Assert.Equal(first, all[..BlockSize]);
        Assert.NotEqual(second, all[BlockSize..(2 * BlockSize)]);
        Assert.Contains(system.Log, static line => line.Contains("which is damaged", StringComparison.Ordinal));
    }

    [Fact]
    public void A_block_that_is_damaged_in_the_journal_is_not_written_and_the_mount_fails()
    {
        var random = new Random(5);
        byte[] image = Make("", out long[] blocks);
        byte[] first = Block(random);
        image = Log(image, "-c -v 3", (blocks[0], first));
        int at = image.AsSpan().IndexOf(first);
        image[at + 5] ^= 1;
        Assert.Equal(-(long)Errno.EBADMSG, new Ext4System(image).Mount());
        Assert.Equal(0, new Ext4System(image).Mount(options: "noload"));
    }

    [Fact]
    public void A_disk_that_cannot_be_written_is_not_replayed()
    {
        byte[] image = Log(Make("", out long[] blocks), "-c -v 3", (blocks[0], Block(new Random(6))));
        var system = new Ext4System(image, isReadOnlyDisk: true);
        Assert.Equal(-(long)Errno.EROFS, system.Mount());
        Assert.Equal(0, system.Mount(options: "norecovery"));
        Assert.Equal(0, system.Disk.Writes);
    }

    [Fact]
    public void A_replay_that_fails_can_be_made_again_and_damaged_journals_do_no_harm()
    {
        var random = new Random(7);
        byte[] image = Make("", out long[] blocks);
        byte[] first = Block(random);
        image = Log(image, "-c -v 3", (blocks[0], first), (blocks[1], first));
        var system = new Ext4System([.. image]);
        system.Disk.Bad.Add(blocks[1] * 2);
        Assert.Equal(-(long)Errno.EIO, system.Mount());
        system.Disk.Bad.Clear();
        Assert.Equal(0, system.Mount());
        Assert.Equal(first, system.ReadAll("/m/f")[..BlockSize]);
        int start = image.AsSpan().IndexOf((byte[])[0xC0, 0x3B, 0x39, 0x98, 0, 0, 0, 4]);
        for (int seed = 0; seed < 300; seed++)
        {
            byte[] damaged = [.. image];
            var chance = new Random(seed);
            for (int changes = chance.Next(1, 5); changes > 0; changes--)
                damaged[start + chance.Next(chance.Next(2) == 0 ? 256 : 8 * BlockSize)] = (byte)chance.Next(256);
            var other = new Ext4System(damaged, seed);
            long answer = other.Mount();
            Assert.True(answer is 0 or -(long)Errno.EUCLEAN or -(long)Errno.EBADMSG or -(long)Errno.EINVAL, $"{seed}: {answer}");
        }
    }

    private static byte[] Block(Random random)
    {
        byte[] bytes = new byte[BlockSize];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] Make(string options, out long[] blocks)
    {
        string folder = Directory.CreateTempSubdirectory("ext4-").FullName;
        byte[] bytes = new byte[40 * BlockSize];
        new Random(1).NextBytes(bytes);
        File.WriteAllBytes(folder + "/f", bytes);
        byte[] image = HostTools.MakeImage($"-t ext4 -b 1024 {options}", 16384, folder);
        Directory.Delete(folder, recursive: true);
        blocks = [.. Regex.Match(HostTools.Ask(image, "blocks /f"), "\n([0-9 ]+)\n?").Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(static number => long.Parse(number, CultureInfo.InvariantCulture))];
        Assert.Equal(40, blocks.Length);
        return image;
    }

    // A transaction each: a block and its bytes, or the negative number of one that is revoked.
    private static byte[] Log(byte[] image, string options, params (long Block, byte[] Bytes)[] transactions)
    {
        string folder = Directory.CreateTempSubdirectory("ext4-").FullName, path = folder + "/image";
        File.WriteAllBytes(path, image);
        var commands = new StringBuilder($"jo {options}\n");
        for (int number = 0; number < transactions.Length; number++)
        {
            (long block, byte[] bytes) = transactions[number];
            File.WriteAllBytes($"{folder}/{number}", bytes);
            commands.AppendLine(block < 0 ? $"jw -r {-block}" : $"jw -b {block} {folder}/{number}");
        }

        HostTools.Debug(path, commands + "jc");
        image = File.ReadAllBytes(path);
        Directory.Delete(folder, recursive: true);
        Assert.Contains("needs_recovery", HostTools.Ask(image, "features"), StringComparison.Ordinal);
        return image;
    }

    private static byte[] Recovered(byte[] image)
    {
        string path = Path.GetTempFileName();
        File.WriteAllBytes(path, image);
        HostTools.Optimize(path);
        byte[] recovered = File.ReadAllBytes(path);
        File.Delete(path);
        return recovered;
    }

    private static byte[] FileOf(byte[] image, long[] blocks) =>
        [.. blocks.SelectMany(block => image[(int)(block * BlockSize)..(int)((block + 1) * BlockSize)])];
}
