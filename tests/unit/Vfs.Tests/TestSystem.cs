using Servers.DiskVfs.Disk;
using Servers.Vfs.Anonymous;
using Servers.Vfs.Blocks;
using Servers.Vfs.Devices;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Machine;
using Servers.Vfs.Names;
using Servers.Vfs.Pages;
using Servers.Vfs.Processes;
using Servers.Vfs.Publishing;
using Servers.Vfs.Requests;
using Servers.Vfs.Sockets;
using Servers.Vfs.SystemV;
using Servers.Vfs.Tmpfs;

namespace Servers.Vfs.Tests;

/// <summary>A whole vfs on the host: an empty file system as root, memory devices, and as many clients as a test wants.</summary>
internal sealed class TestSystem
{
    /// <summary>Frames of the machine, as the file systems are told.</summary>
    public const long MemoryPages = 1 << 16;

    // Caches with room for less than one path: everything is forgotten all the time.
    private const int CachedNames = 4, CachedInodes = 3, DiskSlots = 64;
    private const double DefaultFailChance = 0.2;

    private uint nextConnection = 1;

    public TestSystem(KernelLog? log = null, IHeapRoom? room = null)
        : this(RootKind.Tmpfs, log, room)
    {
    }

    /// <summary>With a disk everything random comes from <paramref name="seed"/>.</summary>
    public TestSystem(RootKind kind, KernelLog? log = null, IHeapRoom? room = null, int seed = 1, bool withDrive = false,
        int diskSlots = DiskSlots)
    {
        DiskArena = new HeapArena(diskSlots);
        Mounts = new MountTree();
        Mappings = new TestMappings(Arena);
        Memory = new TmpfsSources(Mounts, Clock, Arena, Mappings, Devices, MemoryPages);
        Types.Add(new TmpfsType(Memory));
        Types.Add(new DiskType(this));
        if (kind == RootKind.Disk || withDrive)
            Drive = new SlowDisk(seed) { FailChance = DefaultFailChance };
        if (kind == RootKind.Disk)
            Disk = MakeDisk();

        Root = Memory.Create("rootfs", TmpfsOptions.Default with { Mode = 0x1ED });
        Mounts.MountRoot(Disk == null ? Root : Disk, "rootfs");
        MemoryDevice.Register(Devices, new RandomSource());
        Registry = new ProcessRegistry(Mounts);
        var anonymous = new AnonymousFiles(Mounts, Memory.Create("tmpfs", TmpfsOptions.Default), Clock, Alarms.Create);
        var segments = new Segments(Memory.Cache, Memory.DefaultPages, Memory.MemoryPages, Clock)
        {
            Name = segment => anonymous.SegmentPlace(segment.Permission.Key, segment.Id, segment.Permission.Mode),
        };
        SystemV = new SystemVObjects(segments, new SemaphoreSets(Clock), new MessageQueues(Clock));
        Registry.SegmentsChanged += segments.Changed;
        Registry.ProcessEnded += SystemV.Semaphores.ProcessEnded;
        var sources = new RequestSources(Mounts, Clock, anonymous, Types)
        {
            SystemV = SystemV,
            Sockets = Sockets = new SocketSystem(Clock, anonymous.PipeMemory, expired => new TestAlarm(expired)), IsProcess = Registry.Processes.ContainsKey,
            KernelLog = log, SourcePages = SourcePages, FileAreas = FileAreas,
            Disks = BlockDevices, Breathe = () => Breaths++, FindMapped = identity => DiskCache?.FindMapped(identity),
        };
        Publisher = new NamePublisher(Mounts, Published);
        Posted = new PostedCalls(Publisher, Mounts);
        sources = sources with { Publisher = Publisher, PublishedNames = new TestReadableMemory(Published.Length), Posted = Posted };
        Server = new VfsServer(new RequestDispatcher(sources)) { Room = room, Posted = Posted };
    }

    public TestClock Clock { get; } = new();

    /// <summary>Alarms that files have set.</summary>
    public TestAlarms Alarms { get; } = new();

    public HeapArena Arena { get; } = new();

    public TestMappings Mappings { get; }

    /// <summary>Pages that programs share with vfs.</summary>
    public TestSourcePages SourcePages { get; } = new();

    /// <summary>Block devices that it knows.</summary>
    public BlockDevices BlockDevices { get; } = new();

    /// <summary>What its sockets have in common.</summary>
    public SocketSystem Sockets { get; }

    /// <summary>System V IPC.</summary>
    public SystemVObjects SystemV { get; }

    /// <summary>Areas in which spaces see their open files.</summary>
    public TestSourcePages FileAreas { get; } = new((int)FileSlots.AreaLength);

    /// <summary>What programs can read.</summary>
    public MappedMemory Published { get; } = MappedMemory.Allocate((int)PublishedNames.Length);

    /// <summary>Pages of the disk: few, so that they are taken from each other all the time.</summary>
    public HeapArena DiskArena { get; }

    /// <summary>The cache over them, if there is a disk.</summary>
    public PageCache? DiskCache { get; private set; }

    /// <summary>What is mapped of the disk.</summary>
    public TestMappings? DiskMappings { get; private set; }

    public DeviceTable Devices { get; } = new();

    public MountTree Mounts { get; }

    public FileSystemTypes Types { get; } = new();

    public TmpfsSources Memory { get; }

    /// <summary>The root, if it is a tmpfs.</summary>
    public TmpfsFileSystem Root { get; }

    /// <summary>The device, if there is a disk.</summary>
    public SlowDisk? Drive { get; }

    /// <summary>Lets what is under way elsewhere go on; false: there is nothing.</summary>
    public Func<bool>? Pump { get; set; }

    /// <summary>What lies on it.</summary>
    public DiskImage Image { get; } = new();

    /// <summary><see cref="DiskImage.Fingerprint"/>.</summary>
    public ulong Fingerprint() => Image.Fingerprint(isMapped: DiskMappings is { Made.Count: > 0 });

    /// <summary>The root, if it is a disk.</summary>
    public DiskFileSystem? Disk { get; }

    public ProcessRegistry Registry { get; }

    public VfsServer Server { get; }

    public NamePublisher Publisher { get; }

    public PostedCalls Posted { get; }

    /// <summary>How often a long request gave the loop time.</summary>
    public int Breaths { get; private set; }

    /// <summary>The disk, mounted anew.</summary>
    public DiskFileSystem MakeDisk()
    {
        // Time flies: a page is old after a few requests.
        DiskCache ??= new PageCache(DiskArena, DiskMappings = new TestMappings(DiskArena), new Budget(1 << 20), () => Clock.Monotonic * 1_000_000);
        return new DiskFileSystem(Mounts.AllocateDevice(), Clock, Image, Drive!, DiskCache, Devices, CachedNames, CachedInodes);
    }

    /// <summary>A process in a space of its own; a child of <paramref name="parent"/> or the first.</summary>
    public TestClient NewClient(uint pid, uint parent = 0)
    {
        uint id = nextConnection++;
        var channel = new TestChannel();
        var connection = new ClientConnection(id, channel) { Posted = new PostedRing(channel.Rings) };
        Assert.Equal(0, Registry.Attach(connection, slot: 1, pid, parent));
        return new TestClient(this, connection, channel, slot: 1);
    }
}

/// <summary>Memory that a test's programs may read.</summary>
internal sealed record TestReadableMemory(ulong Length) : IReadableMemory;
