using System.Text;
using Libsys.Hosting;
using Libsys.Messages;

namespace Servers.Supervisor.Keeping;

/// <summary>The names under which one server keeps kernel objects, and the supervisor's handles to them.</summary>
/// <param name="most">Names that the server may have; each stands for up to <see cref="MostHandles"/> handles.</param>
/// <param name="close">Closes a handle.</param>
internal sealed class KeptNames(int most, Action<KernelHandle> close)
{
    /// <summary>Handles that one message carries.</summary>
    public const int MostHandles = 4;

    private const byte FirstPrintable = 0x21, LastPrintable = 0x7E;

    private readonly SortedList<string, KernelHandle[]> names = new(StringComparer.Ordinal);

    /// <summary>Names in use.</summary>
    public int Count => names.Count;

    /// <summary>Handles that the supervisor holds for them.</summary>
    public int Handles { get; private set; }

    /// <summary>The text of a name as it came in a message; null if it is none: printable ASCII, so that two names that look alike are the same.</summary>
    public static string? Parse(ReadOnlySpan<byte> name)
    {
        foreach (byte value in name)
        {
            if (value is < FirstPrintable or > LastPrintable)
                return null;
        }

        return name.IsEmpty ? null : Encoding.ASCII.GetString(name);
    }

    /// <summary>
    /// The name stands for these handles, which are the table's from now on, in place of what it stood for. A <see cref="KeepError"/>; on failure they stay the
    /// caller's.
    /// </summary>
    public long Keep(string name, KernelHandle[] handles)
    {
        if (handles.Length is 0 or > MostHandles)
            return KeepError.BadArgument;
        bool exists = names.TryGetValue(name, out KernelHandle[]? before);
        if (!exists && names.Count >= most)
            return KeepError.NoRoom;
        names[name] = handles;
        Handles += handles.Length;
        if (exists)
            Close(before!);
        return KeepError.None;
    }

    /// <summary>What a name stands for.</summary>
    public bool TryFind(string name, out KernelHandle[] handles) => names.TryGetValue(name, out handles!);

    /// <summary>The first name behind another in the order of bytes; the empty name is before all. Null: there is none.</summary>
    public string? Next(string name)
    {
        int low = 0;
        for (int high = names.Count; low < high;)
        {
            int middle = (low + high) / 2;
            if (string.CompareOrdinal(names.GetKeyAtIndex(middle), name) <= 0)
                low = middle + 1;
            else
                high = middle;
        }

        return low < names.Count ? names.GetKeyAtIndex(low) : null;
    }

    /// <summary>Closes what a name stands for; false if it is nothing.</summary>
    public bool Release(string name)
    {
        if (!names.Remove(name, out KernelHandle[]? handles))
            return false;
        Close(handles);
        return true;
    }

    /// <summary>Closes everything.</summary>
    public void ReleaseAll()
    {
        foreach (KernelHandle[] handles in names.Values)
            Close(handles);
        names.Clear();
    }

    private void Close(KernelHandle[] handles)
    {
        Handles -= handles.Length;
        foreach (KernelHandle handle in handles)
            close(handle);
    }
}
