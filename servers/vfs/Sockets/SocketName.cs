namespace Servers.Vfs.Sockets;

/// <summary>The name of a socket as getsockname(2) gives it, without its family, unix(7): a path with its NUL, or a NUL and any bytes (abstract).</summary>
public sealed record SocketName(byte[] Bytes)
{
    /// <summary>It does not lie in the file system.</summary>
    public bool IsAbstract => Bytes is [0, ..];

    /// <summary>The path, without its NUL.</summary>
    public ReadOnlySpan<byte> Path => PathOf(Bytes);

    /// <summary>The path that an address names: it ends with a NUL or with the address.</summary>
    public static ReadOnlySpan<byte> PathOf(ReadOnlySpan<byte> address) => address.IndexOf((byte)0) is var end and >= 0 ? address[..end] : address;

    /// <summary>The name of a socket that is bound to a path.</summary>
    public static SocketName OfPath(ReadOnlySpan<byte> path) => new([.. path, 0]);
}

/// <summary>Who made or connected a socket, or sent a message, as vfs knows it: credentials(7).</summary>
/// <param name="Pid">Process id.</param>
/// <param name="User">User id.</param>
/// <param name="Group">Group id.</param>
public readonly record struct SocketIdentity(uint Pid, uint User, uint Group)
{
    private const uint OverflowId = 65534;

    /// <summary>Of a message whose sender was not asked, as Linux shows it.</summary>
    public static SocketIdentity Nobody => new(0, OverflowId, OverflowId);

    /// <summary>SO_PEERCRED of what is not connected.</summary>
    public static SocketIdentity None => new(0, uint.MaxValue, uint.MaxValue);
}
