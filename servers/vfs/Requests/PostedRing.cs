using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Libsys.Hosting;
using Libsys.Messages;

namespace Servers.Vfs.Requests;

/// <summary>
/// vfs' side of a connection's posted calls (<see cref="PostedLayout"/>). The client may write all of it at any time: the own index is a private copy, and the
/// client's is taken once for all entries that are served.
/// </summary>
/// <param name="memory">The rings' object, as long as the connection is open.</param>
public sealed class PostedRing(MappedMemory memory)
{
    private uint head;

    /// <summary>True if entries wait, or the client wrote nonsense.</summary>
    public bool HasArrived
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => memory.ReadUInt32(PostedLayout.Tail) != head;
    }

    /// <summary>How many entries wait; more than there can be: the client broke the protocol.</summary>
    public uint Count => memory.ReadUInt32(PostedLayout.Tail) - head;

    /// <summary>Takes the next entry; there is one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public (ulong First, ulong Second) Take()
    {
        uint entry = PostedLayout.EntryAt(head++);
        return (memory.ReadUInt64(entry), memory.ReadUInt64(entry + sizeof(ulong)));
    }

    /// <summary>Copies the next entries, so many bytes of them; they are there.</summary>
    public void TakeNames(Span<byte> names)
    {
        for (int at = 0; at < names.Length; at += (int)PostedLayout.EntryLength)
        {
            (ulong first, ulong second) = Take();
            BinaryPrimitives.WriteUInt64LittleEndian(names[at..], first);
            BinaryPrimitives.WriteUInt64LittleEndian(names[(at + sizeof(ulong))..], second);
        }
    }

    /// <summary>What an entry asks for has been done; entries taken since it, itself counted.</summary>
    public void Done(uint back) => memory.WriteUInt64(PostedLayout.EntryAt(head - back) + sizeof(ulong), PostedLayout.Done);

    /// <summary>Says what the client may change names by: <see cref="PostedLayout.NamesPermit"/>.</summary>
    public void PermitNames(ulong word) => memory.WriteUInt64(PostedLayout.NamesPermit, word);

    /// <summary>Says in which directory.</summary>
    public void NameDirectory(ulong reference) => memory.WriteUInt64(PostedLayout.NamesDirectory, reference);

    /// <summary>Says how many writes to files that vfs has not seen may be posted in a turn.</summary>
    public void PermitFresh(int writes) => memory.WriteUInt32(PostedLayout.FreshWrites, (uint)writes);

    /// <summary>Those that were taken have been served: there is room again.</summary>
    public void Publish() => memory.WriteUInt32(PostedLayout.Head, head);

    /// <summary>The client may post so many writes.</summary>
    public void GivePermit(uint slot, uint handle, int writes) =>
        memory.WriteUInt64(PostedLayout.PermitAt(handle), PostedLayout.Permit(slot, handle) | (uint)writes);

    /// <summary>It may not any more. Writes that it had left, as it says: any number, and 0 if it has overwritten the rest.</summary>
    public int TakePermit(uint slot, uint handle)
    {
        ulong word = memory.ExchangeUInt64(PostedLayout.PermitAt(handle), 0);
        return (word & ~PostedLayout.PermitLeft) == PostedLayout.Permit(slot, handle) ? (int)(word & PostedLayout.PermitLeft) : 0;
    }

    /// <summary>Tells the client whether this ring is looked at. The fence keeps looks that follow behind it.</summary>
    public void Mind(bool isMinded) => memory.ExchangeUInt32(PostedLayout.Minded, isMinded ? 1u : 0);
}
