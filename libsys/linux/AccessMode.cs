using System;

namespace Libsys.Linux;

/// <summary>Bits of access(2), and of permission checks.</summary>
[Flags]
public enum AccessMode : uint
{
#pragma warning disable CS1591
    None = 0, Execute = 1, Write = 2, Read = 4,
#pragma warning restore CS1591
}
