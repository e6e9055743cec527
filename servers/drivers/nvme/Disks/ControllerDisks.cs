using System.Buffers.Binary;
using System.Globalization;
using Libsys.Hosting;
using Libsys.Hosting.Devices.Disks;
using Libsys.Rings;
using Servers.Drivers.Nvme.Controller;

namespace Servers.Drivers.Nvme.Disks;

/// <summary>
/// The namespaces of a controller that can be used, and the commands that all of them have with it. Nothing is kept but what is under way: all that a successor
/// needs are the requests, which the client has too, and the controller, which is reset first.
/// </summary>
internal sealed class ControllerDisks
{
    // Which data structure Identify gives, §5.15.1: of a namespace, of the controller, numbers of active namespaces; of the controller's command set for the
    // medium (NVMe 2.0, NVM command set 1.0 §4.1.5.4).
    private const uint NamespaceStructure = 0, ControllerStructure = 1, ActiveNamespaces = 2, CommandSetStructure = 6;

    // What names a disk has 16 bits for it.
    private const uint LastNamespace = ushort.MaxValue;

    private readonly NvmeController controller;
    private readonly CommandTable commands;
    private readonly List<NvmeDisk> disks = [];

    /// <summary>The namespaces of a controller that has been begun.</summary>
    /// <exception cref="NvmeException">It cannot be used.</exception>
    public ControllerDisks(NvmeController controller, Log log)
    {
        this.controller = controller;
        var identity = new ControllerIdentity(controller.Identify(ControllerStructure, 0));
        // One that does not know the structure has no bounds that it could tell.
        if (controller.TryIdentify(CommandSetStructure, 0, out ReadOnlySpan<byte> bounds))
            identity.Bound(bounds);
        const int most = NvmeController.CommandPages * NvmeController.PageLength / Transfer.ListLength;
        commands = new CommandTable(controller.Queue, controller.CommandMemory, NvmeController.CommandMemoryAt, most, controller.AddressOf);
        foreach (uint number in Numbers(controller.Identify(ActiveNamespaces, 0)))
        {
            try
            {
                disks.Add(new NvmeDisk(this, controller.Function, identity, number,
                    new NamespaceIdentity(controller.Identify(NamespaceStructure, number), identity.AtomicBlocks)));
            }
            catch (NvmeException error) when (!controller.HasFailed)
            {
                log.Write(string.Create(CultureInfo.InvariantCulture, $"{controller.Function.Address:x4}: namespace {number}: {error.Message}"));
            }
        }
    }

    /// <summary>A disk for each.</summary>
    public IReadOnlyList<NvmeDisk> Disks => disks;

    /// <summary>Takes a request to a namespace, which was checked against it if <paramref name="error"/> is 0.</summary>
    public void Submit(IBlockClient client, in Submission request, NvmeDisk disk, ControllerIdentity identity, long error)
    {
        Transfer transfer = commands.Rent();
        if (error == 0)
            error = transfer.Begin(client, request, disk.LogicalBlock, identity, disk.Namespace);
        if (error == 0)
        {
            commands.Add(transfer);
            return;
        }

        commands.Return(transfer);
        client.Complete(request.Tag, error);
    }

    /// <summary>Tells the controller what was added.</summary>
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

    // In ascending order; 0 ends the list.
    private static List<uint> Numbers(ReadOnlySpan<byte> list)
    {
        var numbers = new List<uint>();
        for (int at = 0; at < list.Length; at += sizeof(uint))
        {
            uint number = BinaryPrimitives.ReadUInt32LittleEndian(list[at..]);
            if (number == 0 || number > LastNamespace || (numbers.Count > 0 && number <= numbers[^1]))
                break;
            numbers.Add(number);
        }

        return numbers;
    }
}
