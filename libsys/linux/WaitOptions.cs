using System;

namespace Libsys.Linux;

/// <summary>Options of wait4(2) and waitid(2).</summary>
[Flags]
public enum WaitOptions : uint
{
#pragma warning disable CS1591 // the names are Linux' own
    None = 0, WNOHANG = 1, WUNTRACED = 2, WEXITED = 4, WCONTINUED = 8, WNOWAIT = 0x0100_0000, WNOTHREAD = 0x2000_0000, WALL = 0x4000_0000, WCLONE = 0x8000_0000,
    ForWait4 = WNOHANG | WUNTRACED | WCONTINUED | WNOTHREAD | WALL | WCLONE, All = ForWait4 | WEXITED | WNOWAIT,
#pragma warning restore CS1591
}
