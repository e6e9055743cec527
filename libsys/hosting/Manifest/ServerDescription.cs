using MessagePack;

namespace Libsys.Hosting.Manifest;

/// <summary>One server.</summary>
/// <param name="Name">Name in logs, in /sys/servers and in the dependencies of others.</param>
/// <param name="ArchiveEntry">System entry of the boot archive that holds its ELF.</param>
/// <param name="DependsOn">Servers that must be ready before this one starts.</param>
/// <param name="Priority">Scheduling priority: 1 is the lowest, 31 the highest.</param>
/// <param name="HeapLimit">Upper bound of its garbage-collected heap in bytes.</param>
/// <param name="Account">What its account may hold; committed at boot.</param>
/// <param name="Resources">Hardware that it gets handles to.</param>
/// <param name="Restart">What happens when it ends.</param>
/// <param name="Spare">A second, initialised process waits to take its place.</param>
/// <param name="Grants">What it may do beyond that.</param>
/// <param name="Devices">Devices that it owns: programs that open one have a connection with it.</param>
/// <param name="Functions">Functions of the PCI bus that it drives, wherever they are.</param>
/// <param name="IsVital">The machine ends when it is not started again; else its clients do without it.</param>
public sealed record ServerDescription(
    string Name,
    string ArchiveEntry,
    IReadOnlyList<string> DependsOn,
    int Priority,
    long HeapLimit,
    AccountLimits Account,
    IReadOnlyList<HardwareResource> Resources,
    RestartPolicy Restart,
    bool Spare = false,
    Grant Grants = Grant.None,
    IReadOnlyList<DeviceNode>? Devices = null,
    IReadOnlyList<FunctionIdentity>? Functions = null,
    bool IsVital = true)
{
    private const int FieldCount = 13;

    // Far more than a driver of any board needs; bounds what a damaged manifest can make a reader allocate.
    private const int MostResources = 64;

    internal void Write(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(FieldCount);
        writer.Write(Name);
        writer.Write(ArchiveEntry);
        writer.WriteArrayHeader(DependsOn.Count);
        foreach (string dependency in DependsOn)
            writer.Write(dependency);
        writer.Write(Priority);
        writer.Write(HeapLimit);
        Account.Write(ref writer);
        writer.WriteArrayHeader(Resources.Count);
        foreach (HardwareResource resource in Resources)
            resource.Write(ref writer);
        Restart.Write(ref writer);
        writer.Write(Spare);
        writer.Write((int)Grants);
        writer.WriteArrayHeader(Devices?.Count ?? 0);
        foreach (DeviceNode device in Devices ?? [])
            device.Write(ref writer);
        writer.WriteArrayHeader(Functions?.Count ?? 0);
        foreach (FunctionIdentity function in Functions ?? [])
            function.Write(ref writer);
        writer.Write(IsVital);
    }

    internal static ServerDescription Read(ref MessagePackReader reader)
    {
        ManifestFormat.ExpectArray(ref reader, FieldCount, "server");
        string name = ManifestFormat.ReadText(ref reader, "server name");
        string archiveEntry = ManifestFormat.ReadText(ref reader, "archive entry");
        string[] dependencies = new string[ManifestFormat.ReadCount(ref reader, BootManifest.MostServers, "dependencies")];
        for (int index = 0; index < dependencies.Length; index++)
            dependencies[index] = ManifestFormat.ReadText(ref reader, "dependency");
        int priority = ManifestFormat.ReadInt32(ref reader, 1, 31, "priority");
        long heapLimit = ManifestFormat.ReadInt64(ref reader, "heap limit");
        AccountLimits account = AccountLimits.Read(ref reader);
        var resources = new HardwareResource[ManifestFormat.ReadCount(ref reader, MostResources, "resources")];
        for (int index = 0; index < resources.Length; index++)
            resources[index] = HardwareResource.Read(ref reader);
        RestartPolicy restart = RestartPolicy.Read(ref reader);
        bool spare = reader.ReadBoolean();
        var grants = (Grant)ManifestFormat.ReadInt32(ref reader, 0, (int)GrantName.Known, "grants");
        var devices = new DeviceNode[ManifestFormat.ReadCount(ref reader, MostResources, "devices")];
        for (int index = 0; index < devices.Length; index++)
            devices[index] = DeviceNode.Read(ref reader);
        var functions = new FunctionIdentity[ManifestFormat.ReadCount(ref reader, MostResources, "functions")];
        for (int index = 0; index < functions.Length; index++)
            functions[index] = FunctionIdentity.Read(ref reader);
        return new ServerDescription(
            name, archiveEntry, dependencies, priority, heapLimit, account, resources, restart, spare, grants, devices, functions, reader.ReadBoolean());
    }
}
