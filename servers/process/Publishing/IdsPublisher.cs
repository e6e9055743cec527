using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Processes.Tree;

namespace Servers.Processes.Publishing;

/// <summary>Keeps the words up to date that programs read instead of asking (<see cref="PublishedIds"/>).</summary>
internal sealed class IdsPublisher
{
    private const MapFlags Access = MapFlags.Read | MapFlags.Shared | MapFlags.ForkOmit;

    private readonly MappedMemory words;
    private readonly MemoryObjectHandle readable;

    /// <summary>Makes them.</summary>
    /// <exception cref="InvalidOperationException">There is no memory for them.</exception>
    public IdsPublisher()
    {
        KernelStatus status = SealedMemory.TryCreate(PublishedIds.Length, out MemoryObjectHandle memory, out MappedMemory? mapped);
        KernelHandle duplicate = default;
        // What a space maps by this one it cannot make writable.
        if (status == KernelStatus.Ok)
            status = memory.Handle.TryDuplicate(Rights.Read, out duplicate);
        if (status != KernelStatus.Ok)
            throw new InvalidOperationException($"the published ids cannot be made: {status}");
        words = mapped!;
        readable = new MemoryObjectHandle(duplicate.Index);
        memory.Handle.Close(); // the mapping keeps it
    }

    /// <summary>Writes a process' words.</summary>
    public void Publish(Process process)
    {
        ulong entry = (ulong)process.TableIndex * PublishedIds.EntryLength;
        words.WriteUInt32(entry + PublishedIds.Parent, (uint)(process.Parent?.Pid ?? 0));
        words.WriteUInt32(entry + PublishedIds.Group, (uint)process.Group);
        words.WriteUInt32(entry + PublishedIds.Session, (uint)process.Session);
        words.WriteUInt32(entry + PublishedIds.ChildSignals, process.ChildSignals);
    }

    /// <summary>Maps them into a space, unless it has them. 0 or a negative errno.</summary>
    public long Show(ProgramSpace space)
    {
        KernelStatus status = space.Space.Map(Window.PublishedIds, PublishedIds.Length, Access, readable);
        return status is KernelStatus.Ok or KernelStatus.Occupied ? 0 : -Errno.ENOMEM;
    }
}
