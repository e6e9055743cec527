using System.Numerics;
using System.Runtime.InteropServices;
using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>
/// Memory of the personality itself, in <see cref="Window.Heap"/> (demand zero, copied by fork). Power-of-two blocks on free lists, carved from the
/// front of the region; large ones are multiples of a page. Bounded by the region; null when it is full.
/// </summary>
internal static unsafe class PersonalityHeap
{
    private const int SmallestShift = 5;
    private const int LargestShift = 25;
    private const ulong HeaderLength = 16;

    // What is kept of the first page for the root; the first blocks lie behind it.
    private const ulong RootLength = 256;

    /// <summary>Start of the heap: the only state at a fixed place.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct HeapRoot
    {
        public PersonalityLock Lock;
        public uint Reserved;
        public ulong Next;
        public fixed ulong Free[LargestShift + 1];
    }

    private static HeapRoot* Root => (HeapRoot*)Window.Heap;

    /// <summary>Zeroed memory, aligned to 16; null if there is none.</summary>
    public static void* Allocate(ulong length)
    {
        void* memory = AllocateDirty(length, out bool isFresh);
        if (memory != null && !isFresh)
            BlockMemory.Zero(memory, (1ul << (int)*(ulong*)((ulong)memory - HeaderLength)) - HeaderLength);
        return memory;
    }

    /// <summary>The same with any contents, for who overwrites it at once.</summary>
    public static void* AllocateDirty(ulong length) => AllocateDirty(length, out _);

    private static void* AllocateDirty(ulong length, out bool fresh)
    {
        fresh = false;
        int shift = ShiftOf(length);
        if (shift > LargestShift)
            return null;

        HeapRoot* root = Root;
        PersonalityLock.Enter(&root->Lock);
        ulong block = root->Free[shift];
        fresh = block == 0;
        if (!fresh)
            root->Free[shift] = *(ulong*)(block + HeaderLength);
        else
            block = Carve(root, 1ul << shift);
        PersonalityLock.Exit(&root->Lock);
        if (block == 0)
            return null;

        *(ulong*)block = (ulong)shift;
        return (void*)(block + HeaderLength);
    }

    /// <summary>
    /// Takes so many bytes that lie at <see cref="Window.SmallStartTable"/> in a fresh heap, before anything else, as its first block, with room for one more.
    /// </summary>
    public static byte* Adopt(ulong length)
    {
        int shift = ShiftOf(length + 1);
        ulong block = Window.SmallStartTable - HeaderLength;
        *(ulong*)block = (ulong)shift;
        Root->Next = block + (1ul << shift);
        return (byte*)Window.SmallStartTable;
    }

    // Of the block that holds so many bytes.
    private static int ShiftOf(ulong length) =>
        length <= (1ul << SmallestShift) - HeaderLength ? SmallestShift : BitOperations.Log2(length + HeaderLength - 1) + 1;

    /// <summary>Gives memory back; null is fine.</summary>
    public static void Free(void* memory)
    {
        if (memory == null)
            return;
        ulong block = (ulong)memory - HeaderLength;
        ulong shift = *(ulong*)block;
        HeapRoot* root = Root;
        PersonalityLock.Enter(&root->Lock);
        *(ulong*)memory = root->Free[shift];
        root->Free[shift] = block;
        PersonalityLock.Exit(&root->Lock);
    }

    /// <summary>Taken around a fork, last in the order, so that the copied heap is whole.</summary>
    public static void EnterLock() => PersonalityLock.Enter(&Root->Lock);

    /// <summary>Counterpart of <see cref="EnterLock"/>, in the parent.</summary>
    public static void ExitLock() => PersonalityLock.Exit(&Root->Lock);

    /// <summary>In a forked child.</summary>
    public static void ResetLock() => PersonalityLock.Reset(&Root->Lock);

    private static ulong Carve(HeapRoot* root, ulong length)
    {
        if (root->Next == 0)
            root->Next = Window.Heap + RootLength; // where SmallStartTable has its header
        if (length > Window.Heap + Window.HeapLength - root->Next)
            return 0;
        ulong block = root->Next;
        root->Next = block + length;
        return block;
    }
}
