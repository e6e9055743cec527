namespace Libsys.Messages;

/// <summary>
/// What a server of programs beside vfs answers to the process server, over its endpoint. Word 0 operation, reply word 0: 0 or −errno. The process server never
/// waits for it in its loop. Processes, and who has which handle, it learns from nobody but vfs (<see cref="GrantTable"/>).
/// </summary>
public enum ServerControlOperation : ulong
{
    /// <summary>
    /// (connection id, the same as at vfs, never used again; bytes of the rings' object) + handles: 0 the rings' object (read, write;
    /// <see cref="VfsLimits.Shape"/>), 1 the client's completion notification (signal). Reply handle 0: the doorbell.
    /// </summary>
    Attach = 1,
    /// <summary>(connection id): the space is gone.</summary>
    Detach = 2,
}

/// <summary>
/// What vfs tells a server of programs about its devices, in memory that vfs writes and the server maps read-only: which of its open file descriptions there
/// are, and which handle of which connection stands for one. A program can name an entry and neither make one nor use another's; an entry ends in the moment in
/// which vfs closes the handle, without a message.
/// </summary>
/// <remarks>
/// An entry is in use while its number is not 0. Numbers are never used again: the low <see cref="PlaceBits"/> bits say where it is, those above count. vfs
/// writes an entry's fields before its number and takes the number away first, so a reader that finds the same number before and after has what belongs to it.
/// </remarks>
public static class GrantTable
{
    /// <summary>Open file descriptions of a server's devices, and handles that programs use them by, at one time.</summary>
    public const int Entries = 2048;
    /// <summary>Bits of a number that are the entry's place.</summary>
    public const int PlaceBits = 16;
    /// <summary>Most bits of a number: programs carry it beside a server's number in one word.</summary>
    public const int NumberBits = 56;
    /// <summary>u64: increased when a description has ended; the server's notification is signalled then too.</summary>
    public const int Ended = 0;
    /// <summary>Where the descriptions begin.</summary>
    public const int Files = 4096;
    /// <summary>Bytes of a description: u64 number, u32 access mode and status flags of open(2), as fcntl(2) changes them.</summary>
    public const int FileLength = 16;
    /// <summary>Where the handles begin.</summary>
    public const int Handles = Files + Entries * FileLength;
    /// <summary>Bytes of a handle's entry.</summary>
    public const int HandleLength = 128;
    /// <summary>Bytes in all.</summary>
    public const int Length = Handles + Entries * HandleLength;
    /// <summary>Offset of a description's flags.</summary>
    public const int FileFlags = 8;
    /// <summary>Supplementary groups that are told: as many as vfs uses itself.</summary>
    public const int MostGroups = 6;
#pragma warning disable CS1591 // offsets in a handle's entry: u64 Number, Connection, File (its number); u32 the rest. Generation: of the server, at open.
    public const int Number = 0, Connection = 8, File = 16, Slot = 24, Handle = 28, Device = 32, Generation = 36, Pid = 40, User = 44, Group = 48;
    public const int GroupCount = 52, Groups = 56;
#pragma warning restore CS1591
}
