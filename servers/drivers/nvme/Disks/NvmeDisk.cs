using Libsys.Hosting;
using Libsys.Hosting.Devices.Disks;
using Libsys.Messages;
using Libsys.Rings;
using Servers.Drivers.Nvme.Controller;

namespace Servers.Drivers.Nvme.Disks;

/// <summary>
/// The first namespace of a controller. It keeps nothing but what is under way: all that a successor needs are the requests, which the client has too, and the
/// device, which is reset first.
/// </summary>
internal sealed class NvmeDisk : IServedDisk
{
    // Which data structure Identify gives, §5.15.1: of a namespace, of the controller.
    private const uint NamespaceStructure = 0, ControllerStructure = 1;

    private const uint FirstNamespace = 1;

    private readonly NvmeController controller;
    private readonly ControllerIdentity identity;
    private readonly NamespaceIdentity space;

    private readonly CommandTable commands;

    /// <summary>The namespace of a controller that has been begun.</summary>
    /// <exception cref="NvmeException">It cannot be used, or there is none.</exception>
    public NvmeDisk(NvmeController controller)
    {
        this.controller = controller;
        identity = new ControllerIdentity(controller.Identify(ControllerStructure, 0));
        space = new NamespaceIdentity(controller.Identify(NamespaceStructure, FirstNamespace), identity.AtomicBlocks);
        const int most = NvmeController.CommandPages * NvmeController.PageLength / Transfer.ListLength;
        commands = new CommandTable(controller.Queue, controller.CommandMemory, NvmeController.CommandMemoryAt, most, controller.AddressOf);
    }

    /// <inheritdoc/>
    public ulong Sectors => space.Sectors;

    /// <inheritdoc/>
    public uint LogicalBlock => space.LogicalBlock;

    /// <inheritdoc/>
    public uint PhysicalBlock => space.PhysicalBlock;

    /// <inheritdoc/>
    public uint OptimalTransfer => space.OptimalTransfer;

    /// <inheritdoc/>
    public DiskFlags Flags => identity.Flags | DiskFlags.NonRotational | (space.IsReadOnly ? DiskFlags.ReadOnly : 0);

    /// <inheritdoc/>
    public DmaDomainHandle Domain => controller.Function.Domain;

    /// <inheritdoc/>
    public bool IsConfined => controller.Function.IsConfined;

    /// <inheritdoc/>
    public uint Address => controller.Function.Address;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Serial => identity.Serial;

    /// <inheritdoc/>
    public void Submit(IBlockClient client, in Submission request)
    {
        long error = BlockChecks.Check(this, request);
        Transfer transfer = commands.Rent();
        if (error == 0)
            error = transfer.Begin(client, request, LogicalBlock, identity);
        if (error == 0)
        {
            commands.Add(transfer);
            return;
        }

        commands.Return(transfer);
        client.Complete(request.Tag, error);
    }

    /// <inheritdoc/>
    public void Notify() => controller.TellSubmissions(controller.Queue);

    /// <summary>Answers what the controller has finished: after an interrupt, which may be one for nothing.</summary>
    /// <exception cref="NvmeException">The controller says what cannot be, or that it has failed.</exception>
    public void Serve()
    {
        if (commands.Serve())
            controller.TellCompletions(controller.Queue);
        Notify();
        if (controller.HasFailed)
            throw new NvmeException("the controller says that it has failed");
    }
}
