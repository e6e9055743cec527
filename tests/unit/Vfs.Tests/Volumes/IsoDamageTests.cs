using Libsys.Linux;
using Libsys.Messages;

namespace Servers.Vfs.Tests.Volumes;

/// <summary>What a disc says is checked: images with wrong bytes give errors that Linux gives, and nothing else.</summary>
public sealed class IsoDamageTests
{
    [Theory]
    [InlineData("-quiet -R", "", 1500)]
    [InlineData("-quiet -J", "", 800)]
    [InlineData("-quiet", "map=off", 400)]
    public void Wrong_bytes_anywhere_give_errors(string tool, string options, int images)
    {
        string folder = Directory.CreateTempSubdirectory("iso-").FullName;
        string deep = folder + "/1/2/3/4/5/6/7/8/9";
        Directory.CreateDirectory(deep);
        File.WriteAllText(deep + "/file", "far below");
        for (int number = 0; number < 40; number++)
            File.WriteAllText($"{folder}/1/file-{number}-{new string('x', number * 4)}", $"content of file {number}");
        File.CreateSymbolicLink(folder + "/link", "1/2/../../somewhere");
        File.WriteAllText(folder + "/big", new string('b', 60_000));
        byte[] image = IsoReadTests.Make("genisoimage", tool, folder);
        Directory.Delete(folder, recursive: true);
        DamagedImages.Check(image, "iso9660", options, images, MetadataPlaces(image));
    }

    [Fact]
    public void Circles_end()
    {
        string folder = Directory.CreateTempSubdirectory("iso-").FullName;
        Directory.CreateDirectory(folder + "/dd/ee");
        byte[] image = IsoReadTests.Make("genisoimage", "-quiet", folder);
        Directory.Delete(folder, recursive: true);
        // The inner directory's record leads to the outer one, and then to the root.
        int outer = image.AsSpan().LastIndexOf("\u0002DD"u8) - 32, inner = image.AsSpan().LastIndexOf("\u0002EE"u8) - 32;
        image.AsSpan(outer + 2, 8).CopyTo(image.AsSpan(inner + 2));
        var system = new VolumeSystem(image);
        Assert.Equal(0, system.Mount("iso9660"));
        Assert.Equal(-(long)Errno.EIO, system.Client.Stat("/m/dd/ee", out _));
        Assert.Contains("lies in more than one", system.Log.Single(), StringComparison.Ordinal);
        image.AsSpan(16 * 2048 + 156 + 2, 8).CopyTo(image.AsSpan(inner + 2));
        system = new VolumeSystem(image);
        Assert.Equal(0, system.Mount("iso9660"));
        Assert.Equal(-(long)Errno.EIO, system.Client.Stat("/m/dd/ee", out _));
    }

    [Fact]
    public void An_area_of_Rock_Ridge_that_goes_on_with_itself_ends()
    {
        string folder = Directory.CreateTempSubdirectory("iso-").FullName;
        File.WriteAllText(folder + "/" + new string('n', 200), "long name");
        byte[] image = IsoReadTests.Make("genisoimage", "-quiet -R", folder);
        Directory.Delete(folder, recursive: true);
        int at = -1;
        for (int from = 0; image.AsSpan(from).IndexOf("CE\x1C\x01"u8) is var found and >= 0; from = at + 4)
        {
            at = from + found;
            // The area that it names: a circle of one, put at its beginning.
            int block = BitConverter.ToInt32(image, at + 4), offset = BitConverter.ToInt32(image, at + 12);
            image.AsSpan(at, 28).ToArray().CopyTo(image, block * 2048 + offset);
        }

        Assert.True(at > 0, "an area is continued");
        var system = new VolumeSystem(image);
        system.Mount("iso9660");
        long handle = system.Client.Open("/m");
        Assert.True(handle < 0 || system.Client.Call(VfsOperation.ReadDirectory, default, 1024, (ulong)handle) is < 0 or > 0);
        Assert.Contains("wrong continuation", string.Join('\n', system.Log), StringComparison.Ordinal);
    }

    // Descriptors and every block with records.
    private static List<int> MetadataPlaces(byte[] image)
    {
        var places = new List<int>();
        for (int block = 16; block < image.Length / 2048; block++)
        {
            ReadOnlySpan<byte> bytes = image.AsSpan(block * 2048, 2048);
            bool hasRecords = bytes.IndexOf("RR"u8) >= 0 || bytes.IndexOf("PX"u8) >= 0 || (bytes[0] == 34 && bytes[32] == 1) || bytes.IndexOf("CD001"u8) == 1;
            for (int at = 0; hasRecords && at < 2048; at++)
            {
                if (bytes[at] != 0 || at % 8 == 0)
                    places.Add(block * 2048 + at);
            }
        }

        return places;
    }
}
