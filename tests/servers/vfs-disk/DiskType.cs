using Libsys.Hosting;
using Servers.DiskVfs.Disk;
using Servers.Vfs.Objects;
using Servers.Vfs.Pages;
using Servers.Vfs.Tmpfs;

namespace Servers.DiskVfs;

/// <summary>
/// "testdisk": one disk, whatever is named as its source, whose content stays while vfs runs. What is under way to it ends by a timer, after random times.
/// </summary>
internal sealed class DiskType : FileSystemType
{
    // Fewer than a test has files and names, so that they come and go.
    private const int Names = 24, Inodes = 12;

    // Microseconds: around those of a fast device, and enough for requests to meet there.
    private const int ShortestStep = 20, LongestStep = 400;

    private const int Seed = 17;

    private readonly TmpfsSources memory;
    private readonly LoopTimer timer;
    private readonly Random random = new(Seed);
    private DiskFileSystem? fileSystem;
    private bool isHeld;

    public DiskType(TmpfsSources memory, EventLoop loop)
        : base("testdisk")
    {
        this.memory = memory;
        timer = loop.CreateTimer(Step);
        Drive = new SlowDisk(Seed) { Asynchronous = true, WaitChance = 0.05, Disturbs = false, Started = Arm };
    }

    public DiskImage Image { get; } = new();

    public SlowDisk Drive { get; }

    public PageCache Cache => memory.Cache;

    /// <summary>Nothing ends on the disk.</summary>
    public bool IsHeld
    {
        get => isHeld;
        set
        {
            isHeld = value;
            Arm();
        }
    }

    public override Errno Create(OperationContext context, in MountArguments arguments, out FileSystem? made)
    {
        made = null;
        Errno error = Drive.Gate(context);
        if (error != Errno.None)
            return error;
        if (fileSystem == null || fileSystem.IsFinished)
            fileSystem = new DiskFileSystem(memory.AllocateDevice(), memory.Clock, Image, Drive, Cache, memory.Devices, Names, Inodes);
        made = fileSystem;
        return Errno.None;
    }

    private void Arm()
    {
        if (!IsHeld && Drive.Pending > 0 && !timer.IsSet)
            timer.Set(SystemClock.Now + (ulong)random.Next(ShortestStep, LongestStep) * 1000);
    }

    private void Step()
    {
        // Some end together.
        for (int steps = random.Next(1, 4); steps > 0 && !IsHeld && Drive.Step(); steps--)
        {
        }

        Arm();
    }
}
