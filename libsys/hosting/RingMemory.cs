using Libsys.Rings;

namespace Libsys.Hosting;

/// <summary>Rings in memory that was mapped (or, for tests, allocated) already.</summary>
public static unsafe class RingMemory
{
    /// <summary>Connection memory without a kernel, zeroed.</summary>
    public static MappedMemory Allocate(in ConnectionShape shape) => MappedMemory.Allocate((int)shape.Length);

    /// <summary>A client. The memory must outlive it.</summary>
    public static RingClient Client(MappedMemory memory, in ConnectionShape shape) => new(memory.Pointer, shape);

    /// <summary>A server. The memory must outlive it.</summary>
    public static RingServer Server(MappedMemory memory, in ConnectionShape shape, ulong generation) => new(memory.Pointer, shape, generation);

    /// <summary>A server that goes on where another stopped. The memory must outlive it.</summary>
    public static RingServer Resume(MappedMemory memory, in ConnectionShape shape, ulong generation, uint submissionHead, uint completionTail) =>
        new(memory.Pointer, shape, generation, submissionHead, completionTail);
}
