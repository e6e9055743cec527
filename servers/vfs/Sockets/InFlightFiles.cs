using System.Runtime.InteropServices;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Sockets;

/// <summary>
/// Descriptions that are on their way in messages (SCM_RIGHTS): how many, whose, and which of them nobody can reach any more because the sockets that they lie
/// in lie in each other. docs/unix-sockets.md.
/// </summary>
public sealed class InFlightFiles
{
    // As Linux' bound, the default RLIMIT_NOFILE; and for all, also root.
    private const int MostOfUser = 1024, MostOfAll = 16384;

    // A collection looks at all sockets in flight: it comes after so many closes as pay for that.
    private const int ClosesPerSockets = 32;

    private readonly Dictionary<uint, int> ofUsers = [];
    private readonly Dictionary<SocketFile, int> sockets = [];
    private readonly Queue<OpenFile> dropped = [];
    private bool isDropping;
    private int count, closes;

    /// <summary>Descriptions in flight.</summary>
    public int Count => count;

    /// <summary>Takes descriptions into a message, each with a reference of its own: ETOOMANYREFS if the user has too many on their way.</summary>
    public Errno TryTake(OpenFile[] files, uint user, bool isPrivileged, out SocketRights? rights)
    {
        rights = null;
        if (!HasRoom(files.Length, user, isPrivileged))
            Collect();
        if (!HasRoom(files.Length, user, isPrivileged))
            return Errno.ETOOMANYREFS;
        rights = new SocketRights(files, user);
        foreach (OpenFile file in files)
            file.AddReference();
        Account(rights, 1);
        return Errno.None;
    }

    /// <summary>They have arrived: the references are the caller's.</summary>
    public OpenFile[] Land(SocketRights rights)
    {
        Account(rights, -1);
        return rights.Files;
    }

    /// <summary>They do not arrive. One that is the last of a socket drops what lies in that, one after the other: messages may be nested deeply.</summary>
    public void Drop(SocketRights rights)
    {
        Account(rights, -1);
        foreach (OpenFile file in rights.Files)
            dropped.Enqueue(file);
        if (isDropping)
            return;
        isDropping = true;
        while (dropped.TryDequeue(out OpenFile? file))
            file.Release();
        isDropping = false;
    }

    /// <summary>A socket is gone: now and then it is looked whether others can still be reached.</summary>
    public void SocketClosed()
    {
        if (sockets.Count > 0 && !isDropping && ++closes > sockets.Count / ClosesPerSockets)
            Collect();
    }

    /// <summary>
    /// Empties the sockets that nobody can reach: all their references are from messages, and those lie in sockets of which the same is true.
    /// </summary>
    public void Collect()
    {
        closes = 0;
        var inside = new Dictionary<SocketFile, int>(); // how often a candidate lies in candidates
        foreach ((SocketFile socket, int references) in sockets)
        {
            if (socket.References == references)
                inside.Add(socket, 0);
        }

        foreach (SocketFile socket in inside.Keys.ToArray())
        {
            foreach (SocketFile other in SocketsIn(socket))
            {
                if (inside.ContainsKey(other))
                    CollectionsMarshal.GetValueRefOrNullRef(inside, other)++;
            }
        }

        // Who lies in a socket that is no candidate can be received there, and so can what lies in it.
        var reached = new Stack<SocketFile>(inside.Where(entry => entry.Value < sockets[entry.Key]).Select(entry => entry.Key));
        foreach (SocketFile socket in reached)
            inside.Remove(socket);
        while (reached.TryPop(out SocketFile? socket))
        {
            foreach (SocketFile other in SocketsIn(socket))
            {
                if (inside.Remove(other))
                    reached.Push(other);
            }
        }

        foreach (SocketFile socket in inside.Keys)
            socket.AddReference();
        foreach (SocketFile socket in inside.Keys)
            socket.DropRights();
        foreach (SocketFile socket in inside.Keys)
            socket.Release();
    }

    private static IEnumerable<SocketFile> SocketsIn(SocketFile socket) =>
        socket.RightsInside().SelectMany(rights => rights.Files).OfType<SocketFile>();

    private bool HasRoom(int more, uint user, bool isPrivileged) =>
        count + more <= MostOfAll && (isPrivileged || ofUsers.GetValueOrDefault(user) + more <= MostOfUser);

    private void Account(SocketRights rights, int sign)
    {
        int change = sign * rights.Files.Length;
        count += change;
        ref int ofUser = ref CollectionsMarshal.GetValueRefOrAddDefault(ofUsers, rights.User, out _);
        ofUser += change;
        if (ofUser == 0)
            ofUsers.Remove(rights.User);
        foreach (OpenFile file in rights.Files)
        {
            if (file is not SocketFile socket)
                continue;
            ref int known = ref CollectionsMarshal.GetValueRefOrAddDefault(sockets, socket, out _);
            known += sign;
            if (known == 0)
                sockets.Remove(socket);
        }
    }
}

/// <summary>The descriptions of one message, and who has sent them.</summary>
/// <param name="Files">Each with a reference.</param>
/// <param name="User">Whose they are counted as.</param>
public sealed record SocketRights(OpenFile[] Files, uint User);
