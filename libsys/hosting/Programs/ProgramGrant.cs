namespace Libsys.Hosting.Programs;

/// <summary>What vfs grants: a process may use an open file description of this server's devices under a handle.</summary>
/// <param name="Connection">Number of the space's connection, the same at all servers.</param>
/// <param name="Slot">Process slot in that space.</param>
/// <param name="Handle">vfs' handle.</param>
/// <param name="File">Number of the open file description.</param>
/// <param name="Device">Device number, as in st_rdev.</param>
/// <param name="Generation">Generation of this server that the description was opened at.</param>
public readonly record struct ProgramGrant(ulong Connection, uint Slot, uint Handle, ulong File, uint Device, uint Generation)
{
    /// <summary>Who asked for the grant, as vfs knew it at that moment: whoever opens a device, or a process that uses an inherited handle first.</summary>
    public ProgramCredentials Credentials { get; init; } = new(0, 0, 0, []);
}

/// <summary>Who a process was when it was granted something.</summary>
/// <param name="Pid">Process id; it may have ended since.</param>
/// <param name="User">Effective user id.</param>
/// <param name="Group">Effective group id.</param>
/// <param name="Groups">Supplementary groups, the first six.</param>
public sealed record ProgramCredentials(uint Pid, uint User, uint Group, IReadOnlyList<uint> Groups);
