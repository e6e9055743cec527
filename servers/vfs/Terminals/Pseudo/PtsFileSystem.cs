using System.Globalization;
using System.Text;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;
using Servers.Vfs.Processes;

namespace Servers.Vfs.Terminals.Pseudo;

/// <summary>
/// devpts: a name for each slave, and ptmx. There is one instance; mounting it again changes its options, as Linux did it before it had several.
/// </summary>
public sealed class PtsFileSystem : FileSystem
{
    private const uint SlaveMajor = 136, AuxiliaryMajor = 5, MasterMinor = 2;

    // Each holds 25 KiB of buffers: all together a quarter of vfs' heap.
    private const uint MostPairs = 512;

    private readonly TerminalSurroundings surroundings;
    private readonly PtsDirectory root;
    private readonly Dictionary<uint, PseudoTerminal> pairs = [];
    private PtsOptions options = PtsOptions.Default;

    /// <summary>An empty one.</summary>
    public PtsFileSystem(uint device, TerminalSurroundings surroundings)
        : base(device)
    {
        this.surroundings = surroundings;
        root = new PtsDirectory(this, surroundings.Clock.Wall);
        Root = new Dentry(null, [], root);
        MasterNode = new MasterInode(this, surroundings.Clock.Wall) { Device = DeviceNumber.Make(AuxiliaryMajor, MasterMinor) };
        root.Names.Add(new Dentry(Root, "ptmx"u8.ToArray(), MasterNode));
    }

    /// <inheritdoc/>
    public override string TypeName => "devpts";

    /// <inheritdoc/>
    public override ulong Magic => 0x1CD1; // DEVPTS_SUPER_MAGIC, statfs(2)

    /// <inheritdoc/>
    public override string OptionText => options.Text;

    /// <inheritdoc/>
    public override Dentry Root { get; }

    /// <summary>Pairs that there are: sessions hear of it when a master is closed.</summary>
    public int Pairs => pairs.Count;

    private MasterInode MasterNode { get; }

    /// <summary>Device number of a slave; 256 and more continue in the minor number.</summary>
    public static uint DeviceOf(uint number) => DeviceNumber.Make(SlaveMajor, number);

    /// <inheritdoc/>
    public override Errno Configure(ReadOnlySpan<byte> text)
    {
        Errno error = PtsOptions.Parse(text, out PtsOptions parsed);
        if (error != Errno.None)
            return error;
        options = parsed;
        MasterNode.SetPermissions(options.MasterMode);
        return Errno.None;
    }

    /// <summary>Opens a new pair's master, /dev/ptmx. ENOSPC if there are too many.</summary>
    public Errno OpenMaster(in OpenRequest request, out OpenFile? file)
    {
        file = null;
        uint number = 0;
        while (pairs.ContainsKey(number))
            number++;
        if (number >= MostPairs)
            return Errno.ENOSPC;
        var pair = new PseudoTerminal(this, number, surroundings);
        pairs.Add(number, pair);
        surroundings.Table.Add(pair.Slave);
        Credentials owner = request.Process.Credentials;
        var inode = new SlaveInode(this, pair, options.Mode, surroundings.Clock.Wall, surroundings.Table)
        {
            Owner = (options.UserId ?? owner.UserId, options.GroupId ?? owner.GroupId), Device = DeviceOf(number),
        };
        var name = new Dentry(Root, Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture)), inode);
        root.Names.Add(name);
        file = new PtyMasterFile(request.Location, request.Flags, pair, this);
        return Errno.None;
    }

    /// <summary>The name of a slave, in whichever mount shows it; ENXIO if none does.</summary>
    public Errno Find(PseudoTerminal pair, MountTree mounts, out Location place)
    {
        place = default;
        foreach (Mount mount in mounts.All)
        {
            if (mount.FileSystem != this || !root.Names.TryFind(NameOf(pair), out Dentry? name))
                continue;
            place = new Location(mount, name!);
            return Errno.None;
        }

        return Errno.ENXIO;
    }

    /// <summary>A master was closed: the slave cannot be opened any more.</summary>
    public void MasterClosed(PseudoTerminal pair)
    {
        if (root.Names.TryFind(NameOf(pair), out Dentry? name))
        {
            name!.IsRemoved = true;
            root.Names.Remove(name);
        }

        FreeIfUnused(pair);
    }

    /// <summary>Gives the number back when neither end is open.</summary>
    public void FreeIfUnused(PseudoTerminal pair)
    {
        if (pair.IsMasterOpen || pair.Slave.Opens > 0)
            return;
        if (pairs.Remove(pair.Number))
            surroundings.Table.Remove(pair.Slave);
    }

    /// <summary>All mounts, for TIOCGPTPEER.</summary>
    public MountTree? Mounts { get; init; }

    /// <summary>All terminals.</summary>
    public TerminalTable Table => surroundings.Table;

    private static byte[] NameOf(PseudoTerminal pair) => Encoding.ASCII.GetBytes(pair.Number.ToString(CultureInfo.InvariantCulture));
}
