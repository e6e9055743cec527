namespace Libsys.Messages;

/// <summary>
/// What an open file description is of that programs answer themselves, null(4), full(4) and random(4): it has no state, so there is nothing to ask. A fact of
/// the description, which does not change while it is open. docs/files-in-memory.md.
/// </summary>
public enum MemoryDeviceKind : uint
{
    /// <summary>Of nothing such.</summary>
    None,
    /// <summary>/dev/null.</summary>
    Null,
    /// <summary>/dev/zero.</summary>
    Zero,
    /// <summary>/dev/full.</summary>
    Full,
    /// <summary>/dev/random and /dev/urandom; what is written to it is a request.</summary>
    Random,
}

/// <summary>V1 of an answer to <see cref="VfsOperation.Open"/> and what else makes a handle.</summary>
public static class OpenedFile
{
    /// <summary>The file can seek.</summary>
    public const ulong Seekable = 1;

    /// <summary>Closing it neither waits nor fails, and only later requests can tell: it may be posted, docs/posted-calls.md.</summary>
    public const ulong ClosesUnseen = 2;

    // Where the device stands: a byte.
    private const int DeviceShift = 8;
    private const ulong DeviceMask = 0xFF;

    /// <summary>The word.</summary>
    public static ulong Describe(bool isSeekable, bool closesUnseen, MemoryDeviceKind device) =>
        (isSeekable ? Seekable : 0) | (closesUnseen ? ClosesUnseen : 0) | (ulong)device << DeviceShift;

    /// <summary>What it is of.</summary>
    public static MemoryDeviceKind DeviceOf(ulong word) => (MemoryDeviceKind)(word >> DeviceShift & DeviceMask);
}
