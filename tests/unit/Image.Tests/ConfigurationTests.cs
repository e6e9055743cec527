using System.Buffers;
using CsCheck;
using Libsys.Hosting.Manifest;
using MessagePack;
using Microkernel.Image.Configuration;

namespace Microkernel.Image.Tests;

public sealed class ConfigurationTests
{
    [Fact]
    public void Every_configuration_of_the_tree_is_valid()
    {
        RepositoryLayout repository = RepositoryLayout.Find();
        foreach (string file in Directory.EnumerateFiles(repository.Configurations, "*.conf"))
            Assert.NotEmpty(MachineConfiguration.Load(repository, Path.GetFileNameWithoutExtension(file)).Manifest.Servers);
    }

    [Fact]
    public void Servers_stand_behind_what_they_start_after()
    {
        MachineConfiguration configuration = Parse("[server a]\nafter = b c\n[server b]\nafter = c\n[server c]\n");
        Assert.Equal(["c", "b", "a"], configuration.Manifest.Servers.Select(server => server.Name));
    }

    [Fact]
    public void Who_makes_programs_starts_after_all_that_own_devices()
    {
        MachineConfiguration configuration = Parse(
            "[server p]\nafter = v\ngrants = programs\n[server q]\n[server d]\nafter = v\ndevice.d = 240 0 666\n[server v]\n");
        Assert.Equal(["v", "d"], configuration.Manifest.Servers.Single(server => server.Name == "p").DependsOn);
        Assert.All(configuration.Manifest.Servers.Where(server => server.Name is "q" or "v"), server => Assert.Empty(server.DependsOn));
        Assert.Equal(["q", "v", "d", "p"], configuration.Manifest.Servers.Select(server => server.Name));
    }

    [Theory]
    [InlineData("[machine]\ncpu = 2\n", "t.conf:2: unknown key cpu (did you mean cpus?)")]
    [InlineData("[machin]\n", "t.conf:1: unknown section machin")]
    [InlineData("cpus = 2\n", "t.conf:1: a setting stands before the first section")]
    [InlineData("[machine]\ncpus\n", "t.conf:2: expected `key = value`")]
    [InlineData("[machine]\ncache = 91%\n", "t.conf:2: cache is 1% to 90%, or a size from 4M to the machine's 512M, not 91%")]
    [InlineData("[machine]\ncache = 0%\n", "t.conf:2: cache is 1% to 90%")]
    [InlineData("[machine]\ncache = 1M\n", "t.conf:2: cache is 1% to 90%")]
    [InlineData("[machine]\nmemory = 128M\ncache = 129M\n", "t.conf:3: cache is 1% to 90%, or a size from 4M to the machine's 128M")]
    [InlineData("[server a]\ngrants = programs\n[server b]\ngrants = power, programs\n", "t.conf:4: a and b are both granted programs")]
    [InlineData("[machine]\ncpus = 0\n", "t.conf:2: cpus is a number from 1 to")]
    [InlineData("[machine]\nmemory = 5X\n", "t.conf:2: memory is a size")]
    [InlineData("[machine]\ncpus = 1\ncpus = 2\n", "t.conf:3: cpus is set in line 2 already")]
    [InlineData("[server a]\n[server a]\n", "t.conf:2: section [server a] stands in line 1 already")]
    [InlineData("[server a]\nafter = conso\n[server console]\n", "t.conf:2: a starts after conso, which has no section (did you mean console?)")]
    [InlineData("[server a]\nafter = b\n[server b]\nafter = a\n", "t.conf:2: these servers wait for each other: a, b")]
    [InlineData("[server a]\nrestart = sometimes\n", "t.conf:2: restart = sometimes: unknown value")]
    [InlineData("[server a]\nrestarts = 3\n", "t.conf:2: restarts and restart-window need restart = always or session")]
    [InlineData("[server a]\npriority = 3\ngrants = power, program\n", "t.conf:3: grants = power, program: unknown program (did you mean programs?)")]
    [InlineData("[server a]\nheap = 64M\nmemory = 32M\n", "t.conf:3: memory of a is 32M")]
    [InlineData("[server a]\nports.x = 0x3f8\n", "t.conf:2: ports.x is written FIRST COUNT")]
    [InlineData("[server a]\nports.x = 0xfffc 8\n", "t.conf:2: ports.x = 0xfffc 8 ends beyond port 0xffff")]
    [InlineData("[server a]\ninterrupt.x = 16\n", "t.conf:2: interrupt.x is a line from 0 to 15")]
    [InlineData("[server a]\nports.x = 0x3f8 8\n[server b]\nports.y = 0x3fc 1\n", "t.conf:3: y.ports of b and x.ports of a are the same hardware")]
    [InlineData("[server a]\ndevice.x = 240 0\n", "t.conf:2: device.x is written MAJOR MINOR MODE")]
    [InlineData("[server a]\ndevice.x = 240 0 689\n", "t.conf:2: device.x is written MAJOR MINOR MODE")]
    [InlineData("[server a]\ndevice.x = 4096 0 666\n", "t.conf:2: device.x is written MAJOR MINOR MODE")]
    [InlineData("[server a]\ndevice.x:y = 240 0 666\n", "t.conf:2: device.x:y is written MAJOR MINOR MODE")]
    [InlineData("[server a]\ndevice.x = 240 0 666\n[server b]\ndevice.y = 240 0 600\n", "t.conf:3: device y of b and x of a have one name or number")]
    [InlineData("[server a]\nkeep-names = 3\n", "t.conf:2: keep-names needs keep in [server a]")]
    [InlineData("[server a]\nkeep = 1M\nkeep-names = 10000\n", "t.conf:3: keep-names is a number from 1 to 8192")]
    [InlineData("[server a]\nkeep = 1K\n", "t.conf:2: keep is a size of at least 64K")]
    [InlineData("[machine]\nmemory = 128M\n[server a]\nmemory = 128M\nkeep = 64K\n", "t.conf:3: the servers' accounts take")]
    [InlineData(
        "[server p]\ngrants = programs\n[server a]\ndevice.a = 240 0 666\n[server b]\ndevice.b = 241 0 666\n[server c]\ndevice.c = 242 0 666\n" +
        "[server d]\ndevice.d = 243 0 666\n", "t.conf:1: p connects programs with a, b, c, d: there can be 3 servers beside vfs")]
    [InlineData("[machine]\nmemory = 64M\n[server a]\nmemory = 128M\n", "t.conf:3: the servers' accounts take 128M")]
    public void A_wrong_line_is_an_error_that_names_file_and_line(string text, string message)
    {
        ImageException error = Assert.Throws<ImageException>(() => Parse(text));
        Assert.StartsWith(message, error.Message);
    }

    [Fact]
    public void The_manifest_is_read_back()
    {
        BootManifest manifest = MachineConfiguration.Load(RepositoryLayout.Find(), "default").Manifest;
        BootManifest read = BootManifest.Read(Write(manifest));
        Assert.Equal(Write(manifest), Write(read));
        ServerDescription console = read.Servers.Single(server => server.Name == "console");
        Assert.Contains(new HardwareResource("com1.ports", HardwareKind.IoPorts, 0x3f8, 8), console.Resources);
        Assert.Equal((0, 0), (console.Account.Keep, console.Account.KeepNames));
        ServerDescription mailbox = BootManifest.Read(Write(MachineConfiguration.Load(RepositoryLayout.Find(), "mailbox").Manifest)).Servers
            .Single(server => server.Name == "mailbox");
        DeviceNode[] nodes = [new("mailbox", 240, 0, 0x1B6), new("mailbox-root", 240, 1, 0x180)];
        Assert.Equal(nodes, mailbox.Devices);
        Assert.Equal(nodes.Select(node => new OwnedDevice("mailbox", node)), OwnedDevice.Read(OwnedDevice.Write([mailbox, console])));
        Assert.Equal((1L << 20, 64), Limits("[server a]\nkeep = 1M\n"));
        Assert.Equal((2L << 20, 7), Limits("[server a]\nkeep = 2M\nkeep-names = 7\n"));
        Assert.Contains(new HardwareResource("com1.interrupt", HardwareKind.Interrupt, 4, 1), console.Resources);
    }

    [Fact]
    public void A_damaged_manifest_is_an_error_and_nothing_else()
    {
        byte[] manifest = Write(MachineConfiguration.Load(RepositoryLayout.Find(), "default").Manifest);
        Gen.Select(Gen.Int[0, manifest.Length - 1], Gen.Byte, Gen.Int[0, manifest.Length]).Sample((position, value, length) =>
        {
            byte[] damaged = [.. manifest];
            damaged[position] = value;
            try
            {
                _ = BootManifest.Read(damaged.AsMemory(0, length));
            }
            catch (ManifestException)
            {
                // What a damaged manifest should end in.
            }
        }, iter: 5_000);
    }

    private static MachineConfiguration Parse(string text) => MachineConfiguration.Parse("t.conf", text);

    private static (long Keep, int Names) Limits(string text)
    {
        AccountLimits account = BootManifest.Read(Write(Parse(text).Manifest)).Servers.Single().Account;
        return (account.Keep, account.KeepNames);
    }

    [Theory]
    [InlineData("", 50, 0L)]
    [InlineData("[machine]\ncache = 30%\n", 30, 0L)]
    [InlineData("[machine]\ncache = 64M\n", 0, 64L << 20)]
    public void The_cache_has_a_part_of_the_memory_or_a_size(string text, int percent, long bytes)
    {
        CacheLimit limit = BootManifest.Read(Write(Parse(text + "[server a]\n").Manifest)).Cache;
        Assert.Equal(new CacheLimit(percent, bytes), limit);
        ulong pages = percent > 0 ? 100_000ul * (ulong)percent / 100 : (ulong)bytes / 4096;
        Assert.InRange(limit.Frames(100_000, 4096), pages, pages + pages / 16);
        Assert.InRange(CacheLimit.PagesOf(limit.Frames(100_000, 4096)), pages - 32, pages);
        Assert.InRange(limit.Frames(1_000, 4096), 0ul, 1_100ul);
    }

    [Fact]
    public void A_manifest_in_which_two_servers_make_programs_is_refused()
    {
        BootManifest manifest = Parse("[server a]\ngrants = programs\n[server b]\n").Manifest;
        BootManifest both = manifest with { Servers = [.. manifest.Servers.Select(server => server with { Grants = Grant.Programs })] };
        Assert.Contains("a and b are both granted programs", Assert.Throws<ManifestException>(() => BootManifest.Read(Write(both))).Message);
    }

    private static byte[] Write(BootManifest manifest)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        manifest.Write(ref writer);
        return buffer.WrittenSpan.ToArray();
    }
}
