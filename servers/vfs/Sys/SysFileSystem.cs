using System.Globalization;
using System.Text;
using Servers.Vfs.Blocks;
using Servers.Vfs.Generated;
using Servers.Vfs.Machine;
using Servers.Vfs.Objects;
using Servers.Vfs.Sys.Blocks;
using Servers.Vfs.Sys.Pci;

namespace Servers.Vfs.Sys;

/// <summary>sysfs, sysfs(5): the servers of this system, and the few files that programs count CPUs with.</summary>
public sealed class SysFileSystem : FileSystem
{
    private readonly IClock clock;
    private ulong nextNumber = 2;

    /// <summary>
    /// A sysfs over the server table (null: there is none), the supervisor's ear (null: nothing can be asked), the machine's figures, and what is on the PCI
    /// bus (null: nobody knows), the disks, and the kernel's log (null: it is not to be seen).
    /// </summary>
    public SysFileSystem(uint device, IClock clock, IServerTable? servers, IServerControl? control, ISystemFigures figures, IFunctionTable? functions = null,
        BlockDevices? blocks = null, KernelLog? log = null)
        : base(device)
    {
        this.clock = clock;
        var root = new StaticDirectory(this, 1, clock.Wall);
        Root = new Dentry(null, [], root);
        if (servers != null)
            root.Add(Root, "servers", new ServersDirectory(this, NextNumber(), clock.Wall, servers, control, log));
        Dentry devices = Directory(Root, "devices"), bus = Directory(Root, "bus");
        if (functions != null)
            new PciTree(this, functions, clock.Wall).Fill(devices, bus);
        Dentry cpu = Directory(Directory(devices, "system"), "cpu");
        foreach (string name in (string[])["online", "possible", "present"])
            File(cpu, name, () => CpuList(figures.CpuCount));
        for (uint index = 0; index < Math.Max(figures.CpuCount, 1); index++)
            Directory(cpu, string.Create(CultureInfo.InvariantCulture, $"cpu{index}"));
        Directory(Root, "kernel");
        Dentry classes = Directory(Root, "class");
        ShowBlocks(classes, blocks ?? new BlockDevices());
        Directory(Root, "fs");
    }

    /// <inheritdoc/>
    public override string TypeName => "sysfs";

    /// <inheritdoc/>
    public override ulong Magic => 0x62656572; // SYSFS_MAGIC, statfs(2)

    /// <inheritdoc/>
    public override Dentry Root { get; }

    /// <summary>Number for another file.</summary>
    internal ulong NextNumber() => nextNumber++;

    /// <summary>A disk has appeared at a place in the tree of devices: a directory that is made for it; what lies on the way is there, or is made.</summary>
    public void PlaceDisk(BlockDevices blocks, string place)
    {
        Dentry at = Root;
        string[] way = place.Split('/');
        foreach (string name in way[..^1].Prepend("devices"))
            at = ((StaticDirectory)at.Inode).Names.TryFind(Encoding.UTF8.GetBytes(name), out Dentry? there) ? there! : Directory(at, name);
        ((StaticDirectory)at.Inode).Add(at, way[^1], new PlacedDisks(this, NextNumber(), clock.Wall, blocks, place));
    }

    private void ShowBlocks(Dentry classes, BlockDevices blocks)
    {
        static string Name(BlockDevice device) => device.Name;
        Link(Root, "block", "../", () => blocks.All.Where(static device => device.Whole == null), Name);
        Link(classes, "block", "../../", () => blocks.All, Name);
        Link(Directory(Root, "dev"), "block", "../../", () => blocks.All, BlockLinks.Numbers);
        void Link(Dentry parent, string name, string up, Func<IEnumerable<BlockDevice>> devices, Func<BlockDevice, string> linkName) =>
            ((StaticDirectory)parent.Inode).Add(parent, name, new BlockLinks(this, NextNumber(), clock.Wall, up, devices, linkName));
    }

    private static string CpuList(uint count) => count <= 1 ? "0\n" : string.Create(CultureInfo.InvariantCulture, $"0-{count - 1}\n");

    private Dentry Directory(Dentry parent, string name) =>
        ((StaticDirectory)parent.Inode).Add(parent, name, new StaticDirectory(this, NextNumber(), clock.Wall));

    private void File(Dentry parent, string name, Func<string> text)
    {
        const uint readable = 0x124;
        var file = new GeneratedFile(this, NextNumber(), readable, clock.Wall, _ => Encoding.UTF8.GetBytes(text()));
        ((StaticDirectory)parent.Inode).Add(parent, name, file);
    }
}
