using Servers.Vfs.Blocks;
using Servers.Vfs.Objects;
using Servers.Vfs.Volumes;

namespace Servers.Vfs.Iso9660;

/// <summary>A mounted ISO 9660.</summary>
internal sealed class IsoFileSystem : VolumeFileSystem
{
    // Where system use areas begin on discs for CD-ROM XA, which have 14 bytes of their own first.
    private const int SkipOfXa = 14;

    private VolumeDescriptor volume;

    public IsoFileSystem(VolumeSources sources, BlockDevice device, VolumeDescriptor primary, IsoOptions options, MountFlags restrictions)
        : base(sources, device, restrictions) => (volume, Options) = (primary, options);

    public override string TypeName => "iso9660";

    public override ulong Magic => 0x9660; // ISOFS_SUPER_MAGIC, statfs(2)

    public override string OptionText => Options.Text(IsJoliet, BlockSize);

    public IsoOptions Options { get; }

    public int BlockBits => volume.BlockBits;

    public int BlockSize => 1 << volume.BlockBits;

    /// <summary>Bytes before the entries of Rock Ridge in each system use area; null: there are none.</summary>
    public int? Skip { get; private set; }

    /// <summary>The tree is Joliet's.</summary>
    public bool IsJoliet { get; private set; }

    /// <summary>Letters' case does not matter.</summary>
    public bool FoldsCase => Options.Check == 'r' || (Options.Check == null && IsJoliet);

    /// <summary>Finds out which tree is shown, and reads its root.</summary>
    public Errno Begin(OperationContext context, VolumeDescriptor? joliet)
    {
        Errno error = Options.UsesRockRidge ? FindRockRidge(context) : Errno.None;
        if (error != Errno.None)
            return error;
        if (Skip == null && Options.UsesJoliet && joliet != null)
            (volume, IsJoliet) = (joliet, true);
        error = IsoInodes.LoadDirectory(context, this, volume.Root.Extent, out VolumeInode? root);
        if (error != Errno.None)
            return error;
        if (root is not IsoDirectory directory)
            return Complain("the root is no directory", Errno.EINVAL);
        directory.ParentNumber = directory.Number;
        Begin(directory);
        return Errno.None;
    }

    /// <summary>st_ino, made of where a record lies: records are longer than 32 bytes. As on Linux.</summary>
    public ulong NumberOf(long block, int offset) => (ulong)block << (BlockBits - 5) | (ulong)offset >> 5;

    public override Errno StatFs(OperationContext context, out FileSystemUsage usage)
    {
        usage = new FileSystemUsage(volume.BlockCount, 0, 0, 0) { BlockSize = BlockSize };
        return Errno.None;
    }

    // The root's own record says whether the protocol is used, and where its entries are, SUSP 5.3.
    private Errno FindRockRidge(OperationContext context)
    {
        Errno error = IsoInodes.ReadSelf(context, this, volume.Root.Extent, out DirectoryRecord? self);
        if (error != Errno.None)
            return error == Errno.EIO ? Errno.None : error;
        foreach (int skip in (int[])[0, SkipOfXa])
        {
            error = RockRidge.Read(context, this, self!, skip, out RockRidge found);
            if (error != Errno.None && error != Errno.EIO)
                return error;
            if (error != Errno.None || !found.HasMark)
                continue;
            Skip = skip == 0 ? found.Skip : skip;
            return Errno.None;
        }

        return Errno.None;
    }
}
