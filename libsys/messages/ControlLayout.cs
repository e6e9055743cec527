namespace Libsys.Messages;

/// <summary>
/// A page that the process server and vfs share: messages of the control protocol that the process server does not wait for
/// (docs/posted-control.md). Offsets of words of 32 bits, and of entries.
/// </summary>
public static class ControlLayout
{
    /// <summary>Bytes of the object, which is sealed.</summary>
    public const uint Length = 4096;

    /// <summary>Written by the process server: entries posted so far; runs freely.</summary>
    public const uint Tail = 0;

    /// <summary>Written by vfs: entries served so far. A line of its own.</summary>
    public const uint Head = 64;

    /// <summary>Written by vfs: <see cref="Quiet"/>, <see cref="Roomy"/>.</summary>
    public const uint State = Head + sizeof(uint);

    /// <summary>
    /// Nobody could tell that handles were closed but by asking vfs: nobody waits there, and nobody shares memory that vfs would have to change.
    /// </summary>
    public const uint Quiet = 1;

    /// <summary>Half of the handles that all processes may have are free: one process' can be copied whatever comes before.</summary>
    public const uint Roomy = 2;

    /// <summary>Where entries begin.</summary>
    public const uint FirstEntry = 128;

    /// <summary>Entries: a power of two. As many ends of processes may be told together.</summary>
    public const uint Entries = 32;

    /// <summary>Words of 64 bits of an entry: those of the message, the operation first.</summary>
    public const int EntryWords = 8;

    /// <summary>
    /// Of <see cref="VfsControlOperation.Succeed"/>: handles that an entry has room for, two to a word from this one on, instead of their place.
    /// </summary>
    public const int FirstHandles = 5, MostHandles = (EntryWords - FirstHandles) * 2;

    /// <summary>Where an entry lies.</summary>
    public static uint EntryAt(uint index) => FirstEntry + index % Entries * EntryWords * sizeof(ulong);
}
