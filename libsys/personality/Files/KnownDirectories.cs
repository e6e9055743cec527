using System.Runtime.InteropServices;
using System.Threading;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// How open directories are published (docs/published-names.md): of the handles that paths have begun at, the last ones, a word each. Part of a descriptor
/// table, whose lock guards it. Zero at start.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct KnownDirectories
{
    private const int Count = 8;

    // In a word: the number of the record and 1, the handle, and the generation, as in a reference.
    private const int HandleShift = 12;
    private const ulong HandleMask = 0xFFFF;

    private fixed ulong words[Count];
    private uint closes;

    /// <summary>Another number after a handle of the table was closed: what was asked before says nothing then.</summary>
    public static uint Closes(DescriptorTable* table) => Volatile.Read(ref table->Directories.closes);

    /// <summary>The last number of a handle is closed; with the lock held. What is known to be another kind of file need not be told of.</summary>
    public static void Forget(DescriptorTable* table, uint handle, uint mode)
    {
        if ((mode & InodeMode.TypeMask) is not (InodeMode.Directory or 0))
            return;
        table->Directories.closes++;
        ref ulong word = ref table->Directories.words[handle % Count];
        if ((word >> HandleShift & HandleMask) == handle)
            Volatile.Write(ref word, 0);
    }

    /// <summary>vfs has said how a handle is published, if it is. Counts if <see cref="Closes"/> is still <paramref name="since"/>.</summary>
    public static void Learn(DescriptorTable* table, ulong handle, ulong reference, uint since)
    {
        if (reference == 0 || handle > HandleMask || Find(table, (uint)handle) == reference)
            return;
        PersonalityLock.Enter(&table->Lock);
        if (table->Directories.closes == since)
            Volatile.Write(ref table->Directories.words[handle % Count], reference | handle << HandleShift);
        PersonalityLock.Exit(&table->Lock);
    }

    /// <summary>How a handle is published, <see cref="PublishedNames.Reference"/>; 0: not known.</summary>
    public static ulong Find(DescriptorTable* table, uint handle)
    {
        ulong word = Volatile.Read(ref table->Directories.words[handle % Count]), reference = word & ~(HandleMask << HandleShift);
        return (word >> HandleShift & HandleMask) == handle ? reference : 0;
    }
}
