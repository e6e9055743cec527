using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// Where the directory part of a thread's last path has led in the published names: the same text leads there again, as long as nothing is published anew. Who
/// changes names works in one directory, and walks to it once. Zero at start: nothing is known.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct KnownParent
{
    // Directories of most paths; others are walked each time.
    private const uint LongestDirectory = 48;

    // As of every walk: who meets a change of vfs four times in a row asks.
    private const int Tries = 4;

    private ulong sequence; // of the published names, even and never 0; 0: nothing is known
    private ulong start, reference;
    private uint length;
    private fixed ulong directory[(int)LongestDirectory / sizeof(ulong)];

    /// <summary>
    /// The directory that the last name of a path is in, <see cref="PublishedNames.Reference"/>, and that name; 0: that is to be asked by message. It was so at
    /// one moment of the call.
    /// </summary>
    public static ulong Find(TaskState* task, ulong from, ulong path, NameInDirectory* name)
    {
        // Words behind it are read whole, and cut off.
        byte* text = stackalloc byte[(int)NameLookup.PathRoom + sizeof(ulong)];
        long length = UserMemory.CopyString(text, path, NameLookup.PathRoom);
        if (length <= 0)
            return 0;
        uint end = (uint)length, at = end;
        while (at > 0 && text[at - 1] != (byte)'/')
            at--;
        if (!TryCut(name, text + at, end - at))
            return 0;
        bool isAbsolute = *text == (byte)'/';
        ulong sequence = NameLookup.Sequence, start = isAbsolute ? 0 : NameLookup.StartOf(task, from);
        if (start == 0 && !isAbsolute)
            return 0;
        return Is(&task->Parent, sequence, start, (ulong*)text, at) ? task->Parent.reference : Walk(task, start, text, end, at);
    }

    /// <summary>In a forked child, which will have the names mapped anew.</summary>
    public static void AfterFork(TaskState* task) => task->Parent.sequence = 0;

    // A name that may be posted: within bounds, and neither "." nor "..".
    private static bool TryCut(NameInDirectory* name, byte* from, uint length)
    {
        const ulong dot = 0x2E, dotDot = 0x2E2E;
        if (length is 0 or > PublishedNames.LongestName)
            return false;
        name->Length = length;
        uint last = (length - 1) / sizeof(ulong);
        for (uint word = 0; word <= last; word++)
            name->Words[word] = *(ulong*)(from + word * sizeof(ulong));
        name->Words[last] &= LowBytes(length - last * sizeof(ulong));
        return name->Words[0] is not (dot or dotDot);
    }

    private static bool Is(KnownParent* known, ulong sequence, ulong start, ulong* text, uint length)
    {
        if (known->sequence != sequence || sequence == 0 || known->start != start || known->length != length)
            return false;
        uint word = 0, rest = length;
        for (; rest >= sizeof(ulong); rest -= sizeof(ulong), word++)
        {
            if (known->directory[word] != text[word])
                return false;
        }
        return rest == 0 || ((known->directory[word] ^ text[word]) & LowBytes(rest)) == 0;
    }

    // Not in line: it is rare, and has a copy of the text, since a walk changes what it follows.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong Walk(TaskState* task, ulong start, byte* text, uint length, uint directoryLength)
    {
        KnownParent* known = &task->Parent;
        byte* walked = stackalloc byte[(int)NameLookup.WalkRoom];
        for (int attempt = 0; attempt < Tries; attempt++)
        {
            BlockMemory.Move(walked, text, length + 1);
            ulong sequence = NameLookup.Sequence, found = NameLookup.Parent(start, walked);
            if (NameLookup.Sequence != sequence || (sequence & 1) != 0)
                continue;
            known->sequence = 0;
            if (found == 0 || directoryLength > LongestDirectory)
                return found;
            BlockMemory.Move(known->directory, text, directoryLength);
            known->start = start;
            known->reference = found;
            known->length = directoryLength;
            known->sequence = sequence;
            return found;
        }
        return 0;
    }

    private static ulong LowBytes(uint count) => ulong.MaxValue >> (int)((sizeof(ulong) - count) * 8);
}
