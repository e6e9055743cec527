using System;

namespace Libsys.Abi;

/// <summary>What a handle allows. A duplicate can only have fewer.</summary>
[Flags]
public enum Rights : uint
{
    /// <summary>Nothing.</summary>
    None = 0,
    /// <summary>Map a memory object readable; read registers, query.</summary>
    Read = 1,
    /// <summary>Map a memory object writable.</summary>
    Write = 2,
    /// <summary>Map a memory object executable.</summary>
    Execute = 4,
    /// <summary>Signal a notification; call an endpoint; use I/O ports; pin for a device.</summary>
    Signal = 8,
    /// <summary>Wait on a notification; receive on an endpoint; acknowledge an interrupt.</summary>
    Wait = 16,
    /// <summary>Change the object: map and unmap in a space, create threads, suspend, charge an account, bind, mint badges.</summary>
    Manage = 32,
    /// <summary>Destroy the object for all holders (owner's right).</summary>
    Destroy = 64,
    /// <summary>Duplicate or send the handle.</summary>
    Duplicate = 128,
    /// <summary>
    /// Map memory objects that one holds into an address space: at free addresses below <see cref="Window.Base"/>, and over what the space itself has offered
    /// (SpaceOffer). Part of what <see cref="Manage"/> allows.
    /// </summary>
    Map = 256,
    /// <summary>All of them.</summary>
    All = 511,
}

/// <summary>Type of the object behind a handle.</summary>
public enum ObjectType : uint
{
#pragma warning disable CS1591 // the design's own names
    None = 0, AddressSpace = 1, MemoryObject = 2, Thread = 3, Notification = 4, Endpoint = 5, Reply = 6, Interrupt = 7, IoPorts = 8, Account = 9, Machine = 10,
    DmaDomain = 11,
#pragma warning restore CS1591
}

/// <summary>Handles that need no table entry, and those at fixed places.</summary>
public static class WellKnownHandle
{
    /// <summary>The caller's own address space, all rights.</summary>
    public const uint Self = 0xFFFF_FFFE;
    /// <summary>The calling thread, all rights.</summary>
    public const uint CurrentThread = 0xFFFF_FFFF;

    /// <summary>Programs: endpoint of the process server, badge = the process server's number for this space. Servers: endpoint of the supervisor.</summary>
    public const uint Control = 1;
    /// <summary>Programs: doorbell of vfs for this connection (Signal only).</summary>
    public const uint VfsDoorbell = 2;
    /// <summary>Programs: notification that vfs signals when completions wait and the program sleeps (Wait only).</summary>
    public const uint VfsCompletion = 3;
    /// <summary>Programs: doorbell of a server for this connection (Signal only): vfs is number 0, the others follow the completion notification.</summary>
    public static uint DoorbellOf(uint server) => server == 0 ? VfsDoorbell : VfsCompletion + server;
    /// <summary>First handle that the kernel allots by itself; lower ones only by an explicit index.</summary>
    public const uint FirstFree = 64;

    /// <summary>Supervisor at boot: the machine (create accounts from the root, device memory, interrupts, ports; log; power).</summary>
    public const uint BootMachine = 16;
    /// <summary>Supervisor at boot: the root account.</summary>
    public const uint BootAccount = 17;
    /// <summary>Supervisor at boot: memory object of the boot archive (also mapped at <see cref="Window.BootArchive"/>).</summary>
    public const uint BootArchive = 18;
    /// <summary>Supervisor at boot, on a machine with a module of persistent memory: memory object of the root image, to read.</summary>
    public const uint BootImage = 19;
}
