using Libsys.Abi;
using Libsys.Hosting;

namespace Servers.Processes.Spaces;

/// <summary>
/// Where the start table of a new program comes from: bytes of another space, which are copied to the first block of the new personality's heap, or, where
/// they are too many, an object that is mapped. Its writer may change it at any moment; only the new personality reads it, at its own risk.
/// </summary>
/// <param name="Space">Of a table that is copied: where it lies.</param>
/// <param name="Address">Its address there; 0: the object is mapped.</param>
/// <param name="Memory">The object.</param>
/// <param name="Length">Bytes: of a table that is copied a multiple of 8, of an object whole pages.</param>
internal readonly record struct StartTableSource(AddressSpaceHandle Space, ulong Address, MemoryObjectHandle Memory, ulong Length)
{
    // What every start uses behind the table, about, and the page at the stack's top: one call is cheaper than a fault a page.
    private const ulong StartedHeap = 4 * 4096, StartedStack = 4096;

    /// <summary>Where the new program finds it.</summary>
    public ulong Place => Address != 0 ? Window.SmallStartTable : Window.StartTableAddress;

    /// <summary>A table that the caller of exec has in its space; null if it cannot be one.</summary>
    public static StartTableSource? InSpace(AddressSpaceHandle space, ulong address, ulong length)
    {
        ulong whole = (length + sizeof(ulong) - 1) & ~(ulong)(sizeof(ulong) - 1);
        return length is 0 or > Window.SmallStartTableLimit || address % sizeof(ulong) != 0 ? null
            : new StartTableSource(space, address, default, whole);
    }

    /// <summary>A table that an object holds; null if it is too short for that.</summary>
    public static StartTableSource? InObject(MemoryObjectHandle memory, ulong length)
    {
        ulong whole = ProgramSpaces.PageRound(length);
        return length is 0 or > Window.StartTableLimit || memory.TryQuery(out ulong actual, out _, out _) != KernelStatus.Ok || actual < whole ? null
            : new StartTableSource(default, 0, memory, whole);
    }

    /// <summary>Gives it to a new space.</summary>
    public KernelStatus GiveTo(AddressSpaceHandle space)
    {
        ulong used = StartedHeap;
        if (Address == 0)
        {
            KernelStatus status = space.Map(Place, Length, MapFlags.Read | MapFlags.Shared | MapFlags.ForkOmit, Memory);
            if (status != KernelStatus.Ok)
                return status;
        }
        else
        {
            KernelStatus status = space.CopyFrom(Place, Space, Address, Length);
            if (status != KernelStatus.Ok)
                return status;
            used += ProgramSpaces.PageRound(Window.SmallStartTable - Window.Heap + Length);
        }

        space.Populate(Window.Heap - StartedStack, StartedStack + used); // what it lacks then is made when it is touched
        return KernelStatus.Ok;
    }
}
