using System.Buffers.Binary;
using System.Text;
using Libsys.Messages;

namespace Servers.Vfs.Processes;

/// <summary>A copy of one entry of the <see cref="ProcessTable"/>.</summary>
public sealed class ProcessEntry(byte[] entry)
{
    private const int NameLength = 16;

    /// <summary>Process id.</summary>
    public uint Pid => Word(ProcessTable.Pid);

    /// <summary>Parent's pid.</summary>
    public uint Parent => Word(ProcessTable.Parent);

    /// <summary>Process group.</summary>
    public uint Group => Word(ProcessTable.Group);

    /// <summary>Session.</summary>
    public uint Session => Word(ProcessTable.Session);

    /// <summary>R, S, T or Z.</summary>
    public char State => (char)(byte)Word(ProcessTable.State);

    /// <summary>Real, effective and saved user.</summary>
    public (uint Real, uint Effective, uint Saved) User => (Word(ProcessTable.Uid), Word(ProcessTable.Euid), Word(ProcessTable.Suid));

    /// <summary>Real, effective and saved group.</summary>
    public (uint Real, uint Effective, uint Saved) UserGroup => (Word(ProcessTable.Gid), Word(ProcessTable.Egid), Word(ProcessTable.Sgid));

    /// <summary>Threads.</summary>
    public uint Threads => Word(ProcessTable.Threads);

    /// <summary>Nice value.</summary>
    public int Nice => (int)Word(ProcessTable.Nice);

    /// <summary>Number of the connection to vfs, 0 for a zombie.</summary>
    public uint ConnectionId => Word(ProcessTable.ConnectionId);

    /// <summary>Wait status of a zombie.</summary>
    public uint ExitStatus => Word(ProcessTable.ExitStatus);

    /// <summary>Start in nanoseconds since boot.</summary>
    public ulong StartTime => Long(ProcessTable.StartNanoseconds);

    /// <summary>User time of spaces that are gone.</summary>
    public ulong PastUserTime => Long(ProcessTable.UserNanoseconds);

    /// <summary>System time of spaces that are gone.</summary>
    public ulong PastSystemTime => Long(ProcessTable.SystemNanoseconds);

    /// <summary>Signals pending for the process.</summary>
    public ulong SignalsPending => Long(ProcessTable.SignalsPending);

    /// <summary>Supplementary groups.</summary>
    public uint[] Groups
    {
        get
        {
            const int most = 32;
            var groups = new uint[Math.Min(Word(ProcessTable.GroupCount), most)];
            for (int index = 0; index < groups.Length; index++)
                groups[index] = Word(ProcessTable.Groups + index * sizeof(uint));
            return groups;
        }
    }

    /// <summary>Command name, at most 15 bytes.</summary>
    public string Name
    {
        get
        {
            ReadOnlySpan<byte> name = entry.AsSpan(ProcessTable.Name, NameLength);
            int end = name.IndexOf((byte)0);
            return Encoding.Latin1.GetString(end < 0 ? name : name[..end]);
        }
    }

    /// <summary>Path of the executable.</summary>
    public ReadOnlyMemory<byte> Path => Text(ProcessTable.Path, ProcessTable.PathLength, ProcessTable.CommandLine);

    /// <summary>Arguments, each with a NUL.</summary>
    public ReadOnlyMemory<byte> CommandLine => Text(ProcessTable.CommandLine, ProcessTable.CommandLineLength, ProcessTable.EntryLength);

    private ReadOnlyMemory<byte> Text(int start, int lengthField, int end) => entry.AsMemory(start, (int)Math.Min(Word(lengthField), (uint)(end - start)));

    private uint Word(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(entry.AsSpan(offset));

    private ulong Long(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(entry.AsSpan(offset));
}
