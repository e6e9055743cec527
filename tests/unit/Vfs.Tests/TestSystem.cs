using Servers.Vfs.Devices;
using Servers.Vfs.Files;
using Servers.Vfs.Names;
using Servers.Vfs.Processes;
using Servers.Vfs.Requests;
using Servers.Vfs.Tmpfs;

namespace Servers.Vfs.Tests;

/// <summary>A whole vfs on the host: an empty tmpfs as root, memory devices, and as many clients as a test wants.</summary>
internal sealed class TestSystem
{
    private uint nextConnection = 1;

    public TestSystem(Proc.KernelLog? log = null, IHeapRoom? room = null)
    {
        Mounts = new MountTree();
        Types = new FileSystemTypes(Mounts, Clock, Memory, Devices, memoryPages: 1 << 16);
        Root = Types.CreateTmpfs("rootfs", TmpfsOptions.Default with { Mode = 0x1ED });
        Mounts.MountRoot(Root, "rootfs");
        MemoryDevice.Register(Devices, new RandomSource());
        Registry = new ProcessRegistry(Mounts);
        var anonymous = new AnonymousFiles(Mounts, Types.CreateTmpfs("tmpfs", TmpfsOptions.Default), Clock);
        Server = new VfsServer(new RequestDispatcher(Mounts, Clock, anonymous, Types, () => Breaths++) { KernelLog = log }) { Room = room };
    }

    public TestClock Clock { get; } = new();

    public HeapFileMemorySource Memory { get; } = new();

    public DeviceTable Devices { get; } = new();

    public MountTree Mounts { get; }

    public FileSystemTypes Types { get; }

    public TmpfsFileSystem Root { get; }

    public ProcessRegistry Registry { get; }

    public VfsServer Server { get; }

    /// <summary>How often a long request gave the loop time.</summary>
    public int Breaths { get; private set; }

    /// <summary>A process in a space of its own; a child of <paramref name="parent"/> or the first.</summary>
    public TestClient NewClient(uint pid, uint parent = 0)
    {
        uint id = nextConnection++;
        var channel = new TestChannel();
        var connection = new ClientConnection(id, channel);
        Assert.Equal(0, Registry.Attach(connection, slot: 1, pid, parent));
        return new TestClient(this, connection, channel, slot: 1);
    }
}
