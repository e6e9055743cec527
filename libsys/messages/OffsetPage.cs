namespace Libsys.Messages;

/// <summary>
/// The page by which several spaces move the file offset of one description (docs/files-in-memory.md): all that they could do there they can do by lseek(2).
/// A memory source of a regular file (<see cref="VfsOperation.MapSource"/>).
/// </summary>
public static class OffsetPage
{
    /// <summary>Offset of the file offset, 64 bits, with <see cref="FileSlots.Lent"/>: as the word of a slot.</summary>
    public const uint Offset = 0;

    /// <summary>Offset of the description's number, 64 bits: as in <see cref="FileSlots.Shared"/> words.</summary>
    public const uint Description = 8;
}
