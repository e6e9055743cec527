using System.Globalization;
using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Hosting.Manifest;
using Libsys.Messages;

namespace Servers.Supervisor;

/// <summary>Starts processes of servers: a space with the archive, the start table and the handles that the server may have.</summary>
internal sealed class ServerLauncher(MachineHandle machine, EndpointHandle supervisor, Grants grants)
{
    private ulong lastNumber;

    /// <summary>Starts a process.</summary>
    /// <param name="server">Of which server.</param>
    /// <param name="all">All servers, for the endpoints of those that this one depends on.</param>
    /// <param name="generation">Its generation; without meaning for a spare.</param>
    /// <param name="isSpare">It waits in Standby.</param>
    /// <exception cref="ServerStartException">Something was refused; nothing is left behind.</exception>
    public ServerInstance Start(Server server, IReadOnlyList<Server> all, uint generation, bool isSpare)
    {
        var instance = new ServerInstance(server, ++lastNumber, supervisor, isSpare);
        try
        {
            Prepare(server, instance, all, generation);
        }
        catch (ServerStartException)
        {
            instance.TearDown();
            instance.Account.Handle.Close();
            throw;
        }

        return instance;
    }

    private void Prepare(Server server, ServerInstance instance, IReadOnlyList<Server> all, uint generation)
    {
        var table = new StartTableBuilder(StartMode.Server, server.Description.ArchiveEntry);
        table.AddArgument(server.Name);
        table.AddSetting(StartSetting.Generation, generation.ToString(CultureInfo.InvariantCulture));
        table.AddSetting(StartSetting.Attempt, server.Trust.Attempt.ToString(CultureInfo.InvariantCulture));
        if (instance.IsSpare)
            table.AddSetting(StartSetting.Standby, "1");
        // Read by the runtime in hexadecimal; it overrides the default that is linked in.
        table.AddSetting("DOTNET_GCHeapHardLimit", server.Description.HeapLimit.ToString("x", CultureInfo.InvariantCulture));
        server.Hardware.Describe(table);
        if (server.Description.Grants.HasFlag(Grant.DeviceNodes))
            table.AddSetting(StartSetting.Devices, OwnedDevice.Write(all.Select(other => other.Description)));

        if (server.Description.Grants.HasFlag(Grant.Devices))
            table.AddSetting(StartSetting.Functions, OwnedFunction.Write(all.Select(other => other.Description)));

        AddressSpaceHandle space = instance.Space;
        Check(server, supervisor.TryMint(instance.Number, out EndpointHandle control), "control endpoint");
        KernelStatus status = space.TryInstall(WellKnownHandle.Control, control.Handle, Rights.Signal, out _);
        control.Handle.Close();
        Check(server, status, "control endpoint");

        var archive = new KernelHandle(WellKnownHandle.BootArchive);
        void Add(string name, KernelHandle handle, Rights rights)
        {
            Check(server, space.TryInstall(0, handle, rights, out uint installed), name);
            table.AddHandle(name, installed);
        }

        Add("log", machine.Handle, Rights.Write);
        Add("archive", archive, Rights.Read | Rights.Execute);
        Add("account", instance.Account.Handle, Rights.Read);
        if (server.Description.Account.KeepNames > 0)
            Add("kept", server.KeptAccount.Handle, Rights.Manage | Rights.Read);
        Add("control", server.Endpoint.Handle, Rights.All);
        Add("loop", server.Loop.Handle, Rights.All);
        Add("health", instance.HealthObject.Handle, Rights.Read | Rights.Write);
        foreach (Server other in all)
        {
            if (!server.Description.DependsOn.Contains(other.Name))
                continue;
            Check(server, other.Endpoint.TryMint(ServerBadge.Of(instance.Number, server.Description.Grants), out EndpointHandle minted),
                "endpoint of " + other.Name);
            status = space.TryInstall(0, minted.Handle, Rights.Signal, out uint installed);
            minted.Handle.Close();
            Check(server, status, "endpoint of " + other.Name);
            table.AddHandle(other.Name, installed);
        }

        foreach ((string name, KernelHandle handle, Rights rights) in server.Hardware.Handles.Concat(grants.For(server.Description.Grants)))
            Add(name, handle, rights);

        var archiveObject = new MemoryObjectHandle(archive.Index);
        Check(server, archiveObject.TryQuery(out ulong length, out _, out _), "boot archive");
        Check(server, space.Map(Window.BootArchive, length, MapFlags.Read | MapFlags.Shared | MapFlags.ForkOmit, archiveObject), "boot archive");
        MapStartTable(server, instance, table.Build());
        Check(
            server,
            space.TryCreateThread(
                0, FixedMemory.Personality.StartEntry, Window.StartTableAddress, group: 0, ThreadFlags.None, (byte)server.Description.Priority,
                out ThreadHandle thread),
            "thread");
        thread.Handle.Close();
    }

    private static void MapStartTable(Server server, ServerInstance instance, byte[] bytes)
    {
        ulong length = ((ulong)bytes.Length + Server.PageLength - 1) & ~(Server.PageLength - 1);
        Check(server, MemoryObjectHandle.TryCreate(length, MemoryFlags.None, out MemoryObjectHandle memory, instance.Account), "start table");
        KernelStatus status = MappedMemory.TryMap(memory, 0, length, MapFlags.Read | MapFlags.Write | MapFlags.Shared, out MappedMemory? mapped);
        if (status == KernelStatus.Ok)
        {
            bytes.CopyTo(mapped!.Span(0, bytes.Length));
            mapped.Dispose();
            status = instance.Space.Map(Window.StartTableAddress, length, MapFlags.Read | MapFlags.Shared | MapFlags.ForkOmit, memory);
        }

        memory.Handle.Close();
        Check(server, status, "start table");
    }

    private static void Check(Server server, KernelStatus status, string what) => ServerStartException.Check(status, server.Name + ": " + what);
}
