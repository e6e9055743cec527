using System.Globalization;
using System.Text;
using Servers.Vfs.Generated;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;
using Servers.Vfs.SystemV;

namespace Servers.Vfs.Proc;

/// <summary>/proc/sysvipc, and the limits of System V IPC in /proc/sys/kernel: proc(5).</summary>
internal sealed class SystemVFiles(ProcFileSystem fileSystem, SystemVObjects objects)
{
    // MSGMAX is what one request brings, and may be less; MSGMNB what Linux takes: it is bounded by the memory for all messages anyway.
    private const ulong MostMessage = QueueNumbers.LargestMessage, MostQueueBytes = int.MaxValue;

    private const uint Readable = 0x124; // 0444

    /// <summary>Adds the directory.</summary>
    public void AddTo(NameTable root)
    {
        var directory = new StaticDirectory(fileSystem, fileSystem.NextNumber(), fileSystem.Sources.Clock.Wall);
        var sysvipc = new Dentry(fileSystem.Root, "sysvipc"u8.ToArray(), directory);
        root.Add(sysvipc);
        directory.Add(sysvipc, "shm", Table(() => SegmentRecords.Describe(objects.Segments)));
        directory.Add(sysvipc, "sem", Table(() => SemaphoreRecords.Describe(objects.Semaphores)));
        directory.Add(sysvipc, "msg", Table(() => QueueRecords.Describe(objects.Queues)));
    }

    /// <summary>Adds the settings to the directory that is called kernel.</summary>
    public void AddSettings(Dentry kernel)
    {
        var directory = (StaticDirectory)kernel.Inode;
        Segments segments = objects.Segments;
        MessageQueues queues = objects.Queues;
        directory.Add(kernel, "shmmax", Setting(() => segments.Largest, value => (segments.Largest = value) == value));
        directory.Add(kernel, "shmall", Setting(() => segments.MostPages, value => (segments.MostPages = value) == value));
        directory.Add(kernel, "shmmni", Bounded(() => segments.Table.Most, value => segments.Table.Most = value, SystemVNumbers.Places));
        directory.Add(kernel, "shm_rmid_forced", Bounded(static () => 0, static _ => { }, 0));
        directory.Add(kernel, "msgmax", Bounded(() => queues.LargestMessage, value => queues.LargestMessage = value, MostMessage));
        directory.Add(kernel, "msgmnb", Bounded(() => queues.MostBytes, value => queues.MostBytes = value, MostQueueBytes));
        directory.Add(kernel, "msgmni", Bounded(() => queues.Table.Most, value => queues.Table.Most = value, SystemVNumbers.Places));
        string semaphores = string.Create(
            CultureInfo.InvariantCulture,
            $"{SemaphoreNumbers.MostOfSet}\t{SemaphoreNumbers.MostTogether}\t{SemaphoreNumbers.MostOperations}\t{SemaphoreNumbers.MostSets}\n");
        directory.Add(kernel, "sem", Table(() => semaphores));
    }

    private NumberFile Bounded(Func<int> get, Action<int> set, ulong most) => Setting(
        () => (ulong)get(),
        value =>
        {
            if (value <= most)
                set((int)value);
            return value <= most;
        });

    private GeneratedFile Table(Func<string> text) => new(
        fileSystem, fileSystem.NextNumber(), Readable, fileSystem.Sources.Clock.Wall, _ => Encoding.ASCII.GetBytes(text()));

    private NumberFile Setting(Func<ulong> get, Func<ulong, bool> set) =>
        new(fileSystem, fileSystem.NextNumber(), fileSystem.Sources.Clock.Wall, get, set);
}
