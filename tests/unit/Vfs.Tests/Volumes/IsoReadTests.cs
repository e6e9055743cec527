using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Libsys.Linux;
using Libsys.Messages;
using Servers.Vfs.Tests.Ext4;

namespace Servers.Vfs.Tests.Volumes;

/// <summary>Images that genisoimage and xorriso have made are read as what they were made of.</summary>
public sealed class IsoReadTests
{
    private static readonly string[] WithRockRidge = ["-quiet", "-R"];

    [Theory]
    [InlineData("genisoimage", "-quiet -R")]
    [InlineData("genisoimage", "-quiet -R -iso-level 4")]
    [InlineData("xorriso", "-as mkisofs -quiet -R")]
    [InlineData("xorriso", "-as mkisofs -quiet -R -J -joliet-long -no-pad")]
    public void A_tree_is_what_it_was_made_of(string tool, string options)
    {
        using var tree = new SourceTree(11);
        string deep = tree.Root + "/1/2/3/4/5/6/7/8/9/10/11";
        Directory.CreateDirectory(deep);
        File.WriteAllText(deep + "/file", "far below");
        byte[] image = Make(tool, options, tree.Root), before = [.. image];
        var system = new VolumeSystem(image, slots: 300);
        Assert.Equal(-(long)Errno.EACCES, system.Mount("iso9660", flags: 0));
        Assert.Equal(0, system.Mount("iso9660"));
        int count = 0;
        foreach ((string path, string expected) in tree.StatAll("%m:%s:%U:%G:%y:%T@|"))
        {
            Assert.Equal(0, system.Client.Stat("/m" + path, out TestStat stat, follow: false));
            Assert.Equal(expected[..expected.LastIndexOf('.')], Describe(system, stat, expected));
            string source = tree.Root + path;
            count++;
            if (InodeMode.Type(stat.Mode) == InodeMode.Regular)
                Assert.Equal(File.ReadAllBytes(source), system.ReadAll("/m" + path));
            else if (InodeMode.Type(stat.Mode) == InodeMode.SymbolicLink)
                Assert.Equal(new FileInfo(source).LinkTarget, system.Client.ReadLink("/m" + path, out string text) > 0 ? text : "");
            else if (InodeMode.Type(stat.Mode) == InodeMode.Directory)
                Assert.Equal(
                    Directory.EnumerateFileSystemEntries(source).Select(static name => Path.GetFileName(name)!).Order(StringComparer.Ordinal).ToArray(),
                    system.Names("/m" + path));
        }

        Assert.True(count > SourceTree.ManyNames);
        Assert.Equal("far below", system.Client.ReadText("/m/1/2/3/4/5/6/7/8/9/10/11/file"));
        Assert.Equal(-(long)Errno.ENOENT, system.Client.Stat("/m/A", out _));
        Assert.Equal(-(long)Errno.EROFS, system.Client.Unlink("/m/short"));
        Assert.Equal("/disk /m iso9660 ro,relatime,nojoliet,check=s,map=n,blocksize=2048,iocharset=utf8 0 0\n", system.MountLine());
        Assert.Equal(0, system.Unmount());
        Assert.Equal(before, system.Disk.Bytes);
        Assert.Empty(system.Log);
    }

    [Fact]
    public void Device_nodes_are_those_of_the_tree()
    {
        string folder = Directory.CreateTempSubdirectory("iso-").FullName;
        VolumeSystem.Run("mkfifo", folder + "/fifo");
        byte[] image = Make("genisoimage", "-quiet -R", folder);
        Directory.Delete(folder, recursive: true);
        // A node needs rights on the host: the fifo's mode and a number in place of one of the time stamps make one.
        int px = image.AsSpan().LastIndexOf("PX"u8);
        Both(InodeMode.Character | 0x1B6).CopyTo(image, px + 4);
        int tf = px + image.AsSpan(px).IndexOf("TF"u8);
        byte[] pn = [.. "PN"u8, 20, 1, .. Both(0x234), .. Both(0x56789)];
        Assert.True(image[tf + 2] >= pn.Length, "the time stamps have room for a number");
        byte length = image[tf + 2];
        pn.CopyTo(image, tf);
        // What is left of them is an entry that nobody knows.
        (image[tf + pn.Length], image[tf + pn.Length + 1], image[tf + pn.Length + 2]) = ((byte)'Z', (byte)'Z', (byte)(length - pn.Length));
        var system = new VolumeSystem(image);
        Assert.Equal(0, system.Mount("iso9660"));
        Assert.Equal(0, system.Client.Stat("/m/fifo", out TestStat stat));
        Assert.Equal(InodeMode.Character | 0x1B6u, stat.Mode);
        Assert.Equal(
            DeviceNumber.Make(0x234, 0x56789), (uint)BinaryPrimitives.ReadUInt64LittleEndian(system.Client.Channel.Pool[StatLayout.SpecialDevice..]));
    }

    [Fact]
    public void Without_Rock_Ridge_names_are_those_of_Joliet_and_their_case_does_not_matter()
    {
        string folder = Names();
        byte[] image = Make("genisoimage", "-quiet -J -R", folder);
        Directory.Delete(folder, recursive: true);
        var system = new VolumeSystem(image);
        Assert.Equal(0, system.Mount("iso9660", "norock"));
        Assert.Equal(["A longer name.TEXT", "dir", "lower.txt", "naïve-ß"], system.Names("/m"));
        Assert.Equal("one", system.Client.ReadText("/m/a LONGER name.text"));
        Assert.Equal("two", system.Client.ReadText("/m/naïve-ß"));
        Assert.Equal("four", system.Client.ReadText("/m/DIR/Inner"));
        Assert.Equal(0, system.Client.Stat("/m/lower.txt", out TestStat stat));
        Assert.Equal((InodeMode.Regular | 0x16Du, 1ul), (stat.Mode, stat.Links));
        Assert.Contains(",norock,check=r,map=n,blocksize=2048,iocharset=utf8", system.MountLine(), StringComparison.Ordinal);
        Assert.Equal(0, system.Unmount());
        Assert.Equal(0, system.Mount("iso9660", "norock,check=strict,iocharset=iso8859-1,mode=0640,dmode=0751,uid=5,gid=6"));
        Assert.Equal(-(long)Errno.ENOENT, system.Client.Stat("/m/LOWER.TXT", out _));
        Assert.Equal(0, system.Client.Stat("/m/lower.txt", out stat));
        Assert.Equal((InodeMode.Regular | 0x1A0u, 5u, 6u), (stat.Mode, stat.User, stat.Group));
        Assert.Equal(0, system.Client.Stat("/m/dir", out stat));
        Assert.Equal(InodeMode.Directory | 0x1E9u, stat.Mode);
    }

    [Theory]
    [InlineData("", "dir lower.txt name.tex")]
    [InlineData("map=normal", "dir lower.txt name.tex")]
    [InlineData("map=off", "DIR LOWER.TXT;1 NAME.TEX;1")]
    public void Without_extensions_names_are_as_map_says(string options, string expected)
    {
        string folder = Directory.CreateTempSubdirectory("iso-").FullName;
        Directory.CreateDirectory(folder + "/dir");
        File.WriteAllText(folder + "/lower.txt", "three");
        File.WriteAllText(folder + "/name.tex", "one");
        byte[] image = Make("genisoimage", "-quiet", folder);
        Directory.Delete(folder, recursive: true);
        var system = new VolumeSystem(image);
        Assert.Equal(0, system.Mount("iso9660", options));
        Assert.Equal(expected, string.Join(' ', system.Names("/m")));
        Assert.Equal("three", system.Client.ReadText("/m/" + expected.Split(' ')[1]));
        string map = options == "map=off" ? "o" : "n";
        Assert.Equal($"/disk /m iso9660 ro,relatime,nojoliet,check=s,map={map},blocksize=2048,iocharset=utf8 0 0\n", system.MountLine());
    }

    [Fact]
    public void A_file_of_several_sections_is_one()
    {
        string folder = Directory.CreateTempSubdirectory("iso-").FullName;
        byte[] first = new byte[6 * 2048], second = new byte[5000];
        new Random(3).NextBytes(first);
        new Random(4).NextBytes(second);
        File.WriteAllBytes(folder + "/aa", first);
        File.WriteAllBytes(folder + "/ab", second);
        File.WriteAllText(folder + "/ac", "another");
        byte[] image = Make("genisoimage", "-quiet", folder);
        Directory.Delete(folder, recursive: true);
        // The record of "AB" goes on with "AA", as those of a file of more than 4 GiB do.
        int one = image.AsSpan().IndexOf("AA.;1"u8) - 33, other = image.AsSpan().IndexOf("AB.;1"u8) - 33;
        image[one + 25] |= 0x80;
        "AA.;1"u8.CopyTo(image.AsSpan(other + 33));
        var system = new VolumeSystem(image);
        Assert.Equal(0, system.Mount("iso9660"));
        Assert.Equal(["aa", "ac"], system.Names("/m"));
        Assert.Equal([.. first, .. second], system.ReadAll("/m/aa"));
        Assert.Equal("another", system.Client.ReadText("/m/ac"));
    }

    [Fact]
    public void What_cannot_be_mounted_is_refused()
    {
        Assert.Equal(-(long)Errno.EINVAL, new VolumeSystem(new byte[1 << 20]).Mount("iso9660"));
        byte[] image = Make("genisoimage", string.Join(' ', WithRockRidge), MakeSmall(out string folder));
        Directory.Delete(folder, recursive: true);
        Assert.Equal(-(long)Errno.EINVAL, new VolumeSystem(image).Mount("iso9660", "no_such_option"));
        Assert.Equal(-(long)Errno.EINVAL, new VolumeSystem(image).Mount("iso9660", "iocharset=klingon"));
        var system = new VolumeSystem(image);
        Assert.Equal(0, system.Mount("iso9660"));
        Assert.Equal(-(long)Errno.EROFS, system.Client.Open("/m/new", OpenFlags.Create | OpenFlags.WriteOnly));
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(16 * 2048 + 128), 4096);
        system = new VolumeSystem(image);
        Assert.Equal(-(long)Errno.EINVAL, system.Mount("iso9660"));
        Assert.Contains("blocks of 4096 bytes", system.Log.Single(), StringComparison.Ordinal);
    }

    internal static byte[] Make(string tool, string options, string folder) =>
        VolumeSystem.Make(path => VolumeSystem.Run(tool, [.. options.Split(' '), "-o", path, folder]));

    private static string MakeSmall(out string folder)
    {
        folder = Directory.CreateTempSubdirectory("iso-").FullName;
        File.WriteAllText(folder + "/file", "small");
        return folder;
    }

    private static string Names()
    {
        string folder = Directory.CreateTempSubdirectory("iso-").FullName;
        Directory.CreateDirectory(folder + "/dir");
        File.WriteAllText(folder + "/A longer name.TEXT", "one");
        File.WriteAllText(folder + "/naïve-ß", "two");
        File.WriteAllText(folder + "/lower.txt", "three");
        File.WriteAllText(folder + "/dir/Inner", "four");
        return folder;
    }

    private static byte[] Both(uint value)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), value);
        return bytes;
    }

    private static string Describe(VolumeSystem system, TestStat stat, string expected)
    {
        long seconds = BinaryPrimitives.ReadInt64LittleEndian(system.Client.Channel.Pool[StatLayout.ModifyTime..]);
        bool isDirectory = InodeMode.Type(stat.Mode) == InodeMode.Directory;
        string kind = InodeMode.Type(stat.Mode) switch { InodeMode.Regular => "f", InodeMode.Directory => "d", InodeMode.SymbolicLink => "l", _ => "p" };
        // Lengths of directories are the file system's own matter.
        string size = isDirectory ? expected.Split(':')[1] : stat.Size.ToString(CultureInfo.InvariantCulture);
        return $"{Convert.ToString(stat.Mode & 0xFFF, 8)}:{size}:{stat.User}:{stat.Group}:{kind}:{seconds}";
    }
}
