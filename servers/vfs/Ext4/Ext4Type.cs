using Servers.Vfs.Blocks;
using Servers.Vfs.Objects;
using Servers.Vfs.Pages;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Ext4;

/// <summary>ext4, and under their names ext3 and ext2: one format with more or fewer features. docs/ext4.md says what is there.</summary>
public sealed class Ext4Type(string name, Ext4Sources sources) : FileSystemType(name)
{
    private readonly Dictionary<uint, Recovery> recoveries = [];

    /// <inheritdoc/>
    public override bool NeedsDevice => true;

    /// <inheritdoc/>
    public override Errno Create(OperationContext context, in MountArguments arguments, out FileSystem? fileSystem)
    {
        fileSystem = null;
        if (sources.Disks.Find(arguments.Device) is not { } device)
            return Errno.ENXIO;
        bool isReadOnly = (arguments.Restrictions & MountFlags.ReadOnly) != 0;
        if (device.Owner is { } owner)
        {
            bool isSame = owner is Ext4FileSystem && (owner.Restrictions & MountFlags.ReadOnly) != 0 == isReadOnly;
            fileSystem = isSame ? owner : null;
            return isSame ? Errno.None : Errno.EBUSY;
        }

        Errno error = Ext4Options.Parse(arguments.Options.Span, out Ext4Options options);
        if (error == Errno.None)
            error = AwaitRecovery(context, device);
        if (error != Errno.None)
            return error;
        error = ReadSuperBlock(context, device, isReadOnly, out Volume? volume);
        if (error == Errno.None && NeedsRecovery(volume!.Super, options))
        {
            error = Recover(context, volume);
            if (error == Errno.None)
                error = ReadSuperBlock(context, device, isReadOnly, out volume);
        }

        if (error != Errno.None)
            return error;
        var made = new Ext4FileSystem(sources, volume!, Name, options, arguments.Restrictions);
        error = made.Begin(context);
        fileSystem = error == Errno.None ? made : null;
        return error;
    }

    private static bool NeedsRecovery(SuperBlock super, Ext4Options options) =>
        super.Has(IncompatibleFeatures.NeedsRecovery) && super.Has(CompatibleFeatures.HasJournal) && !options.SkipsJournal;

    private Errno ReadSuperBlock(OperationContext context, BlockDevice device, bool isReadOnly, out Volume? volume)
    {
        volume = null;
        byte[] bytes = new byte[SuperBlock.Length];
        CachedFile content = device.Content;
        if (content.Size < SuperBlock.Position + SuperBlock.Length)
            return Errno.EINVAL;
        long length = content.Read(context, bytes, SuperBlock.Position);
        if (length != bytes.Length)
            return length < 0 ? (Errno)(-length) : Errno.EIO;
        var super = new SuperBlock(bytes);
        Errno error = SuperBlockCheck.Check(super, content.Size, !isReadOnly, out string why);
        if (error != Errno.None)
            sources.Log($"{Name} ({device.Name}): {why}");
        else
            volume = new Volume(device, super, sources.Cache, sources.Log);
        return error;
    }

    // A mount that does not write replays the journal too, unless the device cannot be written, as on Linux.
    private Errno Recover(OperationContext context, Volume volume)
    {
        BlockDevice device = volume.Device;
        if (device.Traits.IsReadOnly)
        {
            sources.Log($"{Name} ({device.Name}): the journal has to be replayed, and the device is read-only: mount with noload");
            return Errno.EROFS;
        }

        Errno error = JournalPlace.Find(new RequestReader(volume, context), volume.Super.JournalInode, out JournalPlace place);
        if (error != Errno.None)
            return error;
        sources.Log($"{Name} ({device.Name}): replaying the journal");
        var recovery = new Recovery();
        recoveries.Add(device.Number, recovery);
        new JournalReplay(volume, place).Begin(recovery.End);
        return AwaitRecovery(context, device);
    }

    private Errno AwaitRecovery(OperationContext context, BlockDevice device)
    {
        if (!recoveries.TryGetValue(device.Number, out Recovery? recovery))
            return Errno.None;
        if (!recovery.IsEnded)
            return context.WaitOn(recovery.Ended);
        recoveries.Remove(device.Number);
        return recovery.Error;
    }

    /// <summary>A replay that is under way, or whose end nobody has been told.</summary>
    private sealed class Recovery
    {
        public WaitQueue Ended { get; } = new();

        public bool IsEnded { get; private set; }

        public Errno Error { get; private set; }

        public void End(Errno error)
        {
            (IsEnded, Error) = (true, error);
            Ended.Wake();
        }
    }
}
