using System.Globalization;
using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Hosting.Manifest;
using Libsys.Messages;

namespace Servers.Supervisor;

/// <summary>One server of the manifest: its endpoint outlives its process, so that those who hold it need not know of a restart.</summary>
internal sealed class ServerProcess
{
    private const ulong PageLength = 4096;

    /// <summary>Makes the server's endpoint and account; nothing runs yet.</summary>
    /// <exception cref="ServerStartException">No memory.</exception>
    public ServerProcess(ServerDescription description, int index, AccountHandle root)
    {
        Description = description;
        Index = index;
        ServerStartException.Check(EndpointHandle.TryCreate(out EndpointHandle endpoint), description.Name + ": endpoint");
        ServerStartException.Check(
            root.TryCreateChild((ulong)description.Account.Memory / PageLength, (ulong)description.Account.Handles, out AccountHandle account),
            description.Name + ": account");
        Endpoint = endpoint;
        Account = account;
    }

    /// <summary>What the manifest says.</summary>
    public ServerDescription Description { get; }

    /// <summary>Place in the manifest.</summary>
    public int Index { get; }

    /// <summary>Badge of its calls and of its death: never 0.</summary>
    public ulong Badge => (ulong)Index + 1;

    /// <summary>What others call it by.</summary>
    public EndpointHandle Endpoint { get; }

    /// <summary>Its account.</summary>
    public AccountHandle Account { get; }

    /// <summary>Its space, while it runs.</summary>
    public AddressSpaceHandle Space { get; private set; }

    /// <summary>State for the table.</summary>
    public ServerState State { get; set; }

    /// <summary>Counts its processes.</summary>
    public uint Generation { get; private set; }

    /// <summary>Why it ended last.</summary>
    public string LastFailure { get; set; } = "";

    /// <summary>Starts its process: a space with the archive, the start table and the handles that it may have.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="supervisor">The supervisor's endpoint: calls, faults and the death of the server arrive there.</param>
    /// <param name="others">All servers, for the endpoints of those that this one depends on.</param>
    /// <param name="grants">Further handles.</param>
    /// <exception cref="ServerStartException">Something was refused.</exception>
    public void Start(MachineHandle machine, EndpointHandle supervisor, IReadOnlyList<ServerProcess> others, Grants grants)
    {
        Generation++;
        Check(AddressSpaceHandle.TryCreate(Account, supervisor, Badge, out AddressSpaceHandle space), "address space");
        Space = space;

        var table = new StartTableBuilder(StartMode.Server, Description.ArchiveEntry);
        table.AddArgument(Description.Name);
        table.AddSetting(StartSetting.Generation, Generation.ToString(CultureInfo.InvariantCulture));
        // Read by the runtime in hexadecimal; it overrides the default that is linked in.
        table.AddSetting("DOTNET_GCHeapHardLimit", Description.HeapLimit.ToString("x", CultureInfo.InvariantCulture));

        Check(supervisor.TryMint(Badge, out EndpointHandle control), "control endpoint");
        Install(control.Handle, Rights.Signal, WellKnownHandle.Control);
        control.Handle.Close();

        var archive = new KernelHandle(WellKnownHandle.BootArchive);
        Add(table, "log", machine.Handle, Rights.Write);
        Add(table, "archive", archive, Rights.Read | Rights.Execute | Rights.Duplicate);
        Add(table, "account", Account.Handle, Rights.Manage | Rights.Read | Rights.Duplicate);
        Add(table, "control", Endpoint.Handle, Rights.All);
        AddDependencies(table, others);
        AddHardware(table, machine);
        foreach ((string name, KernelHandle handle, Rights rights) in grants.For(Description.Name))
            Add(table, name, handle, rights);

        MapArchive(new MemoryObjectHandle(archive.Index));
        MapStartTable(table.Build());
        Check(
            space.TryCreateThread(
                0, FixedMemory.Personality.StartEntry, Window.StartTableAddress, group: 0, ThreadFlags.None, (byte)Description.Priority, out ThreadHandle thread),
            "thread");
        thread.Handle.Close();
    }

    private void AddDependencies(StartTableBuilder table, IReadOnlyList<ServerProcess> others)
    {
        foreach (ServerProcess other in others)
        {
            if (!Description.DependsOn.Contains(other.Description.Name))
                continue;
            Check(other.Endpoint.TryMint(Badge, out EndpointHandle minted), "endpoint of " + other.Description.Name);
            Add(table, other.Description.Name, minted.Handle, Rights.Signal | Rights.Duplicate);
            minted.Handle.Close();
        }
    }

    private void AddHardware(StartTableBuilder table, MachineHandle machine)
    {
        NotificationHandle loop = default;
        int bit = EventLoop.FirstSupervisorBit;
        foreach (HardwareResource resource in Description.Resources)
        {
            if (resource.Kind == HardwareKind.IoPorts)
            {
                Check(machine.TryCreatePorts((ushort)resource.First, (uint)resource.Count, out IoPorts ports), resource.Name);
                Add(table, resource.Name, ports.Handle, Rights.Signal);
                ports.Handle.Close();
                continue;
            }

            if (loop.Index == 0)
            {
                Check(NotificationHandle.TryCreate(out loop), "notification");
                Add(table, "loop", loop.Handle, Rights.All);
            }

            // Bits 48 to 62 are the supervisor's to bind: more interrupts than a driver of this machine has.
            if (bit > 62)
                throw new ServerStartException($"{Description.Name}: too many interrupts");
            ulong bits = 1ul << bit++;
            Check(machine.TryCreateInterrupt((uint)resource.First, loop, bits, out KernelHandle interrupt), resource.Name);
            Add(table, resource.Name, interrupt, Rights.Wait);
            table.AddSetting(StartSetting.InterruptBits + resource.Name, bits.ToString(CultureInfo.InvariantCulture));
            interrupt.Close();
        }

        if (loop.Index != 0)
            loop.Handle.Close();
    }

    private void MapArchive(MemoryObjectHandle archive)
    {
        Check(archive.TryQuery(out ulong length, out _, out _), "boot archive");
        Check(Space.Map(Window.BootArchive, length, MapFlags.Read | MapFlags.Shared | MapFlags.ForkOmit, archive), "boot archive");
    }

    private void MapStartTable(byte[] bytes)
    {
        ulong length = ((ulong)bytes.Length + PageLength - 1) & ~(PageLength - 1);
        Check(MemoryObjectHandle.TryCreate(length, MemoryFlags.None, out MemoryObjectHandle memory, Account), "start table");
        Check(MappedMemory.TryMap(memory, 0, length, MapFlags.Read | MapFlags.Write | MapFlags.Shared, out MappedMemory? mapped), "start table");
        bytes.CopyTo(mapped!.Span(0, bytes.Length));
        mapped.Dispose();
        Check(Space.Map(Window.StartTableAddress, length, MapFlags.Read | MapFlags.Shared | MapFlags.ForkOmit, memory), "start table");
        memory.Handle.Close();
    }

    private void Add(StartTableBuilder table, string name, KernelHandle handle, Rights rights) => table.AddHandle(name, Install(handle, rights, 0));

    private uint Install(KernelHandle handle, Rights rights, uint index)
    {
        Check(Space.TryInstall(index, handle, rights, out uint installed), "handle");
        return installed;
    }

    private void Check(KernelStatus status, string what) => ServerStartException.Check(status, Description.Name + ": " + what);
}
