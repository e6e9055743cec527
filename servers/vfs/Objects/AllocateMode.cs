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

    /// <summary>FALLOC_FL_ZERO_RANGE: the range reads as zero and has room.</summary>
    ZeroRange = 0x10,
}
