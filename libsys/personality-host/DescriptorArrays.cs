using System.Runtime.InteropServices;

namespace Libsys.Personality;

/// <summary>Descriptor slots over memory of their own.</summary>
internal sealed unsafe class DescriptorArrays : IDisposable
{
    private DescriptorSlots slots;

    /// <summary>Empty slots for numbers and handles below <paramref name="capacity"/>.</summary>
    public DescriptorArrays(int capacity)
    {
        slots.Slots = (Descriptor*)NativeMemory.AllocZeroed((nuint)capacity, (nuint)sizeof(Descriptor));
        slots.Uses = (ulong*)NativeMemory.AllocZeroed((nuint)capacity, sizeof(ulong));
        slots.Capacity = slots.UsesCapacity = (uint)capacity;
    }

    /// <summary>One more than the highest number in use.</summary>
    public uint End => slots.End;

    /// <summary>The lowest free number, or −1.</summary>
    public int LowestFree(int lowest, int limit) => slots.LowestFree(lowest, limit);

    /// <summary>True if open.</summary>
    public bool IsOpen(int number) => slots.IsOpen(number);

    /// <summary>Takes a number.</summary>
    public void Reserve(int number) => slots.Reserve(number);

    /// <summary>Gives a reservation back.</summary>
    public void Release(int number) => slots.Release(number);

    /// <summary>Opens a number.</summary>
    public void Install(int number, uint handle, uint bits = 0) => slots.Install(number, handle, bits, 0, 0);

    /// <summary>Closes a number; true if its handle must be closed too.</summary>
    public bool Remove(int number) => slots.Remove(number);

    /// <summary>What tells a handle from those that have had its number.</summary>
    public uint GenerationOf(uint handle) => slots.GenerationOf(handle);

    /// <summary>True while a number leads to what the handle was then.</summary>
    public bool IsUsed(uint handle, uint generation) => slots.IsUsed(handle, generation);

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(slots.Slots);
        NativeMemory.Free(slots.Uses);
    }
}
