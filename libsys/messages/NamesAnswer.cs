namespace Libsys.Messages;

/// <summary>What a name stands for, as far as a client has to know to change it without asking (docs/posted-names.md).</summary>
public enum KnownKind : uint
{
    /// <summary>Nothing is known.</summary>
    Unknown = 0,
    /// <summary>There is no such name.</summary>
    Absent = 1,
    /// <summary>A regular file, to which the client may make links.</summary>
    File = 2,
    /// <summary>A directory without names.</summary>
    EmptyDirectory = 3,
}

/// <summary>
/// What an answer to a request teaches that has changed names in the directory of a permit (docs/posted-names.md). It lies in the upper halves of V0 (the inode
/// number) and V1 (all else), beside what answers of <see cref="VfsOperation.Open"/> say there.
/// </summary>
public static class NamesAnswer
{
    /// <summary>Bits of a permit's number.</summary>
    public const int NumberBits = 20;

    /// <summary>The highest one.</summary>
    public const uint LastNumber = (1u << NumberBits) - 1;

    private const int NodeShift = 32, BeforeShift = 20, AfterShift = BeforeShift + NumberBits, KindShift = AfterShift + NumberBits, BothShift = KindShift + 2;
    private const ulong KindMask = 3;

    /// <summary>The part of V1.</summary>
    /// <param name="before">Number of the permit before the request; 0: there was none, or nothing that was known counts any more.</param>
    /// <param name="after">The number now.</param>
    /// <param name="kind">What the (new) name stands for.</param>
    /// <param name="both">The old name of a link is in the directory too, and stands for the same.</param>
    public static ulong Describe(uint before, uint after, KnownKind kind, bool both) =>
        (ulong)before << BeforeShift | (ulong)after << AfterShift | (ulong)kind << KindShift | (both ? 1ul << BothShift : 0);

    /// <summary>The part of V0: an inode number.</summary>
    public static ulong Node(uint number) => (ulong)number << NodeShift;

    /// <summary>The number before.</summary>
    public static uint BeforeOf(ulong v1) => (uint)(v1 >> BeforeShift) & LastNumber;

    /// <summary>The number now; 0: the answer teaches nothing.</summary>
    public static uint AfterOf(ulong v1) => (uint)(v1 >> AfterShift) & LastNumber;

    /// <summary>What the name stands for.</summary>
    public static KnownKind KindOf(ulong v1) => (KnownKind)(v1 >> KindShift & KindMask);

    /// <summary>Whether the old name is known, too.</summary>
    public static bool BothOf(ulong v1) => (v1 >> BothShift & 1) != 0;

    /// <summary>The inode number.</summary>
    public static uint NodeOf(ulong v0) => (uint)(v0 >> NodeShift);
}
