using System.Globalization;
using System.Text;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Sockets;

/// <summary>What sockets are bound to: inodes, and abstract names, which each type has its own of (as on Linux).</summary>
public sealed class SocketNames
{
    // Five hexadecimal digits, unix(7) "Autobind feature".
    private const uint MostAutomatic = 1 << 20;

    private readonly Dictionary<Inode, SocketFile> byInode = [];
    private readonly Dictionary<string, SocketFile> byName = [];
    private uint nextAutomatic = 1;

    /// <summary>The socket behind a name in the file system, or null.</summary>
    public SocketFile? Find(Inode inode) => byInode.GetValueOrDefault(inode);

    /// <summary>The socket with an abstract name, or null.</summary>
    public SocketFile? Find(SocketKind kind, ReadOnlySpan<byte> name) => byName.GetValueOrDefault(KeyOf(kind, name));

    /// <summary>Binds to an inode that was made for it.</summary>
    public void Bind(SocketFile socket, Inode inode) => byInode.Add(inode, socket);

    /// <summary>Binds to an abstract name: EADDRINUSE if another of its type has it.</summary>
    public Errno Bind(SocketFile socket, ReadOnlySpan<byte> name) => byName.TryAdd(KeyOf(socket.Kind, name), socket) ? Errno.None : Errno.EADDRINUSE;

    /// <summary>Binds to the next free name of five digits: ENOSPC if there is none.</summary>
    public Errno BindAutomatically(SocketFile socket, out byte[] name)
    {
        name = [];
        for (uint tries = 0; tries < MostAutomatic; tries++)
        {
            uint number = nextAutomatic++ % MostAutomatic;
            name = [0, .. Encoding.ASCII.GetBytes(number.ToString("x5", CultureInfo.InvariantCulture))];
            if (byName.TryAdd(KeyOf(socket.Kind, name), socket))
                return Errno.None;
        }

        return Errno.ENOSPC;
    }

    /// <summary>The name is free again.</summary>
    public void Unbind(SocketFile socket, SocketName name, Inode? inode)
    {
        if (inode is not null)
            byInode.Remove(inode);
        else
            byName.Remove(KeyOf(socket.Kind, name.Bytes));
    }

    private static string KeyOf(SocketKind kind, ReadOnlySpan<byte> name) => (char)kind + Encoding.Latin1.GetString(name);
}
