using System;

namespace Libsys.Messages;

/// <summary>
/// What uname(2) and /proc/sys/kernel call this system. Programs compare the release with what they need, so it is the version of Linux whose behaviour is
/// followed.
/// </summary>
public static class SystemName
{
    /// <summary>Longest host or domain name, bytes (__NEW_UTS_LEN).</summary>
    public const int Longest = 64;

    /// <summary>Bytes of a field of struct utsname: the longest name and its NUL.</summary>
    public const int Field = Longest + 1;

    /// <summary>sysname.</summary>
    public static ReadOnlySpan<byte> System => "Linux"u8;

    /// <summary>release.</summary>
    public static ReadOnlySpan<byte> Release => "6.1.0-microkernel"u8;

    /// <summary>version.</summary>
    public static ReadOnlySpan<byte> Version => "#1 SMP microkernel"u8;

    /// <summary>machine.</summary>
    public static ReadOnlySpan<byte> Machine => "x86_64"u8;

    /// <summary>nodename and domainname until somebody sets them.</summary>
    public static ReadOnlySpan<byte> Unset => "(none)"u8;
}

/// <summary>A0 of <see cref="VfsOperation.HostNames"/>.</summary>
public static class HostNameAction
{
    /// <summary>Gets both names, a <see cref="SystemName.Field"/> each.</summary>
    public const ulong Get = 0;

    /// <summary>sethostname(2).</summary>
    public const ulong SetHost = 1;

    /// <summary>setdomainname(2).</summary>
    public const ulong SetDomain = 2;
}
