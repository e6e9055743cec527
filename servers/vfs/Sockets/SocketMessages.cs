using Servers.Vfs.Objects;
using Servers.Vfs.Processes;

namespace Servers.Vfs.Sockets;

/// <summary>What a send(2) gives beside bytes.</summary>
public readonly ref struct OutgoingMessage
{
    /// <summary>Descriptors.</summary>
    public SocketRights? Rights { get; init; }

    /// <summary>Who sends, if the program has said so (SCM_CREDENTIALS), which was checked.</summary>
    public SocketIdentity? Claimed { get; init; }

    /// <summary>Who sends.</summary>
    public SocketIdentity Sender { get; init; }

    /// <summary>Whom to; null: the peer.</summary>
    public SocketFile? Target { get; init; }

    /// <summary>Handles of who sends.</summary>
    public HandleTable? Handles { get; init; }
}

/// <summary>How a recv(2) receives.</summary>
[Flags]
public enum ReceiveFlags
{
    /// <summary>Ordinarily.</summary>
    None = 0,

    /// <summary>MSG_PEEK: it stays there.</summary>
    Peek = 1,

    /// <summary>MSG_TRUNC: the length of the whole message is the answer.</summary>
    WholeLength = 2,
}

/// <summary>What has come beside bytes.</summary>
public struct IncomingMessage
{
    /// <summary>Descriptors, with references that are the receiver's; null: none.</summary>
    public OpenFile[]? Rights { get; set; }

    /// <summary>Who has sent it, if the receiver wants to know (SO_PASSCRED).</summary>
    public SocketIdentity? Sender { get; set; }

    /// <summary>The sender's name; null: it has none.</summary>
    public SocketName? From { get; set; }

    /// <summary>The message was longer than the buffer.</summary>
    public bool IsCut { get; set; }

    /// <summary>All of it then; null: it has no boundaries, or did fit.</summary>
    public byte[]? Whole { get; set; }
}
