using Libsys.Rings;

namespace Libsys.Hosting;

/// <summary>Rings in memory that was mapped (or, for tests, allocated) already.</summary>
public static unsafe class RingMemory
{
    /// <summary>Connection memory without a kernel, zeroed.</summary>
    public static MappedMemory Allocate(int poolLength) => MappedMemory.Allocate(RingLayout.Pool + poolLength);

    /// <summary>A client. The memory must outlive it.</summary>
    public static RingClient Client(MappedMemory memory) => new(memory.Pointer);

    /// <summary>A server. The memory must outlive it.</summary>
    public static RingServer Server(MappedMemory memory, ulong generation) => new(memory.Pointer, generation);
}
