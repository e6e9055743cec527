using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>
/// Reads a start table that somebody hostile wrote: from a private copy, because its writer may still have it mapped, and with every offset checked. A small
/// table is such a copy already.
/// </summary>
internal unsafe struct StartTableView
{
    private byte* table;
    private uint length;

    /// <summary>The header of the copy.</summary>
    public readonly StartTable* Header => (StartTable*)table;

    /// <summary>
    /// Takes the table at <see cref="Window.SmallStartTable"/>, of which so many bytes were copied, before anything else uses the heap. 0, -E2BIG or -EINVAL.
    /// </summary>
    public static long Adopt(ulong copied, StartTableView* view)
    {
        if (copied > Window.SmallStartTableLimit)
            return -Errno.E2BIG;
        view->table = PersonalityHeap.Adopt(copied);
        view->length = view->Header->Length;
        if (copied < (ulong)sizeof(StartTable) || view->Header->Magic != StartTable.MagicValue || view->length < sizeof(StartTable))
            return -Errno.EINVAL;
        if (view->length > copied)
            return -Errno.E2BIG;
        view->table[view->length] = 0; // as below
        return 0;
    }

    /// <summary>Copies a table of which so many bytes are mapped. Returns 0, -E2BIG, -ENOMEM or -EINVAL.</summary>
    public static long Copy(StartTable* source, ulong mapped, StartTableView* view)
    {
        uint length = source->Length;
        if (source->Magic != StartTable.MagicValue || length < sizeof(StartTable))
            return -Errno.EINVAL;
        if (length > Window.StartTableLimit || length > mapped)
            return -Errno.E2BIG;
        view->table = (byte*)PersonalityHeap.Allocate(length + 1ul);
        if (view->table == null)
            return -Errno.ENOMEM;
        BlockMemory.Move(view->table, source, length);
        // A NUL behind the end: no string can run out of the copy.
        view->table[length] = 0;
        view->length = length;
        return 0;
    }

    /// <summary>Gives the copy back. Strings from it are gone then.</summary>
    public readonly void Free() => PersonalityHeap.Free(table);

    /// <summary>The string at an offset, or null.</summary>
    public readonly byte* String(uint offset) => offset >= sizeof(StartTable) && offset < length ? table + offset : null;

    /// <summary>An array of <paramref name="count"/> elements at an offset, or null.</summary>
    public readonly void* Array(uint offset, uint count, uint elementSize) =>
        offset <= length && offset % 4 == 0 && (ulong)count * elementSize <= length - offset ? table + offset : null;

    /// <summary>
    /// Bytes of a table that whoever created the space has mapped at its place in the window, 0 if there is none. Asked of the kernel: touching what is not
    /// there would end the space.
    /// </summary>
    public static ulong MappedLength(TaskState* task) =>
        KernelCalls.Query(Window.StartTableAddress) == (long)Window.StartTableAddress ? KernelCalls.MessageWords(task)[1] : 0;
}
