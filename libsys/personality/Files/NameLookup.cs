using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>What a lookup is for.</summary>
internal enum LookupAim
{
    /// <summary>Whether it is there, and its type.</summary>
    Existence,
    /// <summary>struct stat.</summary>
    Attributes,
    /// <summary>struct stat, copied to the program, whatever comes of it then: a failure of that is -EFAULT.</summary>
    Status,
    /// <summary>The text of a symbolic link.</summary>
    Text,
    /// <summary>Its record, and of struct stat mode, owner and links.</summary>
    Opening,
    /// <summary>The record of the directory that the last name is in, and that name as the text, filled up with zeros; whatever it stands for.</summary>
    Parent,
}

/// <summary>What was found: a private copy.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct FoundName
{
    /// <summary>Of what was found, as <see cref="PublishedNames.Flags"/>.</summary>
    public uint Flags;
    /// <summary>Of the directory that it was found in.</summary>
    public uint DirectoryFlags;
    /// <summary>Bytes of a link's text; 0: not known.</summary>
    public uint TextLength;
    /// <summary>The record, as <see cref="PublishedNames.Reference"/>.</summary>
    public ulong Reference;
    /// <summary>Where struct stat is wanted in the program; given by who asks for <see cref="LookupAim.Status"/>.</summary>
    public ulong Target;
    /// <summary>struct stat.</summary>
    public fixed ulong Stat[(int)StatLayout.Length / sizeof(ulong)];
    /// <summary>A link's text.</summary>
    public fixed byte Text[(int)PublishedNames.LongestText];
}

/// <summary>
/// Path lookup, path_resolution(7), in the published names (docs/published-names.md). It answers what is certain, and leaves everything else to a message: what
/// is not published, all errors but ENOENT, and paths that are long.
/// </summary>
internal static unsafe class NameLookup
{
    /// <summary>To be asked by message.</summary>
    public const long Ask = 1;

    /// <summary>Paths of most calls, with their NUL and with the texts of links in them.</summary>
    public const uint PathRoom = 256;

    // Room behind a path: it is read by words.
    private const uint Slack = sizeof(ulong);

    /// <summary>Room that a walk needs: for the path, what is read behind it, and the words of a name.</summary>
    public const uint WalkRoom = PathRoom + Slack + PublishedNames.LongestName;

    // Of each byte of a word.
    private const ulong LowestBits = 0x0101_0101_0101_0101, HighestBits = 0x8080_8080_8080_8080, Slashes = LowestBits * (byte)'/';

    // A change of vfs takes as long as some ten instructions; who meets one four times in a row asks.
    private const int Tries = 4;

    // path_resolution(7); vfs says ELOOP.
    private const int MostLinks = 40;

    // Words of names.
    private const ulong Dot = 0x2E, DotDot = 0x2E2E;

    private const uint None = uint.MaxValue - 1;

    /// <summary>Looks a path up: 0, −ENOENT, or <see cref="Ask"/>. All that is found was there at one moment of the call.</summary>
    public static long Find(TaskState* task, ulong directory, ulong path, bool follow, LookupAim aim, FoundName* found)
    {
        byte* text = stackalloc byte[(int)WalkRoom];
        for (int attempt = 0; attempt < Tries; attempt++)
        {
            ulong sequence = Sequence;
            if ((sequence & 1) != 0)
                continue;
            found->DirectoryFlags = 0;
            if (UserMemory.CopyString(text, path, PathRoom) <= 0)
                return Ask;
            long result = Start(task, directory, text, out uint at) ? Walk(text, at, follow, aim, found) : Ask;
            if (Sequence == sequence)
                return result;
        }
        return Ask;
    }

    /// <summary>Number of what is published now: odd while vfs changes it.</summary>
    public static ulong Sequence => LoadWord(Window.PublishedNames + PublishedNames.Sequence);

    /// <summary>How the directory is published that relative paths begin at, <see cref="PublishedNames.Reference"/>; 0: not known.</summary>
    public static ulong StartOf(TaskState* task, ulong directory) =>
        (int)(uint)directory == AtFlags.WorkingDirectory ? Volatile.Read(ref task->Process->WorkingDirectory) : OfOpen(task, directory);

    /// <summary>
    /// The directory that the last name of a path is in, likewise; 0: to be asked. <paramref name="start"/> 0 is the root. Right if <see cref="Sequence"/> is
    /// even and the same before and after; the text, in <see cref="WalkRoom"/>, may be another one then.
    /// </summary>
    public static ulong Parent(ulong start, byte* text)
    {
        FoundName found;
        uint at = start == 0 ? 0 : (uint)start - 1;
        bool isThere = start == 0 || Record(at, PublishedNames.Generation) == (uint)(start >> 32);
        return isThere && Walk(text, at, false, LookupAim.Parent, &found) == 0 ? found.Reference : 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Start(TaskState* task, ulong directory, byte* text, out uint at)
    {
        at = 0;
        if (*text == (byte)'/')
            return true;
        ulong reference = StartOf(task, directory);
        if (reference == 0)
            return false;
        at = (uint)reference - 1;
        return Record(at, PublishedNames.Generation) == (uint)(reference >> 32);
    }

    // Not in line: most paths do not begin there, and need not make room for it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong OfOpen(TaskState* task, ulong directory)
    {
        Descriptor descriptor;
        bool isOpen = DescriptorTable.Find(task, directory, &descriptor) && (descriptor.Bits & DescriptorBits.Local) == 0;
        return isOpen ? KnownDirectories.Find(task->Process->Descriptors, descriptor.Handle) : 0;
    }

    // Room for the words of a name is behind the path.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Walk(byte* text, uint at, bool follow, LookupAim aim, FoundName* found)
    {
        ulong* name = (ulong*)(text + PathRoom + Slack);
        int links = 0;
        uint flags = Record(at, PublishedNames.Flags);
        for (uint position = 0; ;)
        {
            if ((flags & PublishedNames.IsSearchable) == 0)
                return Ask;
            while (text[position] == (byte)'/')
                position++;
            if (text[position] == 0)
                return Take(at, flags, aim, found);
            uint length = Component(text, ref position, name, at, out uint hash);
            if (length == 0)
                return Ask;
            if (aim == LookupAim.Parent && text[position] == 0)
                return TakeParent(at, name, length, found);
            if (*name is Dot or DotDot)
            {
                at = length == 1 ? at : Record(at, PublishedNames.Parent);
                flags = Record(at, PublishedNames.Flags);
                continue;
            }
            uint child = FindEntry(at, name, length, hash);
            if (child is None or PublishedNames.Absent)
                return child == None ? Ask : -Errno.ENOENT;
            uint childFlags = Record(child, PublishedNames.Flags);
            uint type = (childFlags & PublishedNames.TypeMask) << PublishedNames.TypeShift;
            bool isLast = text[position] == 0;
            if (type == InodeMode.SymbolicLink && (follow || !isLast))
            {
                if (links++ == MostLinks || (flags & PublishedNames.IsShared) != 0 || !PutText(text, position, child))
                    return Ask;
                position = 0;
                at = *text == (byte)'/' ? 0 : at;
                flags = Record(at, PublishedNames.Flags);
                continue;
            }
            if (isLast)
            {
                found->DirectoryFlags = flags;
                return Take(child, childFlags, aim, found);
            }
            if (type != InodeMode.Directory)
                return Ask;
            // Slashes behind a directory. It need not be searchable for that.
            if (IsEnd(text, position))
                return Take(child, childFlags, aim, found);
            (at, flags) = (child, childFlags);
        }
    }

    private static long TakeParent(uint directory, ulong* name, uint length, FoundName* found)
    {
        if (*name is Dot or DotDot)
            return Ask;
        found->Reference = PublishedNames.Reference(directory, Record(directory, PublishedNames.Generation));
        found->TextLength = length;
        for (uint word = 0; word * sizeof(ulong) < length; word++)
            ((ulong*)found->Text)[word] = name[word];
        return 0;
    }

    private static bool IsEnd(byte* text, uint position)
    {
        while (text[position] == (byte)'/')
            position++;
        return text[position] == 0;
    }

    // Words of the next component, filled up with zeros; its length, 0 if it is too long. The position is behind it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Component(byte* text, ref uint position, ulong* name, uint directory, out uint hash)
    {
        ulong mixed = PublishedNames.BeginHash(directory);
        byte* start = text + position;
        uint length = 0;
        for (;;)
        {
            ulong word = *(ulong*)(start + length), slashes = word ^ Slashes;
            // The highest bit of each byte that is NUL or a slash; above the first one others may have it too.
            ulong ends = (unchecked(word - LowestBits) & ~word | unchecked(slashes - LowestBits) & ~slashes) & HighestBits;
            // All bits of the bytes before the first one.
            ulong before = ends == 0 ? ulong.MaxValue : ((ends ^ unchecked(ends - 1)) >> 8);
            if (before != 0)
            {
                if (length == PublishedNames.LongestName)
                    break;
                word &= before;
                name[length / sizeof(ulong)] = word;
                mixed = PublishedNames.AddToHash(mixed, word);
            }
            if (ends == 0)
            {
                length += sizeof(ulong);
                continue;
            }
            // As many bytes as are before it.
            length += (uint)(unchecked((before & LowestBits) * LowestBits) >> 56);
            hash = PublishedNames.EndHash(mixed);
            position += length;
            return length;
        }
        hash = 0;
        return 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint FindEntry(uint directory, ulong* name, uint length, uint hash)
    {
        ulong key = hash | (ulong)directory << 32;
        for (uint probe = 0; probe < PublishedNames.Probes; probe++)
        {
            // Two fields a word each time: hash and parent, child and length of the name.
            ulong entry = Window.PublishedNames + PublishedNames.EntryAt(hash + probe);
            if (LoadWord(entry + PublishedNames.EntryHash) != key)
                continue;
            ulong child = LoadWord(entry + PublishedNames.EntryChild);
            if (child >> 32 != length)
                continue;
            uint at = 0;
            while (at < length && LoadWord(entry + PublishedNames.EntryName + at) == name[at / sizeof(ulong)])
                at += sizeof(ulong);
            if (at >= length)
                return (uint)child;
        }
        return None;
    }

    // A link's text in the place of all up to the position. False: it does not fit, or is not there.
    private static bool PutText(byte* text, uint position, uint link)
    {
        uint length = Record(link, PublishedNames.TextLength), rest = 0;
        while (text[position + rest] != 0)
            rest++;
        if (length == 0 || length > PublishedNames.LongestText || length + rest >= PathRoom)
            return false;
        BlockMemory.Move(text + length, text + position, rest + 1);
        CopyText(link, text, length);
        return true;
    }

    private static long Take(uint record, uint flags, LookupAim aim, FoundName* found)
    {
        found->Flags = flags;
        if (aim == LookupAim.Status)
        {
            if ((flags & PublishedNames.HasAttributes) == 0)
                return Ask;
            byte* from = (byte*)Window.PublishedNames + PublishedNames.RecordAt(record) + PublishedNames.Attributes;
            return UserMemory.CopyOut(found->Target, from, StatLayout.Length) ? 0 : -Errno.EFAULT;
        }
        if (aim == LookupAim.Attributes)
        {
            if ((flags & PublishedNames.HasAttributes) == 0)
                return Ask;
            ulong from = Window.PublishedNames + PublishedNames.RecordAt(record) + PublishedNames.Attributes;
            for (uint at = 0; at < StatLayout.Length; at += sizeof(ulong))
                found->Stat[at / sizeof(ulong)] = LoadWord(from + at);
        }
        else if (aim == LookupAim.Opening)
        {
            if ((flags & PublishedNames.HasAttributes) == 0)
                return Ask;
            ulong from = Window.PublishedNames + PublishedNames.RecordAt(record) + PublishedNames.Attributes;
            found->Stat[StatLayout.LinkCount / sizeof(ulong)] = LoadWord(from + StatLayout.LinkCount);
            found->Stat[StatLayout.Mode / sizeof(ulong)] = LoadWord(from + StatLayout.Mode);
            found->Reference = PublishedNames.Reference(record, Record(record, PublishedNames.Generation));
        }
        else if (aim == LookupAim.Text)
        {
            uint length = Record(record, PublishedNames.TextLength);
            found->TextLength = length > PublishedNames.LongestText ? 0 : length;
            CopyText(record, found->Text, found->TextLength);
        }
        return 0;
    }

    private static void CopyText(uint link, byte* to, uint length)
    {
        ulong from = Window.PublishedNames + PublishedNames.RecordAt(link) + PublishedNames.Text;
        uint at = 0;
        for (; at + sizeof(ulong) <= length; at += sizeof(ulong))
            *(ulong*)(to + at) = LoadWord(from + at);
        for (; at < length; at++)
            to[at] = Volatile.Read(ref *(byte*)(from + at));
    }

    private static uint Record(uint number, uint field) => Load(Window.PublishedNames + PublishedNames.RecordAt(number) + field);

    // Each load is one, and before those that follow it: the sequence is looked at behind all of them.
    private static uint Load(ulong address) => Volatile.Read(ref *(uint*)address);

    private static ulong LoadWord(ulong address) => Volatile.Read(ref *(ulong*)address);
}
