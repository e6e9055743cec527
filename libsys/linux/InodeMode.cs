namespace Libsys.Linux;

/// <summary>st_mode: file type and permission bits, inode(7).</summary>
public static class InodeMode
{
#pragma warning disable CS1591 // inode(7)
    public const uint TypeMask = 0xF000, Fifo = 0x1000, Character = 0x2000, Directory = 0x4000, Block = 0x6000, Regular = 0x8000, SymbolicLink = 0xA000,
        Socket = 0xC000;
    public const uint SetUid = 0x800, SetGid = 0x400, Sticky = 0x200, GroupExecute = 0x8, AnyExecute = 0x49, Permissions = 0xFFF;
#pragma warning restore CS1591

    /// <summary>The type bits.</summary>
    public static uint Type(uint mode) => mode & TypeMask;

    /// <summary>d_type of a directory record: the type bits, shifted, readdir(3).</summary>
    public static byte DirectoryRecordType(uint mode) => (byte)(mode >> 12);
}
