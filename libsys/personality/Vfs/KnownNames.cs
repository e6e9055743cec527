using System.Runtime.InteropServices;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>One name, as the space knows it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct KnownName
{
    /// <summary>The name, filled up with zeros.</summary>
    public fixed ulong Words[(int)PostedLayout.LongestName / sizeof(ulong)];
    /// <summary>Its length in bytes; 0: the place is free.</summary>
    public uint Length;
    /// <summary>What it stands for; never <see cref="KnownKind.Unknown"/>.</summary>
    public KnownKind Kind;
    /// <summary>Which file that is: two names of one have the same.</summary>
    public ulong Node;
}

/// <summary>
/// What a space knows of names in the directory in which it may change them without waiting (docs/posted-names.md): the last ones that it was told of, or has
/// changed itself. Guarded by the lock of the posted calls. In the heap, of who has had such a permit.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct KnownNames
{
    private const int Count = 8, NameWords = 10;

    // Made here, so that it is the number of no other file: those have 32 bits.
    private const ulong FirstOwnNode = 1ul << 32;

    /// <summary>Number of the permit under which all of it is so; 0: nothing is known.</summary>
    public uint Number;

    private uint hand;

    // Files that were made in one turn and are open since, a bit each in one block of handles; and writes to such files in it.
    private uint freshFirst, freshFiles, freshWrites;
    private ulong freshTurn;

    private ulong nodes;
    private fixed ulong names[Count * NameWords];

    /// <summary>Knows nothing from now on.</summary>
    public static void Clear(KnownNames* known)
    {
        known->Number = 0;
        known->freshFiles = 0;
        for (int index = 0; index < Count; index++)
            At(known, index)->Length = 0;
    }

    /// <summary>What is known of a name, filled up with zeros; null: nothing.</summary>
    public static KnownName* Find(KnownNames* known, ulong* words, uint length)
    {
        for (int index = 0; index < Count; index++)
        {
            KnownName* name = At(known, index);
            uint word = 0;
            if (name->Length != length)
                continue;
            while (word * sizeof(ulong) < length && name->Words[word] == words[word])
                word++;
            if (word * sizeof(ulong) >= length)
                return name;
        }
        return null;
    }

    /// <summary>A name stands for something else now, in the place of another one if need be.</summary>
    public static void Set(KnownNames* known, ulong* words, uint length, KnownKind kind, ulong node)
    {
        KnownName* name = Find(known, words, length);
        if (kind == KnownKind.Unknown)
        {
            if (name != null)
                name->Length = 0;
            return;
        }
        if (name == null)
            name = At(known, (int)(known->hand++ % Count));
        for (uint word = 0; word * sizeof(ulong) < length; word++)
            name->Words[word] = words[word];
        name->Length = length;
        name->Kind = kind;
        name->Node = node;
    }

    /// <summary>A number for a file that is made.</summary>
    public static ulong NewNode(KnownNames* known) => FirstOwnNode + known->nodes++;

    /// <summary>A file was made, and opened under a handle, in a turn which lasts: vfs has not seen it.</summary>
    public static void AddFresh(KnownNames* known, uint handle, ulong turn)
    {
        if (known->freshTurn != turn || known->freshFirst != First(handle))
        {
            known->freshWrites = known->freshTurn == turn ? known->freshWrites : 0;
            known->freshTurn = turn;
            known->freshFirst = First(handle);
            known->freshFiles = 0;
        }
        known->freshFiles |= Bit(handle);
    }

    /// <summary>True if it is such a file, and so many writes of a turn are not used up.</summary>
    public static bool IsFresh(KnownNames* known, uint handle, ulong turn, uint most) => known->freshTurn == turn && known->freshFirst == First(handle)
        && (known->freshFiles & Bit(handle)) != 0 && known->freshWrites < most;

    /// <summary>One was posted.</summary>
    public static void CountFresh(KnownNames* known) => known->freshWrites++;

    /// <summary>A handle is closed.</summary>
    public static void ForgetFresh(KnownNames* known, uint handle) => known->freshFiles &= known->freshFirst == First(handle) ? ~Bit(handle) : uint.MaxValue;

    private static uint First(uint handle) => handle & ~(PostedLayout.LentHandles - 1u);

    private static uint Bit(uint handle) => 1u << (int)(handle & PostedLayout.LentHandles - 1u);

    private static KnownName* At(KnownNames* known, int index) => (KnownName*)(known->names + index * NameWords);
}
