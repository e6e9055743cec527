using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Hosting.Devices;
using Libsys.Hosting.Manifest;
using Libsys.Messages;
using Servers.Vfs.Anonymous;
using Servers.Vfs.Blocks;
using Servers.Vfs.Devices;
using Servers.Vfs.Ext4;
using Servers.Vfs.Fat;
using Servers.Vfs.Hosting;
using Servers.Vfs.Hosting.Disks;
using Servers.Vfs.Iso9660;
using Servers.Vfs.Machine;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;
using Servers.Vfs.Overlay;
using Servers.Vfs.Pages;
using Servers.Vfs.Proc;
using Servers.Vfs.Processes;
using Servers.Vfs.Publishing;
using Servers.Vfs.Ramfs;
using Servers.Vfs.Requests;
using Servers.Vfs.Served;
using Servers.Vfs.Sockets;
using Servers.Vfs.Sys;
using Servers.Vfs.SystemV;
using Servers.Vfs.Terminals;
using Servers.Vfs.Terminals.Pseudo;
using Servers.Vfs.Terminals.Serial;
using Servers.Vfs.Tmpfs;
using Servers.Vfs.Volumes;

// The composition root: what vfs is made of, and nothing else.
var context = ServerContext.Read();
var loop = new EventLoop(context);
var clock = new KernelClock();
var figures = new KernelFigures();
var devices = new DeviceTable();
var blocks = new BlockDevices();
var mounts = new MountTree();
var cacheAccount = new AccountHandle(context.Handle("cache").Index);
var arena = new KernelPageArena(cacheAccount);
var pager = new PagerEndpoint(cacheAccount, arena);
cacheAccount.TryQuery(out AccountState cacheState);
var memory = new TmpfsSources(
    mounts, clock, arena, pager, devices, (long)figures.TotalFrames, (long)CacheLimit.PagesOf(cacheState.FrameLimit));
pager.Serve(loop, memory.Cache);
WriteBack writeBack = memory.Cache.WriteBack;
LoopTimer aging = loop.CreateTimer(writeBack.Look);
writeBack.Arm = deadline => aging.Set((ulong)deadline);

// Not tmpfs' default mode 1777: who may make names in the root directory can put a directory where a program expects root's.
// The files of the archive come on top of what clients may make; the build gives vfs the heap for them (image/Run/MachineSettings).
MappedMemory archive = FixedMemory.BootArchive;
long inodes = TmpfsFileSystem.DefaultInodes((long)figures.TotalFrames / 2) + new BootArchiveReader(archive.Span(0, (int)archive.Length)).Count;
TmpfsFileSystem root = memory.Create("rootfs", TmpfsOptions.Default with { Mode = 0x1ED, Inodes = inodes }); // 0755
mounts.MountRoot(root, "rootfs");
ArchiveTree.Load(
    root, new ArchiveImage(new MemoryObjectHandle(context.Handle("archive").Index), archive), (int)archive.Length,
    ArchiveImage.TryMap(context.FindHandle("root.image")));

MemoryDevice.Register(devices, new RandomSource());
TmpfsFileSystem deviceTree = memory.Create("devtmpfs", TmpfsOptions.Default with { Mode = 0x1ED }); // 0755
DeviceTree.Fill(deviceTree);

var owned = OwnedDevice.Read(context.Setting(StartSetting.Devices) ?? "");
var deviceServers = new DeviceServers(owned, devices, deviceTree.Root);

var registry = new ProcessRegistry(mounts);
var load = new LoadAverage();
var processes = new PublishedProcessTable(TableMapping.TryMap(context, "process.table", (ulong)ProcessTable.EntryLength * ProcessTable.Entries));
MappedMemory? serverMemory = TableMapping.TryMap(context, "server.table", (ulong)ServerTable.EntryLength * ServerTable.Entries);
PublishedServerTable? servers = serverMemory == null ? null : new PublishedServerTable(serverMemory);

var signals = new PendingSignals();
var terminals = new TerminalTable();
var surroundings = new TerminalSurroundings(clock, expired => new LoopAlarm(loop, expired), signals, new ProcessGroups(processes, registry), terminals);
registry.SessionEnded += session => terminals.EndSession(session, signals);
var serial = new List<Terminal>();
var drain = new TerminalDrain(serial);
KernelHandle console = context.FindHandle("console");
if (console.IsValid)
{
    var link = new ConsolePeer(loop, new EndpointHandle(console.Index), context);
    for (int line = 0; line < SerialLimits.Lines; line++)
    {
        int number = line;
        serial.Add(new Terminal(
            TerminalDevices.SerialDevice((uint)line), Termios.SerialHardware, surroundings,
            terminal => new SerialLine(link, terminal, number)) { Drained = drain.Check });
        ((SerialLine)serial[line].Line).Start();
    }

    link.Start();
}

var pseudo = new PtsFileSystem(mounts.AllocateDevice(), surroundings) { Mounts = mounts };
TerminalDevices.Register(devices, serial, pseudo, terminals);
KernelHandle logHandle = context.FindHandle("kernel.log");
KernelLog? kernelLog = logHandle.IsValid
    ? new KernelLog(new KernelLogReader(new MachineHandle(logHandle.Index)), clock, expired => new LoopAlarm(loop, expired)) : null;
if (logHandle.IsValid)
    _ = new MemoryPressure(loop, new MachineHandle(logHandle.Index), memory.Cache, figures.TotalFrames);
var names = new HostNames();
var segments = new Segments(memory.Cache, memory.DefaultPages, memory.MemoryPages, clock);
var systemV = new SystemVObjects(segments, new SemaphoreSets(clock), new MessageQueues(clock));
registry.SegmentsChanged += segments.Changed;
registry.ProcessEnded += systemV.Semaphores.ProcessEnded;
var types = new FileSystemTypes();
var processFiles = new ProcFileSystem(
    mounts.AllocateDevice(),
    new ProcSources(clock, figures, processes, registry, mounts, terminals, new MappedFileNames(memory.Cache), load, types.All)
    {
        Blocks = blocks, KernelLog = kernelLog, Names = names, Cache = memory.Cache, SystemV = systemV,
    });
// The pci server is asked once, before anybody is served; what it publishes stays.
KernelHandle pci = context.FindHandle("pci");
PublishedFunctionTable? functions = pci.IsValid ? new PublishedFunctionTable(PciDevice.MapTable(new EndpointHandle(pci.Index))) : null;
var systemFiles = new SysFileSystem(
    mounts.AllocateDevice(), clock, servers, new SupervisorControl(context.Supervisor), figures, functions, blocks, kernelLog);

// What mount(2) knows: a line for each type.
types.Add(new TmpfsType(memory));
types.Add(new RamfsType(memory));
types.Add(new SingleFileSystemType(deviceTree));
types.Add(new SingleFileSystemType(pseudo));
types.Add(new SingleFileSystemType(processFiles));
types.Add(new SingleFileSystemType(systemFiles));
var ext4 = new Ext4Sources(blocks, memory.Cache, clock, devices, memory.Pipes, context.Log.Write) { Alarms = expired => new LoopAlarm(loop, expired) };
types.Add(new Ext4Type("ext4", ext4));
types.Add(new Ext4Type("ext3", ext4));
types.Add(new Ext4Type("ext2", ext4));
var volumes = new VolumeSources(blocks, memory.Cache, clock, devices, memory.Pipes, context.Log.Write);
types.Add(new IsoType(volumes));
types.Add(new FatType(volumes));
types.Add(new OverlayType(mounts, clock, context.Log.Write));
AddMore(types, memory, loop, context);

var anonymous = new AnonymousFiles(mounts, memory.Create("tmpfs", TmpfsOptions.Default), clock, expired => new LoopAlarm(loop, expired));
segments.Name = segment => anonymous.SegmentPlace(segment.Permission.Key, segment.Id, segment.Permission.Mode);
var room = new HeapRoom();
var readable = new KernelReadableMemory(PublishedNames.Length);
var publisher = new NamePublisher(mounts, readable.Memory);
var posted = new PostedCalls(publisher, mounts);
var shared = KernelSourcePages.OfDescriptions();
var dispatcher = new RequestDispatcher(
    new RequestSources(mounts, clock, anonymous, types)
    {
        Sockets = new SocketSystem(clock, anonymous.PipeMemory, expired => new LoopAlarm(loop, expired)), IsProcess = registry.Processes.ContainsKey,
        KernelLog = kernelLog, HostNames = names, SystemV = systemV, SourcePages = shared, FileAreas = KernelSourcePages.OfFileAreas(),
        Disks = blocks, Breathe = loop.Breathe, FindMapped = memory.Cache.FindMapped,
        Publisher = publisher, PublishedNames = readable, Posted = posted,
    });
var server = new VfsServer(dispatcher) { Room = room, Posted = posted };
var retries = new RetrySource(server);
loop.Add(retries);
server.WorkArrived = () => loop.MakeHot(retries);
LoopTimer sampling = null!;
sampling = loop.CreateTimer(() =>
{
    load.Sample(figures.Runnable);
    segments.Changed(0); // those that were removed, and then unmapped without a word
    posted.BeginTurn(); // memory of what is gone comes back also while nobody asks
    posted.EndTurn();
    sampling.Set(sampling.Deadline + LoadAverage.Period);
});
sampling.Set(SystemClock.Now + LoadAverage.Period);

var control = new ControlEndpoint(loop, server, registry, signals, drain, room, context.Log, context.Generation,
    new DeviceServerTable(context.Directory, deviceServers), posted,
    () => (server.HasWaiting || shared.Streams > 0 || pseudo.Pairs > 0 ? 0 : ControlLayout.Quiet) | (registry.IsRoomy ? ControlLayout.Roomy : 0));
loop.Add(new EndpointHandle(context.Handle("control").Index), control.Receive);
var registryOfDisks = new DiskRegistry(blocks, devices, deviceTree.Root, memory.Cache, context.Log) 
{
    Ready = () => context.SignalReady(), Appeared = place => systemFiles.PlaceDisk(blocks, place),
};
foreach ((string driver, IDiskNames diskNames) in new (string, IDiskNames)[] { ("virtio-blk", new VirtioNames()), ("nvme", new NvmeNames()) })
{
    KernelHandle handle = context.FindHandle(driver);
    if (!handle.IsValid)
        continue;
    // Programs find the nodes of disks when they start.
    registryOfDisks.Expect();
    new DiskPeer(loop, new EndpointHandle(handle.Index), context, driver, arena.Memory)
    {
        Found = disks => registryOfDisks.Add(disks, diskNames), Bus = new EndpointHandle(pci.Index),
    }.Start();
}

registryOfDisks.Begin();
loop.Run();
return 0;

/// <summary>The program.</summary>
internal sealed partial class Program
{
    // A variant of vfs that is built of these files and more has file systems of its own (tests/servers/vfs-disk); here it is no call at all.
    static partial void AddMore(FileSystemTypes types, TmpfsSources memory, EventLoop loop, ServerContext context);
}
