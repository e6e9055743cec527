namespace Libsys.Personality;

/// <summary>argv or envp while a program is started: pointers to NUL-terminated strings that live at least as long.</summary>
internal unsafe struct ArgumentList
{
    // "#!" prepends two strings a level.
    private const uint Spare = 2 * ScriptLine.Levels;

    private byte** items;

    /// <summary>Number of strings.</summary>
    public uint Count;

    /// <summary>String number <paramref name="index"/>.</summary>
    public readonly byte* this[uint index] => items[index];

    /// <summary>Takes the strings at the offsets of a start table. Returns 0, -EINVAL or -ENOMEM.</summary>
    public static long Read(ArgumentList* list, StartTableView* table, uint offset, uint count)
    {
        uint* offsets = (uint*)table->Array(offset, count, sizeof(uint));
        if (offsets == null)
            return -Errno.EINVAL;
        long result = Create(list, count);
        for (uint i = 0; i < count && result == 0; i++)
        {
            byte* text = table->String(offsets[i]);
            if (text == null)
                return -Errno.EINVAL;
            list->Append(text);
        }
        return result;
    }

    /// <summary>An empty list with room. Returns 0 or -ENOMEM.</summary>
    public static long Create(ArgumentList* list, uint capacity)
    {
        list->items = (byte**)PersonalityHeap.Allocate((capacity + Spare + 1ul) * 8);
        list->Count = 0;
        return list->items == null ? -Errno.ENOMEM : 0;
    }

    /// <summary>Adds at the end; within the capacity.</summary>
    public void Append(byte* text) => items[Count++] = text;

    /// <summary>Replaces the first.</summary>
    public readonly void SetFirst(byte* text) => items[0] = text;

    /// <summary>Inserts at the front; within the spare room.</summary>
    public void Prepend(byte* text)
    {
        for (uint i = Count; i > 0; i--)
            items[i] = items[i - 1];
        items[0] = text;
        Count++;
    }

    /// <summary>Gives the list back, not the strings.</summary>
    public readonly void Free() => PersonalityHeap.Free(items);

    /// <summary>Length of a string without its NUL.</summary>
    public static uint LengthOf(byte* text)
    {
        uint length = 0;
        while (text[length] != 0)
            length++;
        return length;
    }
}
