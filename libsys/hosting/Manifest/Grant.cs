namespace Libsys.Hosting.Manifest;

/// <summary>
/// What a server may do beyond using its own endpoint, account and hardware. The supervisor gives nothing of it that the manifest does not name.
/// </summary>
[Flags]
public enum Grant
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The account of all programs (handle "programs"): makes programs. Its calls carry <see cref="ServerBadge.MakesPrograms"/>.</summary>
    Programs = 1,

    /// <summary>Reads the published table of processes (handle "process.table").</summary>
    ReadProcessTable = 2,

    /// <summary>Writes that table.</summary>
    WriteProcessTable = 4,

    /// <summary>Reads the kernel's log (handle "kernel.log").</summary>
    KernelLog = 8,

    /// <summary>Its word ends the machine: switch off, reset, halt.</summary>
    Power = 16,

    /// <summary>Its word ends and restarts other servers, or makes them fail.</summary>
    RestartServers = 32,

    /// <summary>The account of cached pages of files (handle "cache").</summary>
    FileCache = 64,

    /// <summary>Reads the pages of a large root (handle "root.image", where the machine has one).</summary>
    RootImage = 128,

    /// <summary>Is told which devices all servers own (<see cref="Messages.StartSetting.Devices"/>), for names in /dev and permissions.</summary>
    DeviceNodes = 256,

    /// <summary>
    /// Makes what drivers are given of their devices (handle "machine", with the right Map), and is told whose each is
    /// (<see cref="Messages.StartSetting.Functions"/>).
    /// </summary>
    Devices = 512,
}

/// <summary>How configurations write grants.</summary>
public static class GrantName
{
    /// <summary>All of them by name.</summary>
    public static IReadOnlyDictionary<string, Grant> All { get; } = new Dictionary<string, Grant>(StringComparer.Ordinal)
    {
        ["programs"] = Grant.Programs,
        ["process.table:read"] = Grant.ReadProcessTable,
        ["process.table:write"] = Grant.ReadProcessTable | Grant.WriteProcessTable,
        ["kernel.log"] = Grant.KernelLog,
        ["power"] = Grant.Power,
        ["file.cache"] = Grant.FileCache,
        ["root.image"] = Grant.RootImage,
        ["device.nodes"] = Grant.DeviceNodes,
        ["servers:restart"] = Grant.RestartServers,
        ["devices"] = Grant.Devices,
    };

    /// <summary>Every bit that a manifest may hold.</summary>
    public const Grant Known = Grant.Programs | Grant.ReadProcessTable | Grant.WriteProcessTable | Grant.KernelLog | Grant.Power | Grant.RestartServers
        | Grant.FileCache | Grant.RootImage | Grant.DeviceNodes | Grant.Devices;
}

/// <summary>
/// The badge by which a server calls another: the supervisor mints it, and the kernel vouches for it. The low half is the number of the calling process, never
/// used again.
/// </summary>
public static class ServerBadge
{
    /// <summary>The caller is granted <see cref="Grant.Programs"/>: it is the process server.</summary>
    public const ulong MakesPrograms = 1ul << 32;

    /// <summary>The badge of a process.</summary>
    public static ulong Of(ulong number, Grant grants) => number | ((grants & Grant.Programs) != 0 ? MakesPrograms : 0);

    /// <summary>The number of the calling process.</summary>
    public static ulong Number(ulong badge) => (uint)badge;
}
