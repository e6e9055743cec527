using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;

namespace Servers.Processes.Spaces;

/// <summary>The process server's side of messages to vfs that are not waited for (<see cref="ControlLayout"/>, docs/posted-control.md).</summary>
internal sealed class PostedControl(MappedMemory memory)
{
    private uint tail;

    /// <summary>
    /// Posts a message while vfs says so. False: it goes by an ordinary one. <paramref name="isAlone"/>: only if nothing else waits.
    /// </summary>
    public bool TryPost(in MessageWords words, uint state, bool isAlone)
    {
        // Whatever vfs says of its head: too far behind is full.
        uint waiting = tail - memory.ReadUInt32(ControlLayout.Head);
        if (!Holds(state) || waiting >= (isAlone ? 1 : ControlLayout.Entries))
            return false;
        uint entry = ControlLayout.EntryAt(tail);
        for (int index = 0; index < ControlLayout.EntryWords; index++)
            memory.WriteUInt64(entry + (uint)index * sizeof(ulong), words[index]);
        memory.ExchangeUInt32(ControlLayout.Tail, ++tail);
        return true;
    }

    /// <summary>True if vfs still says so: behind the fence of a post, vfs then sees that entry when it takes its word back.</summary>
    public bool Holds(uint state) => (memory.ReadUInt32(ControlLayout.State) & state) == state;
}
