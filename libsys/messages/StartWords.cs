namespace Libsys.Messages;

/// <summary>
/// What the first thread of a new process, and of a new program, finds in its message area: answers to the questions that it would begin with. The process
/// server writes it when it makes the thread (<see cref="Libsys.Abi.ThreadFlags.WithWords"/>). Words 4 to 7 are those of
/// <see cref="ProcessOperation.Identify"/>.
/// </summary>
public static class StartWords
{
    /// <summary>Process id; 0: nobody wrote the words.</summary>
    public const int Pid = 0;

    /// <summary>Of a new program: where its start table is mapped.</summary>
    public const int Table = 1;

    /// <summary>Bytes that are mapped there; 0: none.</summary>
    public const int TableLength = 2;

    /// <summary>Index of the process' entry in the <see cref="ProcessTable"/> and the <see cref="PublishedIds"/>.</summary>
    public const int Entry = 3;

    /// <summary>Process slot for requests to vfs, in the lower half, and <see cref="OtherFileIds"/>.</summary>
    public const int VfsSlot = 4;

    /// <summary>Bit of that word: files are judged by other ids than the effective ones, setfsuid(2).</summary>
    public const ulong OtherFileIds = 1ul << 32;

    /// <summary>Real user id | effective user id &lt;&lt; 32; the group ids are in the next word, the saved ids of both in the one after it.</summary>
    public const int Users = 5, Groups = 6, Saved = 7;
}
