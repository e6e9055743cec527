using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs;
using Servers.Vfs.Devices;
using Servers.Vfs.Files;
using Servers.Vfs.Hosting;
using Servers.Vfs.Names;
using Servers.Vfs.Processes;
using Servers.Vfs.Requests;
using Servers.Vfs.Tmpfs;

// The composition root: what vfs is made of, and nothing else.
var context = ServerContext.Read();
var loop = new EventLoop(context);
var clock = new KernelClock();
var memory = new KernelFileMemorySource();
var devices = new DeviceTable();
var mounts = new MountTree();
var types = new FileSystemTypes(mounts, clock, memory, devices, (long)SystemClock.Snapshot.TotalFrames);

const uint rootMode = 0x1ED; // 0755
TmpfsFileSystem root = types.CreateTmpfs("rootfs", TmpfsOptions.Default with { Mode = rootMode });
mounts.MountRoot(root, "rootfs");
var archive = new MemoryObjectHandle(context.Handle("archive").Index);
BootArchiveLoader.Load(root, new KernelFileMemory(archive, FixedMemory.BootArchive, isOwned: false));

MemoryDevice.Register(devices, new RandomSource());
KernelHandle console = context.FindHandle("console");
if (console.IsValid)
{
    KernelStatus status = ConnectionClient.TryConnect(loop, new EndpointHandle(console.Index), ConsoleLimits.PoolLength, out ConnectionClient? connection);
    if (status == KernelStatus.Ok)
        TerminalDevices.Register(devices, new ConsoleLink(loop, connection!));
    else
        context.Log.Write("no terminals: the console driver does not answer: " + status);
}

var registry = new ProcessRegistry(mounts);
var anonymous = new AnonymousFiles(mounts, types.CreateTmpfs("tmpfs", TmpfsOptions.Default), clock);
var server = new VfsServer(new RequestDispatcher(mounts, clock, anonymous, types));
var retries = new RetrySource(server);
loop.Add(retries);
server.WorkArrived = () => loop.MakeHot(retries);
var control = new ControlEndpoint(loop, server, registry, context.Log, context.Generation);
loop.Add(new EndpointHandle(context.Handle("control").Index), control.Receive);
context.SignalReady();
loop.Run();
return 0;
