namespace Servers.Vfs.Objects;

/// <summary>fallocate(2).</summary>
[Flags]
public enum AllocateMode : ulong
{
    /// <summary>Pages for the range; the file grows to its end.</summary>
    None = 0,

    /// <summary>FALLOC_FL_KEEP_SIZE: the file does not grow.</summary>
    KeepSize = 1,

    /// <summary>FALLOC_FL_PUNCH_HOLE: the range reads as zero and its pages are given back. Goes with <see cref="KeepSize"/> only.</summary>
    PunchHole = 2,

    /// <summary>FALLOC_FL_COLLAPSE_RANGE: the range goes, and what lies behind it takes its place. Goes alone, as <see cref="InsertRange"/> does.</summary>
    CollapseRange = 8,

    /// <summary>FALLOC_FL_ZERO_RANGE: the range reads as zero and has room.</summary>
    ZeroRange = 0x10,

    /// <summary>FALLOC_FL_INSERT_RANGE: what lies behind the offset goes further, and a hole is there.</summary>
    InsertRange = 0x20,
}
