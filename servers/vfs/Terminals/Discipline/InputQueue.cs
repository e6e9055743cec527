namespace Servers.Vfs.Terminals;

/// <summary>Typed bytes: complete lines, then the line being edited. A line ends with its newline, or at ^D, which is not part of it.</summary>
public sealed class InputQueue
{
    /// <summary>Bytes kept, as Linux' N_TTY does; one is left for the character that ends a line.</summary>
    public const int Capacity = 4096;

    private readonly byte[] bytes = new byte[Capacity];

    // Parallel to bytes: this byte ends a line; and it is a ^D, which ends it without being read.
    private readonly bool[] ends = new bool[Capacity];
    private readonly bool[] isEndOfFile = new bool[Capacity];
    private int head;
    private int completed;

    /// <summary>Bytes inside.</summary>
    public int Count { get; private set; }

    /// <summary>Lines complete.</summary>
    public int Lines { get; private set; }

    /// <summary>Bytes of the line being edited.</summary>
    public int Edited => Count - completed;

    /// <summary>True while another ordinary character fits.</summary>
    public bool HasRoom => Count < Capacity - 1;

    /// <summary>Adds a character to the line being edited.</summary>
    public void Add(byte value) => Append(value, false, false);

    /// <summary>Adds the character that ends the line.</summary>
    public void End(byte value, bool endOfFile)
    {
        Append(value, true, endOfFile);
        completed = Count;
        Lines++;
    }

    /// <summary>What is there becomes a line, as if ^D had been typed (the terminal enters canonical mode).</summary>
    public void EndHere()
    {
        Array.Clear(ends);
        Array.Clear(isEndOfFile);
        completed = Count;
        Lines = Count > 0 ? 1 : 0;
        if (Count > 0)
            ends[(head + Count - 1) % Capacity] = true;
    }

    /// <summary>Everything typed so far counts as complete (the terminal left canonical mode).</summary>
    public void CompleteAll() => completed = Count;

    /// <summary>The newest character of the line being edited.</summary>
    public byte Last => bytes[(head + Count - 1) % Capacity];

    /// <summary>A character of the line being edited, counted from its start.</summary>
    public byte EditedAt(int index) => bytes[(head + completed + index) % Capacity];

    /// <summary>Takes the newest character of the line being edited back.</summary>
    public void RemoveLast() => Count--;

    /// <summary>Drops everything.</summary>
    public void Clear()
    {
        Array.Clear(ends);
        Array.Clear(isEndOfFile);
        head = 0;
        Count = 0;
        completed = 0;
        Lines = 0;
    }

    /// <summary>Reads from the oldest line, at most to its end. 0 bytes from a line are ^D at its start.</summary>
    public int ReadLine(Span<byte> buffer)
    {
        int done = 0;
        while (Lines > 0)
        {
            bool isEnd = ends[head];
            bool endOfFile = isEndOfFile[head];
            if (!endOfFile && done == buffer.Length)
                break;
            byte value = Take();
            if (!endOfFile)
                buffer[done++] = value;
            if (isEnd)
                break;
        }

        return done;
    }

    /// <summary>Reads whatever is there.</summary>
    public int ReadAll(Span<byte> buffer)
    {
        int done = 0;
        while (done < buffer.Length && Count > 0)
            buffer[done++] = Take();
        return done;
    }

    /// <summary>Bytes that a read could get now in canonical mode.</summary>
    public int Readable
    {
        get
        {
            int readable = 0;
            for (int index = 0; index < completed; index++)
                readable += isEndOfFile[(head + index) % Capacity] ? 0 : 1;
            return readable;
        }
    }

    private void Append(byte value, bool end, bool endOfFile)
    {
        int place = (head + Count) % Capacity;
        bytes[place] = value;
        ends[place] = end;
        isEndOfFile[place] = endOfFile;
        Count++;
    }

    private byte Take()
    {
        byte value = bytes[head];
        if (ends[head])
            Lines--;
        ends[head] = false;
        isEndOfFile[head] = false;
        head = (head + 1) % Capacity;
        Count--;
        completed = Math.Max(completed - 1, 0);
        return value;
    }
}
