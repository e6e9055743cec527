using System.Buffers.Binary;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Processes.Tree;

namespace Servers.Processes.Publishing;

/// <summary>Keeps the table that vfs shows as /proc (see <see cref="ProcessTable"/>) up to date.</summary>
internal sealed class ProcessTablePublisher(MappedMemory memory, IdsPublisher ids)
{
    /// <summary>Most bytes of a program's path that are shown.</summary>
    public const int LongestPath = ProcessTable.CommandLine - ProcessTable.Path;

    /// <summary>Most bytes of a command line that are shown.</summary>
    public const int LongestCommandLine = ProcessTable.EntryLength - ProcessTable.CommandLine;
    private const int MostGroups = 32;

    private readonly Stack<int> free = new(Enumerable.Range(0, ProcessTable.Entries).Reverse());

    /// <summary>Writes a process's entry; a reaped one loses it.</summary>
    public void Publish(Process process)
    {
        if (process.State == ProcessState.Reaped)
        {
            Remove(process);
            return;
        }

        if (process.TableIndex < 0)
            process.TableIndex = free.Pop(); // the tree has no more processes than the table entries
        SequencedEntry entry = Entry(process.TableIndex);
        entry.BeginWrite();
        Fill(entry.Bytes, process);
        entry.EndWrite();
        ids.Publish(process);
    }

    private static void Fill(Span<byte> entry, Process process)
    {
        Credentials credentials = process.Credentials;
        Write(entry, ProcessTable.Pid, (uint)process.Pid);
        Write(entry, ProcessTable.Parent, (uint)(process.Parent?.Pid ?? 0));
        Write(entry, ProcessTable.Group, (uint)process.Group);
        Write(entry, ProcessTable.Session, (uint)process.Session);
        Write(entry, ProcessTable.State, StateLetter(process.State));
        Write(entry, ProcessTable.Uid, credentials.Uid);
        Write(entry, ProcessTable.Euid, credentials.Euid);
        Write(entry, ProcessTable.Suid, credentials.Suid);
        Write(entry, ProcessTable.Gid, credentials.Gid);
        Write(entry, ProcessTable.Egid, credentials.Egid);
        Write(entry, ProcessTable.Sgid, credentials.Sgid);
        Write(entry, ProcessTable.Threads, 1 + (uint)process.ThreadIds.Count);
        Write(entry, ProcessTable.ConnectionId, (uint)(process.Space?.Number ?? 0));
        Write(entry, ProcessTable.ExitStatus, (uint)process.ExitStatus);
        Write(entry, ProcessTable.Nice, (uint)process.Nice);
        BinaryPrimitives.WriteUInt64LittleEndian(entry[ProcessTable.StartNanoseconds..], process.StartTime);
        BinaryPrimitives.WriteUInt64LittleEndian(entry[ProcessTable.UserNanoseconds..], process.PastUsage.UserNanoseconds);
        BinaryPrimitives.WriteUInt64LittleEndian(entry[ProcessTable.SystemNanoseconds..], process.PastUsage.SystemNanoseconds);
        BinaryPrimitives.WriteUInt64LittleEndian(entry[ProcessTable.SignalsPending..], Pending(process));
        int groups = Math.Min(credentials.Groups.Count, MostGroups);
        Write(entry, ProcessTable.GroupCount, (uint)groups);
        for (int index = 0; index < groups; index++)
            Write(entry, ProcessTable.Groups + 4 * index, credentials.Groups[index]);
        Span<byte> name = entry.Slice(ProcessTable.Name, 16);
        name.Clear();
        process.Name.AsSpan(0, Math.Min(process.Name.Length, 15)).CopyTo(name);
        Write(entry, ProcessTable.PathLength, (uint)Copy(process.Path, entry.Slice(ProcessTable.Path, LongestPath)));
        Write(entry, ProcessTable.CommandLineLength, (uint)Copy(process.CommandLine, entry.Slice(ProcessTable.CommandLine, LongestCommandLine)));
    }

    // One that is ignored as it comes is not shown, as on Linux; whether it is blocked the process alone knows.
    private static ulong Pending(Process process) => process.IsChildSignalUnheard
        ? process.Signals.Pending & ~Signals.Of(Signals.SIGCHLD)
        : process.Signals.Pending;

    private void Remove(Process process)
    {
        if (process.TableIndex < 0)
            return;
        SequencedEntry entry = Entry(process.TableIndex);
        entry.BeginWrite();
        Write(entry.Bytes, ProcessTable.Pid, 0);
        entry.EndWrite();
        free.Push(process.TableIndex);
        process.TableIndex = -1;
    }

    private SequencedEntry Entry(int index) => new(memory, (ulong)index * ProcessTable.EntryLength, ProcessTable.EntryLength);

    // Most processes sleep when somebody looks; the one that looks runs, which vfs knows better.
    private static uint StateLetter(ProcessState state) => state switch
    {
        ProcessState.Stopped => 'T',
        ProcessState.Zombie => 'Z',
        _ => 'S',
    };

    private static void Write(Span<byte> entry, int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(entry[offset..], value);

    private static int Copy(byte[] from, Span<byte> to)
    {
        int length = Math.Min(from.Length, to.Length);
        from.AsSpan(0, length).CopyTo(to);
        return length;
    }
}
