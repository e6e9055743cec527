using System.Buffers.Binary;
using Libsys.Linux;
using Servers.Vfs.Fat;

namespace Servers.Vfs.Tests.Volumes;

/// <summary>What a disk says is checked: images with wrong bytes give errors that Linux gives, and nothing else.</summary>
public sealed class FatDamageTests
{
    [Theory]
    [InlineData("-F 12", 1440, 1200)]
    [InlineData("-F 16 -s 1", 4096, 800)]
    [InlineData("-F 32 -s 1", 34000, 1000)]
    public void Wrong_bytes_anywhere_give_errors(string options, int kilobytes, int images)
    {
        byte[] image = Make(options, kilobytes);
        FatGeometry geometry = FatGeometry.Read(image.AsSpan(0, 512), out _)!;
        List<int> places = [.. Enumerable.Range(11, 41), .. Enumerable.Range((int)geometry.TableStart, 400)];
        for (int at = (int)geometry.RootStart; at < Math.Min(image.Length, geometry.DataStart + (1 << 20)) - 32; at += 32)
        {
            bool isEntry = image[at + 11] is 0x0F or 0x10 or 0x20 && image[at] != 0;
            if (isEntry)
                places.AddRange(Enumerable.Range(at, 32));
        }

        DamagedImages.Check(image, "vfat", "", images, places);
    }

    [Fact]
    public void Circles_in_the_table_and_in_the_tree_end()
    {
        byte[] image = Make("-F 16 -s 1", 4096);
        FatGeometry geometry = FatGeometry.Read(image.AsSpan(0, 512), out _)!;
        // "big" goes on with its first cluster after the second.
        int entry = image.AsSpan().IndexOf("BIG        "u8);
        ushort first = BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan(entry + 26));
        Span<byte> table = image.AsSpan((int)geometry.TableStart);
        BinaryPrimitives.WriteUInt16LittleEndian(table[((first + 1) * 2)..], first);
        // The inner directory is the outer one.
        int outer = image.AsSpan().IndexOf("OUTER      "u8), inner = image.AsSpan().IndexOf("INNER      "u8);
        image.AsSpan(outer + 26, 2).CopyTo(image.AsSpan(inner + 26));
        var system = new VolumeSystem(image);
        Assert.Equal(0, system.Mount("vfat"));
        Assert.Equal(60_000, system.ReadAll("/m/big").Length);
        Assert.Equal(0, system.Client.Stat("/m/outer/inner", out _));
        Assert.Equal(-(long)Errno.EIO, system.Client.Stat("/m/outer/inner/inner", out _));
        // A directory whose chain is a circle has no end.
        BinaryPrimitives.WriteUInt16LittleEndian(table[(BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan(outer + 26)) * 2)..],
            BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan(outer + 26)));
        system = new VolumeSystem(image);
        Assert.Equal(0, system.Mount("vfat"));
        Assert.Equal(-(long)Errno.EIO, system.Client.Stat("/m/outer", out _));
    }

    [Fact]
    public void A_file_that_is_longer_than_its_chain_is_EIO_where_there_is_no_cluster()
    {
        byte[] image = Make("-F 12", 1440);
        int entry = image.AsSpan().IndexOf("BIG        "u8);
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(entry + 28), uint.MaxValue);
        var system = new VolumeSystem(image);
        Assert.Equal(0, system.Mount("vfat"));
        long handle = system.Client.Open("/m/big");
        Assert.Equal(100, system.Client.Read(handle, 100, out byte[] read, 50_000));
        Assert.All(read, static value => Assert.Equal((byte)'b', value));
        Assert.Equal(-(long)Errno.EIO, system.Client.Read(handle, 100, out _, 1 << 20));
    }

    [Theory]
    [InlineData(11, 513, "sectors of 513 bytes")]
    [InlineData(14, 0, "no reserved sectors")]
    [InlineData(17, 17, "a root directory that ends within a sector")]
    public void Parameters_that_cannot_be_are_refused_with_a_reason(int field, int value, string reason)
    {
        byte[] image = Make("-F 12", 1440);
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(field), (ushort)value);
        var system = new VolumeSystem(image);
        Assert.Equal(-(long)Errno.EINVAL, system.Mount("vfat"));
        Assert.Contains(reason, system.Log.Single(), StringComparison.Ordinal);
    }

    private static byte[] Make(string options, int kilobytes)
    {
        string folder = Directory.CreateTempSubdirectory("fat-").FullName;
        Directory.CreateDirectory(folder + "/outer/inner/most");
        for (int number = 0; number < 40; number++)
            File.WriteAllText($"{folder}/outer/file {number} {new string('x', number * 4)}", $"content of file {number}");
        File.WriteAllText(folder + "/big", new string('b', 60_000));
        byte[] image = FatImage.Make(options, kilobytes, folder);
        Directory.Delete(folder, recursive: true);
        return image;
    }
}
