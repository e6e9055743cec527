using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Blocks;
using Servers.Vfs.Ext4;
using Servers.Vfs.Pages;

namespace Servers.Vfs.Tests.Ext4;

/// <summary>A vfs with a disk on which there is an image, and a client that mounts it.</summary>
internal sealed class Ext4System
{
    private const uint Number = 0x801, ReadOnly = 1;

    private readonly TestSystem system = new();
    private readonly HeapArena arena;

    public Ext4System(
        byte[] image, int seed = 1, int slots = 512, bool isReadOnlyDisk = false, bool isAtOnce = false, bool hasWriteCache = true)
    {
        arena = new HeapArena(slots);
        Mappings = new TestMappings(arena);
        Cache = new PageCache(arena, Mappings, new Budget(1 << 20), () => system.Clock.Monotonic);
        Disk = new TestDisk(image, arena, seed)
        {
            IsAtOnce = isAtOnce,
            Traits = new DiskTraits(image.Length / 512, 512, 4096, isReadOnlyDisk, false, false, hasWriteCache, "test"),
        };
        Device = new BlockDevice(Disk, "sda1", Number, 0, image.Length / 512, Cache);
        Assert.True(system.BlockDevices.TryAdd(Device));
        Assert.True(system.Devices.TryAddBlock(Number, new BlockNode(Device)));
        // Few, so that everything is read again and again.
        var sources = new Ext4Sources(system.BlockDevices, Cache, system.Clock, system.Devices, system.Memory.Pipes, Log.Add)
        {
            CachedNames = 8, CachedInodes = 6, Alarms = system.Alarms.Create,
        };
        foreach (string name in (string[])["ext4", "ext3", "ext2"])
            system.Types.Add(new Ext4Type(name, sources));
        system.Pump = Disk.Step;
        Client = system.NewClient(1);
        Assert.Equal(0, Client.MakeNode("/disk", InodeMode.Block | 0x180, Number));
        Assert.Equal(0, Client.MakeDirectory("/m"));
    }

    public TestDisk Disk { get; }

    public BlockDevice Device { get; }

    public PageCache Cache { get; }

    public TestMappings Mappings { get; }

    public TestClient Client { get; }

    public List<string> Log { get; } = [];

    public TestSystem System => system;

    /// <summary>mount(2) at /m: 0 or −errno.</summary>
    public long Mount(string type = "ext4", uint flags = ReadOnly, string options = "")
    {
        byte[][] parts = [TestClient.Bytes("/disk"), TestClient.Bytes("/m"), TestClient.Bytes(type), TestClient.Bytes(options)];
        return Client.Call(VfsOperation.Mount, parts.SelectMany(static part => part).ToArray(), a0: flags, a1: (ulong)parts[0].Length,
            a2: (ulong)parts[1].Length, a3: (ulong)parts[2].Length, a4: (ulong)parts[3].Length);
    }

    public long Unmount() => Client.Call(VfsOperation.Unmount, TestClient.Bytes("/m"));

    /// <summary>A whole file.</summary>
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
}
