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

    // Commands with the controller, by identifier: which request each is part of. Of each there are bytes in the controller's memory.
    private readonly Transfer?[] underWay;
    private readonly Stack<int> free;

    // Requests of which there are commands to make, in order; and such as are not used.
    private readonly Queue<Transfer> waiting = new();
    private readonly Stack<Transfer> idle = new();

    /// <summary>The namespace of a controller that has been begun.</summary>
    /// <exception cref="NvmeException">It cannot be used, or there is none.</exception>
    public NvmeDisk(NvmeController controller)
    {
        this.controller = controller;
        identity = new ControllerIdentity(controller.Identify(ControllerStructure, 0));
        space = new NamespaceIdentity(controller.Identify(NamespaceStructure, FirstNamespace), identity.AtomicBlocks);
        const int most = NvmeController.CommandPages * NvmeController.PageLength / Transfer.ListLength;
        underWay = new Transfer?[Math.Min(controller.Queue.Size - 1, most)];
        free = new Stack<int>(Enumerable.Range(0, underWay.Length));
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
    public uint Address => controller.Function.Address;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Serial => identity.Serial;

    /// <inheritdoc/>
    public void Submit(IBlockClient client, in Submission request)
    {
        long error = BlockChecks.Check(this, request);
        Transfer transfer = idle.TryPop(out Transfer? used) ? used : new Transfer();
        if (error == 0)
            error = transfer.Begin(client, request, LogicalBlock, identity);
        if (error != 0)
        {
            idle.Push(transfer);
            client.Complete(request.Tag, error);
            return;
        }

        waiting.Enqueue(transfer);
        AddCommands();
    }

    /// <inheritdoc/>
    public void Notify() => controller.TellSubmissions(controller.Queue);

    /// <summary>Answers what the controller has finished: after an interrupt, which may be one for nothing.</summary>
    /// <exception cref="NvmeException">The controller says what cannot be, or that it has failed.</exception>
    public void Serve()
    {
        bool hasTaken = false;
        while (controller.Queue.TryTake(out Finished finished))
        {
            hasTaken = true;
            if (finished.Identifier >= underWay.Length || underWay[finished.Identifier] is not { } transfer)
                throw new NvmeException($"command {finished.Identifier} is finished and was not begun");
            underWay[finished.Identifier] = null;
            free.Push(finished.Identifier);
            if (transfer.End(finished.Status))
                idle.Push(transfer);
        }

        if (hasTaken)
            controller.TellCompletions(controller.Queue);
        AddCommands();
        Notify();
        if (controller.HasFailed)
            throw new NvmeException("the controller says that it has failed");
    }

    private void AddCommands()
    {
        while (free.Count > 0 && waiting.TryPeek(out Transfer? transfer))
        {
            if (!transfer.IsMade)
            {
                int identifier = free.Pop();
                ulong at = NvmeController.CommandMemoryAt + (ulong)(identifier * Transfer.ListLength);
                controller.Queue.Add(transfer.Next(controller.CommandMemory, at, controller.AddressOf(at)), (ushort)identifier);
                underWay[identifier] = transfer;
            }

            if (transfer.IsMade)
                waiting.Dequeue();
        }
    }
}
