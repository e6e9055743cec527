using System.Runtime.CompilerServices;
using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>What is looked up while <see cref="DescriptorTable.Lock"/> is held, for who looks at many descriptors.</summary>
internal unsafe partial struct DescriptorTable
{
    /// <summary>The descriptor of a number that is not negative, or null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Descriptor* At(DescriptorTable* table, int fd) => table->view.IsOpen(fd) ? table->view.Slots + fd : null;

    /// <summary>The number that stands for the table in what is kept of its handles: its distance from the heap's start.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint NumberOf(DescriptorTable* table) => (uint)((ulong)table - Window.Heap);

    /// <summary>What tells the handle from those that have had its number, and will.</summary>
    public static uint GenerationOf(DescriptorTable* table, uint handle) => table->view.GenerationOf(handle);

    /// <summary>True while a descriptor refers to what the handle was then.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsUsed(DescriptorTable* table, uint handle, uint generation) => table->view.IsUsed(handle, generation);
}
