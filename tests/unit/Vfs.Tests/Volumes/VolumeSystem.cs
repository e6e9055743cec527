using System.Diagnostics;
using System.Text;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Blocks;
using Servers.Vfs.Fat;
using Servers.Vfs.Iso9660;
using Servers.Vfs.Names;
using Servers.Vfs.Pages;
using Servers.Vfs.Tests.Ext4;
using Servers.Vfs.Volumes;

namespace Servers.Vfs.Tests.Volumes;

/// <summary>A vfs with a disk on which there is an image of one of the formats that are only read, and a client that mounts it at /m.</summary>
internal sealed class VolumeSystem
{
    private const uint Number = 0x801, ReadOnly = 1;

    private readonly HeapArena arena;

    public VolumeSystem(byte[] image, int seed = 1, int slots = 512, bool isAtOnce = false)
    {
        arena = new HeapArena(slots);
        Cache = new PageCache(arena, new TestMappings(arena), new Budget(1 << 20), () => System.Clock.Monotonic);
        Disk = new TestDisk(image, arena, seed) { IsAtOnce = isAtOnce };
        Device = new BlockDevice(Disk, "sda1", Number, 0, image.Length / 512, Cache);
        Assert.True(System.BlockDevices.TryAdd(Device));
        // Few, so that everything is read again and again.
        var sources = new VolumeSources(System.BlockDevices, Cache, System.Clock, System.Devices, System.Memory.Pipes, Log.Add)
        {
            CachedNames = 8, CachedInodes = 6,
        };
        System.Types.Add(new IsoType(sources));
        System.Types.Add(new FatType(sources));
        System.Pump = Disk.Step;
        Client = System.NewClient(1);
        Assert.Equal(0, Client.MakeNode("/disk", InodeMode.Block | 0x180, Number));
        Assert.Equal(0, Client.MakeDirectory("/m"));
    }

    public TestSystem System { get; } = new();

    public TestDisk Disk { get; }

    public BlockDevice Device { get; }

    public PageCache Cache { get; }

    public TestClient Client { get; }

    public List<string> Log { get; } = [];

    /// <summary>Runs a tool of the host on an image in a file, and gives the image.</summary>
    public static byte[] Make(Action<string> make)
    {
        string path = Path.GetTempFileName();
        try
        {
            make(path);
            return File.ReadAllBytes(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    public static string Run(string tool, params string[] arguments)
    {
        var start = new ProcessStartInfo(tool, arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, StandardOutputEncoding = Encoding.UTF8,
        };
        // Debian has some where only root looks.
        start.FileName = File.Exists("/usr/sbin/" + tool) ? "/usr/sbin/" + tool : "/usr/bin/" + tool;
        start.Environment["LC_ALL"] = "C.UTF-8";
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{tool} {string.Join(' ', arguments)}: {process.ExitCode}\n{output}{errors.GetAwaiter().GetResult()}");
        return output;
    }

    /// <summary>mount(2): 0 or −errno.</summary>
    public long Mount(string type, string options = "", uint flags = ReadOnly)
    {
        byte[][] parts = [TestClient.Bytes("/disk"), TestClient.Bytes("/m"), TestClient.Bytes(type), TestClient.Bytes(options)];
        return Client.Call(VfsOperation.Mount, parts.SelectMany(static part => part).ToArray(), a0: flags, a1: (ulong)parts[0].Length,
            a2: (ulong)parts[1].Length, a3: (ulong)parts[2].Length, a4: (ulong)parts[3].Length);
    }

    public long Unmount() => Client.Call(VfsOperation.Unmount, TestClient.Bytes("/m"));

    /// <summary>The line of /proc/mounts.</summary>
    public string MountLine()
    {
        var text = new StringBuilder();
        MountText.AppendMounts(text, System.Mounts.All[^1], Client.Connection.Slots[1].Context.Root);
        return text.ToString();
    }

    /// <summary>A whole file, or null if reading answers an error.</summary>
    public byte[] ReadAll(string path)
    {
        long handle = Client.Open(path);
        Assert.True(handle >= 0, $"{path}: {handle}");
        var all = new List<byte>();
        while (Client.Read(handle, 16384, out byte[] piece) is var length and not 0)
        {
            Assert.True(length > 0, $"{path}: {length}");
            all.AddRange(piece);
        }

        Client.Close(handle);
        return [.. all];
    }

    /// <summary>Names in a directory, without "." and "..", sorted.</summary>
    public string[] Names(string path) => [.. Client.List(path).Where(static name => name is not ("." or "..")).Order(StringComparer.Ordinal)];
}
