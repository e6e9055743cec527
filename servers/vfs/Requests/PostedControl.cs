using System.Runtime.CompilerServices;
using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Processes;

namespace Servers.Vfs.Requests;

/// <summary>
/// vfs' side of what the process server does not wait for (<see cref="ControlLayout"/>, docs/posted-control.md): served in order, before whatever is served
/// next.
/// </summary>
/// <param name="memory">The page that both share.</param>
/// <param name="calls">Carries the messages out.</param>
/// <param name="state">What holds now: bits of <see cref="ControlLayout"/>.</param>
public sealed class PostedControl(MappedMemory memory, ProcessCalls calls, Func<uint> state)
{
    private uint head, shown;

    /// <summary>True if entries wait.</summary>
    public bool HasArrived
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => memory.ReadUInt32(ControlLayout.Tail) != head;
    }

    /// <summary>How many wait. The process server is trusted with more than this ring; what cannot be is none all the same.</summary>
    public uint Waiting => memory.ReadUInt32(ControlLayout.Tail) - head is var waiting and <= ControlLayout.Entries ? waiting : 0;

    /// <summary>Serves the next one; there is one.</summary>
    public void ServeNext()
    {
        uint entry = ControlLayout.EntryAt(head++);
        MessageWords words = default;
        for (int index = 0; index < ControlLayout.EntryWords; index++)
            words[index] = memory.ReadUInt64(entry + (uint)index * sizeof(ulong));
        calls.ServePosted(in words);
    }

    /// <summary>There is room for those that were served.</summary>
    public void Publish() => memory.WriteUInt32(ControlLayout.Head, head);

    /// <summary>
    /// Tells the process server what holds. True: something does no more, and what was posted on the strength of it is there now, behind a fence.
    /// </summary>
    public bool Show()
    {
        uint holds = state();
        if (holds == shown)
            return false;
        uint ended = shown & ~holds;
        shown = holds;
        memory.ExchangeUInt32(ControlLayout.State, holds);
        return ended != 0;
    }
}
