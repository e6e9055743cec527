namespace Microkernel.Layout;

/// <summary>Segment selectors. The user's are those of Linux, because programs see them in signal frames.</summary>
public static class Selectors
{
    /// <summary>Ring 0 code.</summary>
    public const ushort KernelCode = 0x08;
    /// <summary>Ring 0 data.</summary>
    public const ushort KernelData = 0x10;
    /// <summary>sysret takes ss = this + 8 and cs = this + 16 (SDM vol. 2, SYSRET).</summary>
    public const ushort SysretBase = 0x23;
    /// <summary>Ring 3 data.</summary>
    public const ushort UserData = 0x2b;
    /// <summary>Ring 3 code.</summary>
    public const ushort UserCode = 0x33;
    /// <summary>Task state segment, two descriptors long.</summary>
    public const ushort TaskState = 0x38;
    /// <summary>Entries of the GDT.</summary>
    public const int Count = 9;
}
