namespace Servers.Vfs.Served;

/// <summary>A server of programs, as far as vfs has to do with it.</summary>
public sealed class DeviceServer(string name)
{
    /// <summary>Name in the configuration.</summary>
    public string Name => name;

    /// <summary>What programs know it as; 0 until the process server has said.</summary>
    public uint Number { get; set; }

    /// <summary>Generation that registered last.</summary>
    public uint Generation { get; set; }

    /// <summary>What it is granted; null until it has registered.</summary>
    public GrantLedger? Ledger { get; set; }
}
