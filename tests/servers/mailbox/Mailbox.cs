namespace Servers.Mailbox;

/// <summary>What the mailbox keeps, and what happened to its descriptions.</summary>
internal sealed class Mailbox
{
    public const int Capacity = 65536;

    /// <summary>What was written and not read yet.</summary>
    public Queue<byte> Content { get; } = new();

    /// <summary>Descriptions that were opened, and closed.</summary>
    public uint Opened { get; set; }

    public uint Closed { get; set; }

    /// <summary>Handles that the server holds.</summary>
    public required Func<ulong> Handles { get; init; }

    /// <summary>Requests may wait for what has changed.</summary>
    public required Action Changed { get; init; }
}
