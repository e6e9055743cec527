using Servers.Vfs.Objects;
using Servers.Vfs.Processes;

namespace Servers.Vfs.Served;

/// <summary>
/// The half of an open device that vfs has. Who reads or writes it here (sendfile, say) gets EINVAL, as of a file that cannot do that.
/// </summary>
public sealed class ServedFile : OpenFile
{
    private readonly ServedDevice device;
    private readonly GrantLedger ledger;
    private readonly uint generation;
    private readonly List<HandleGrant> grants = [];

    internal ServedFile(Location location, uint flags, ServedDevice device, GrantLedger ledger, ulong number)
        : base(location, flags)
    {
        this.device = device;
        this.ledger = ledger;
        generation = device.Server.Generation;
        Number = number;
    }

    /// <summary>Its number in the server's table.</summary>
    public ulong Number { get; }

    /// <summary>What programs know its server as.</summary>
    public uint Server => device.Server.Number;

    /// <inheritdoc/>
    public override bool IsSeekable => false;

    /// <summary>Lets a process use a handle at the server; once it is allowed, the same again. ENFILE: there are too many.</summary>
    public Errno Grant(AttachedSpace space, uint slot, ClientProcess process, uint handle, out ulong number)
    {
        number = 0;
        HandleGrant? grant = grants.Find(known => known.Space == space && known.Slot == slot && known.Handle == handle);
        if (grant is null)
        {
            grant = new HandleGrant(this, space, slot, process.Handles, handle);
            if (!ledger.TryGrant(grant, device.Number, generation, process, out ulong added))
                return Errno.ENFILE;
            grant.Number = added;
            grants.Add(grant);
            space.Grants.Add(grant);
        }

        number = grant.Number;
        return Errno.None;
    }

    /// <summary>A handle is closed. Processes that share the table (CLONE_FILES) may have been granted it each.</summary>
    public void Withdraw(HandleTable table, uint handle)
    {
        for (int index = grants.Count - 1; index >= 0; index--)
        {
            if (grants[index].Table == table && grants[index].Handle == handle)
                grants[index].Withdraw();
        }
    }

    /// <inheritdoc/>
    public override void FlagsChanged() => ledger.SetFlags(Number, Flags);

    /// <summary>A grant has ended.</summary>
    internal void Forget(HandleGrant grant)
    {
        grants.Remove(grant);
        ledger.Withdraw(grant.Number);
    }

    /// <inheritdoc/>
    protected override void OnLastClose()
    {
        while (grants.Count > 0)
            grants[^1].Withdraw();
        ledger.RemoveFile(Number);
    }
}
