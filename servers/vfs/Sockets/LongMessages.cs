using Servers.Vfs.Objects;
using Servers.Vfs.Processes;

namespace Servers.Vfs.Sockets;

/// <summary>
/// Messages longer than a request, while they go piece by piece between a process and vfs: docs/unix-sockets.md. A number is good for that process alone.
/// </summary>
/// <param name="system">Whose messages they are counted with.</param>
public sealed class LongMessages(SocketSystem system)
{
    // What a program is told of has 16 bits.
    private const uint MostNumbers = ushort.MaxValue;

    private readonly Dictionary<uint, LongMessage> messages = [];
    private uint last;

    /// <summary>A message that a process gives: ENOBUFS if it has too much of them.</summary>
    public Errno TryBegin(AttachedSpace space, uint slot, uint user, int length, out LongMessage? message)
    {
        message = null;
        if (!HasRoom(user))
            return Errno.ENOBUFS;
        message = Add(space, slot, user, new byte[length]);
        return Errno.None;
    }

    /// <summary>The rest of one that a process has received. <see cref="HasRoom"/> was asked before.</summary>
    public LongMessage Keep(AttachedSpace space, uint slot, uint user, byte[] bytes, int length, int taken)
    {
        LongMessage message = Add(space, slot, user, bytes);
        message.Length = length;
        message.Position = taken;
        return message;
    }

    /// <summary>Whether one more may be made for a user.</summary>
    public bool HasRoom(uint user) => messages.Count < MostNumbers && system.Messages.HasRoom(user);

    /// <summary>One of this process; null: there is none of that number.</summary>
    public LongMessage? Find(ulong number, AttachedSpace space, uint slot)
    {
        bool isKnown = number <= MostNumbers && messages.TryGetValue((uint)number, out LongMessage? message) && message.Space == space && message.Slot == slot;
        return isKnown ? messages[(uint)number] : null;
    }

    /// <summary>It is of no use any more.</summary>
    internal void Remove(LongMessage message)
    {
        if (messages.Remove(message.Number))
            system.Messages.Give(message.User, message.Charge);
    }

    private LongMessage Add(AttachedSpace space, uint slot, uint user, byte[] bytes)
    {
        do
            last = (last % MostNumbers) + 1;
        while (messages.ContainsKey(last));
        var message = new LongMessage(this, space, slot, last, user, bytes);
        messages.Add(last, message);
        space.Grants.Add(message);
        system.Messages.Take(user, message.Charge);
        return message;
    }
}

/// <summary>One of them. It ends with its process.</summary>
/// <param name="all">The others.</param>
/// <param name="space">Whose it is.</param>
/// <param name="slot">Process slot there.</param>
/// <param name="number">Its number.</param>
/// <param name="user">For whom it counts.</param>
/// <param name="bytes">Its bytes, as many as it will have.</param>
public sealed class LongMessage(LongMessages all, AttachedSpace space, uint slot, uint number, uint user, byte[] bytes) : SpaceGrant(slot)
{
    // What it takes beside its bytes, about.
    private const int Overhead = 256;

    /// <summary>Whose it is.</summary>
    public AttachedSpace Space => space;

    /// <summary>Its number.</summary>
    public uint Number => number;

    /// <summary>For whom it counts.</summary>
    public uint User => user;

    /// <summary>What it counts.</summary>
    public int Charge => bytes.Length + Overhead;

    /// <summary>Its bytes.</summary>
    public byte[] Bytes => bytes;

    /// <summary>How many of them are wanted.</summary>
    public int Length { get; set; } = bytes.Length;

    /// <summary>How many of them have been given, or taken.</summary>
    public int Position { get; set; }

    /// <summary>Puts a piece behind the others. False: there is no room for it.</summary>
    public bool TryGive(ReadOnlySpan<byte> piece)
    {
        if (piece.Length > Length - Position)
            return false;
        piece.CopyTo(bytes.AsSpan(Position));
        Position += piece.Length;
        return true;
    }

    /// <summary>Takes the next piece.</summary>
    public int Take(Span<byte> target)
    {
        int length = Math.Min(target.Length, Length - Position);
        bytes.AsSpan(Position, length).CopyTo(target);
        Position += length;
        return length;
    }

    /// <inheritdoc/>
    public override void Withdraw()
    {
        space.Grants.Remove(this);
        all.Remove(this);
    }
}
