using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Hosting.Devices;

namespace Servers.Drivers.Nvme.Controller;

/// <summary>
/// A controller on the PCI bus with its admin queue and one pair of queues for input and output: NVMe 1.4 §7.6.1, how it is begun. Whatever a predecessor was
/// doing with it has ended when the constructor returns.
/// </summary>
internal sealed class NvmeController
{
    /// <summary>Bytes of a page; of the data that Identify gives, too.</summary>
    public const int PageLength = 4096;

    /// <summary>Pages of its memory that commands of the caller use: <see cref="CommandMemory"/>.</summary>
    public const int CommandPages = 8;

    // Mass storage, non-volatile memory, NVM Express: NVMe 1.4 §2.1.5.
    private const uint ClassCode = 0x010802;
    private const int ClassRegister = 8, ClassShift = 8;

    // One admin command is under way at a time.
    private const int AdminEntries = 4;

    // As many as one page of commands holds.
    private const int MostEntries = PageLength / Command.Length;

    // Pages: each queue begins at one.
    private const ulong AdminSubmission = 0, AdminCompletion = PageLength, Submission = 2 * PageLength, Completion = 3 * PageLength, Data = 4 * PageLength;
    private const int OwnPages = 5;

    // Set Features: number of queues, §5.21.1.7. Create Completion Queue: contiguous, interrupts; Create Submission Queue: contiguous. §5.3, §5.4.
    private const uint QueueCountFeature = 7, Contiguous = 1, Interrupts = 2;
    private const ushort FirstQueue = 1;
    private const int UpperHalf = 16, NextDword = 32;

    // Those that are used read and change what the controller knows, not the medium.
    private const ulong AdminPatience = 5_000_000_000;

    private const ulong HalfSecond = 500_000_000;

    private readonly MappedMemory registers, doorbells;
    private readonly ulong registersAt, doorbellsAt, stride, readyPatience;
    private readonly DmaMemory memory;
    private readonly QueuePair admin;

    // Its configuration is neither written nor read: a controller that ignores its reset.
    private bool isDeaf;

    /// <summary>Takes over a claimed function.</summary>
    /// <exception cref="NvmeException">It cannot be used.</exception>
    /// <exception cref="InvalidOperationException">No memory, or it is somebody else's.</exception>
    public NvmeController(PciDevice function)
    {
        Function = function;
        if (function.ReadConfiguration(ClassRegister) >> ClassShift is var found and not ClassCode)
            throw new InvalidOperationException($"a function of class {found:x6}"); // the configuration's mistake, which no reset helps
        registers = function.MapRegisters(0, 0, ControllerRegisters.Doorbells, out registersAt);
        ulong capabilities = registers.ReadUInt64(registersAt + ControllerRegisters.Capabilities);
        // A controller that is gone reads as ones; pages of 4,096 bytes are the smallest that there are.
        if (capabilities == ulong.MaxValue || (capabilities & ControllerRegisters.HasNvmCommands) == 0
            || (capabilities >> ControllerRegisters.LeastPageShift & 15) != 0)
        {
            throw new NvmeException($"capabilities {capabilities:x}");
        }

        readyPatience = Math.Max(capabilities >> ControllerRegisters.TimeoutShift & byte.MaxValue, 1) * HalfSecond;
        stride = (ulong)sizeof(uint) << (int)(capabilities >> ControllerRegisters.StrideShift & 15);
        doorbells = function.MapRegisters(0, ControllerRegisters.Doorbells, 2 * (FirstQueue + 1) * stride, out doorbellsAt);
        Reset();
        KernelStatus status = DmaMemory.TryCreate(function.Domain, OwnPages + CommandPages, out DmaMemory? created);
        memory = status == KernelStatus.Ok ? created! : throw new InvalidOperationException("memory of a controller: " + status);
        function.Enable();
        admin = new QueuePair(0, AdminEntries, memory.Mapped, AdminSubmission, AdminCompletion);
        Start();
        int most = (int)(capabilities & ((1 << ControllerRegisters.MostEntriesBits) - 1)) + 1;
        Queue = MakeQueue(Math.Min(most, MostEntries));
    }

    /// <summary>Where it is on the bus.</summary>
    public PciDevice Function { get; }

    /// <summary>The queues for input and output. Interrupts say that there may be completions.</summary>
    public QueuePair Queue { get; }

    /// <summary>Memory that commands name beside that of their clients.</summary>
    public MappedMemory CommandMemory => memory.Mapped;

    /// <summary>Where <see cref="CommandPages"/> pages of it begin.</summary>
    public static ulong CommandMemoryAt => OwnPages * PageLength;

    /// <summary>The controller says that it has failed, or is gone.</summary>
    public bool HasFailed => (Status & ControllerRegisters.HasFailed) != 0;

    private uint Status => isDeaf ? ControllerRegisters.Ready : registers.ReadUInt32(registersAt + ControllerRegisters.Status);

    private uint Configuration
    {
        get => isDeaf ? ControllerRegisters.Working : registers.ReadUInt32(registersAt + ControllerRegisters.Configuration);
        set
        {
            if (!isDeaf)
                registers.WriteUInt32(registersAt + ControllerRegisters.Configuration, value);
        }
    }

    /// <summary>Where the controller sees an offset of the memory; what lies together is so within a page only.</summary>
    public ulong AddressOf(ulong offset) => memory.AddressOf(offset);

    /// <summary>Tells the controller of commands that were added.</summary>
    public void TellSubmissions(QueuePair queue)
    {
        if (queue.MustTell())
            doorbells.WriteUInt32(doorbellsAt + 2ul * queue.Number * stride, (uint)queue.Tail);
    }

    /// <summary>Tells the controller which completions were taken.</summary>
    public void TellCompletions(QueuePair queue) => doorbells.WriteUInt32(doorbellsAt + (2ul * queue.Number + 1) * stride, (uint)queue.CompletionHead);

    /// <summary>Asks what there is: §5.15. The bytes are valid until the next admin command.</summary>
    /// <param name="structure">Which data structure: CNS.</param>
    /// <param name="space">Namespace that it is about; 0: none.</param>
    /// <exception cref="NvmeException">The controller refuses, or does not answer.</exception>
    public ReadOnlySpan<byte> Identify(uint structure, uint space)
    {
        Execute(new Command { Opcode = Opcode.Identify, Namespace = space, Prp1 = memory.AddressOf(Data), Dword10 = structure });
        return memory.Mapped.Span(Data, PageLength);
    }

    /// <summary>The same, of what it may not know. False: it refuses.</summary>
    /// <exception cref="NvmeException">The controller does not answer.</exception>
    public bool TryIdentify(uint structure, uint space, out ReadOnlySpan<byte> bytes)
    {
        bytes = memory.Mapped.Span(Data, PageLength);
        return TryExecute(new Command { Opcode = Opcode.Identify, Namespace = space, Prp1 = memory.AddressOf(Data), Dword10 = structure }) == 0;
    }

    // From any state: §7.3.2, §3.1.5. Afterwards it uses no memory.
    private void Reset()
    {
        isDeaf = Function.IgnoresReset();
        uint configuration = Configuration;
        // One that is on its way to being ready is let come there: until then the bit must not be taken back. If it fails on the way, the reset is due.
        ulong patience = Function.PatienceOfReset(readyPatience);
        if ((configuration & ControllerRegisters.Enable) != 0)
            Await(static status => (status & (ControllerRegisters.Ready | ControllerRegisters.HasFailed)) != 0, patience);
        Configuration = configuration & ~ControllerRegisters.Enable;
        if (!Await(static status => (status & ControllerRegisters.Ready) == 0, patience))
            throw new NvmeException("the controller does not come to its reset");
    }

    private void Start()
    {
        const uint entries = AdminEntries - 1;
        registers.WriteUInt32(registersAt + ControllerRegisters.AdminQueueLengths, entries << UpperHalf | entries);
        registers.WriteUInt64(registersAt + ControllerRegisters.AdminSubmission, memory.AddressOf(AdminSubmission));
        registers.WriteUInt64(registersAt + ControllerRegisters.AdminCompletion, memory.AddressOf(AdminCompletion));
        Configuration = ControllerRegisters.Working;
        if (!Await(static status => (status & (ControllerRegisters.Ready | ControllerRegisters.HasFailed)) != 0, readyPatience) || HasFailed)
            throw new NvmeException("the controller does not become ready");
    }

    private bool Await(Func<uint, bool> isThere, ulong patience) => Function.Await(() => isThere(Status), patience);

    // §7.6.1, steps 7 to 9. Completions of both queues interrupt by the first message.
    private QueuePair MakeQueue(int size)
    {
        var queue = new QueuePair(FirstQueue, size, memory.Mapped, Submission, Completion);
        ulong shape = (ulong)(size - 1) << UpperHalf | FirstQueue;
        Execute(new Command { Opcode = Opcode.SetFeatures, Dword10 = QueueCountFeature }); // one of each: numbers are less one
        Execute(new Command
        {
            Opcode = Opcode.CreateCompletionQueue, Prp1 = memory.AddressOf(Completion), Dword10 = shape | (ulong)(Contiguous | Interrupts) << NextDword,
        });
        Execute(new Command
        {
            Opcode = Opcode.CreateSubmissionQueue, Prp1 = memory.AddressOf(Submission),
            Dword10 = shape | (ulong)(Contiguous | (uint)FirstQueue << UpperHalf) << NextDword,
        });
        return queue;
    }

    private void Execute(in Command command)
    {
        if (TryExecute(command) is var status and not 0)
            throw new NvmeException($"admin command {command.Opcode:x2}: status {status:x}");
    }

    // The command's status.
    private int TryExecute(in Command command)
    {
        const ushort only = 0;
        admin.Add(command, only);
        TellSubmissions(admin);
        ulong deadline = SystemClock.Now + AdminPatience;
        Finished finished;
        while (!admin.TryTake(out finished))
        {
            if (SystemClock.Now > deadline)
                throw new NvmeException($"admin command {command.Opcode:x2} is not answered");
        }

        TellCompletions(admin);
        return finished.Identifier == only ? finished.Status
            : throw new NvmeException($"admin command {command.Opcode:x2}: identifier {finished.Identifier}");
    }
}
