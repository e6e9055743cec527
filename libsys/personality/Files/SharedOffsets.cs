using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// Offsets that processes share (docs/files-in-memory.md): in the page of the description, which all map who use it often. The page may go, or be another
/// one's, at any time: it is reached by the copy stubs, and says which description it is of.
/// </summary>
internal static unsafe class SharedOffsets
{
    /// <summary>As often an offset that others keep changing is tried anew; then vfs may try.</summary>
    private const int MostTries = 1000;

    /// <summary>lseek(2), as <see cref="SharedFiles.TrySeek"/>. <paramref name="shown"/>: the word of the slot.</summary>
    public static bool TrySeek(TaskState* task, Descriptor* descriptor, ulong shown, ulong offset, bool isRelative, out long result)
    {
        result = 0;
        ulong page = PageOf(task, descriptor, shown), found;
        if (page == 0 || Stubs.UserRead64(page + OffsetPage.Offset, &found) == 0)
            return false;
        for (int tries = 0; (found & FileSlots.Lent) != 0 && tries < MostTries; tries++)
        {
            ulong target = isRelative ? unchecked((found & ~FileSlots.Lent) + offset) : offset, seen = found;
            if ((long)target < 0 || Stubs.UserCompareExchange64(page + OffsetPage.Offset, seen, target | FileSlots.Lent, &found) == 0)
                return false;
            if (found == seen)
            {
                result = (long)target;
                return true;
            }
        }
        return false;
    }

    /// <summary>
    /// Takes bytes for a read: moves the offset by <paramref name="length"/>, or to the end of the file, and says from where. 0 bytes are left at the end.
    /// </summary>
    public static bool TryTake(TaskState* task, Descriptor* descriptor, ulong shown, ulong size, ref ulong length, out ulong at)
    {
        at = 0;
        ulong page = PageOf(task, descriptor, shown), found, wanted = length;
        if (page == 0 || Stubs.UserRead64(page + OffsetPage.Offset, &found) == 0)
            return false;
        for (int tries = 0; (found & FileSlots.Lent) != 0 && tries < MostTries; tries++)
        {
            ulong seen = found;
            at = seen & ~FileSlots.Lent;
            length = at >= size ? 0 : wanted < size - at ? wanted : size - at;
            if (length == 0)
                return true;
            if (Stubs.UserCompareExchange64(page + OffsetPage.Offset, seen, seen + length, &found) == 0)
                return false;
            if (found == seen)
                return true;
        }
        return false;
    }

    /// <summary>Gives back what was taken and is not needed. False: another one has gone on behind it.</summary>
    public static bool TryGiveBack(TaskState* task, Descriptor* descriptor, ulong shown, ulong end, ulong to)
    {
        ulong page = PageOf(task, descriptor, shown), found;
        return page != 0 && Stubs.UserCompareExchange64(page + OffsetPage.Offset, end | FileSlots.Lent, to | FileSlots.Lent, &found) != 0
            && found == (end | FileSlots.Lent);
    }

    /// <summary>The last descriptor of a handle is closed.</summary>
    public static void Close(TaskState* task, Descriptor* descriptor)
    {
        ulong shown = SharedFiles.OffsetOf(descriptor->Bits);
        if ((shown & (FileSlots.Lent | FileSlots.Shared)) == FileSlots.Shared)
            MemorySources.Leave(task, descriptor->Handle);
    }

    // The address of the page, which is mapped if it is not; 0: requests move the offset.
    private static ulong PageOf(TaskState* task, Descriptor* descriptor, ulong shown)
    {
        ulong page = MemorySources.Find(task, descriptor->Handle, out _);
        if (page == 0 && MemorySources.IsWanting(task, descriptor->Handle))
        {
            page = MemorySources.Obtain(task, descriptor->Handle);
            shown = SharedFiles.OffsetOf(descriptor->Bits);
        }
        ulong description;
        if (page == 0 || Stubs.UserRead64(page + OffsetPage.Description, &description) == 0)
            return 0;
        if ((description | FileSlots.Shared) == shown)
            return page;
        // Of what had the handle's number before, or one that has been made since.
        if (shown != FileSlots.Shared)
            MemorySources.Leave(task, descriptor->Handle);
        return 0;
    }
}
