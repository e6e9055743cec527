using System.Buffers.Binary;
using Servers.Vfs.Objects;
using Servers.Vfs.Pipes;

namespace Servers.Vfs.Ext4;

/// <summary>A symbolic link, whose text was read with the inode.</summary>
internal sealed class Ext4Link(Ext4FileSystem fileSystem, uint number, InodeRecord record, byte[] text) : Ext4Inode(fileSystem, number, record)
{
    /// <summary>Texts of so many bytes lie in the inode, in place of the map of blocks.</summary>
    public const int ShortLength = InodeRecord.MapLength;

    public override Errno ReadLink(OperationContext context, out byte[] linkText)
    {
        linkText = text;
        return Errno.None;
    }

    public override Errno Open(in OpenRequest request, out OpenFile? file)
    {
        file = null;
        return Errno.ELOOP;
    }
}

/// <summary>A device node, a fifo or a socket's name.</summary>
internal sealed class Ext4Special : Ext4Inode
{
    private Pipe? pipe;

    public Ext4Special(Ext4FileSystem fileSystem, uint number, InodeRecord record)
        : base(fileSystem, number, record)
    {
        if (InodeMode.Type(record.Mode) is InodeMode.Character or InodeMode.Block)
            Device = DeviceOf(record);
    }

    public override long Size => 0;

    public override Errno Open(in OpenRequest request, out OpenFile? file)
    {
        file = null;
        switch (InodeMode.Type(Mode))
        {
            case InodeMode.Fifo:
                pipe ??= new Pipe(Disk.Pipes);
                return FifoFile.Open(request, this, pipe, out file);
            case InodeMode.Character or InodeMode.Block:
                return Disk.Devices.Open(request, this, out file);
            default:
                return Errno.ENXIO;
        }
    }

    /// <summary>Writes a device number where it lies.</summary>
    public static void SetDevice(InodeRecord record, uint device)
    {
        uint major = DeviceNumber.Major(device), minor = DeviceNumber.Minor(device);
        bool isOld = major < 256 && minor < 256;
        BinaryPrimitives.WriteUInt32LittleEndian(record.Map, isOld ? major << 8 | minor : 0);
        BinaryPrimitives.WriteUInt32LittleEndian(record.Map[sizeof(uint)..], isOld ? 0 : device);
    }

    // 16 bits in the first word, or 32 in the second, in the same order as stat(2) has them.
    private static uint DeviceOf(InodeRecord record)
    {
        uint old = BinaryPrimitives.ReadUInt32LittleEndian(record.Map);
        return old != 0 ? DeviceNumber.Make(old >> 8 & 0xFF, old & 0xFF) : BinaryPrimitives.ReadUInt32LittleEndian(record.Map[sizeof(uint)..]);
    }
}
