using Libsys.Hosting;

namespace Servers.Drivers.Nvme.Controller;

/// <summary>A command that the controller has finished.</summary>
/// <param name="Identifier">Which: what was given to <see cref="QueuePair.Add"/>, if the controller tells the truth.</param>
/// <param name="Status">0, or its status code type and status code, NVMe 1.4 §4.6.1: type &lt;&lt; 8 | code.</param>
/// <param name="Result">Dword 0, whose meaning is the command's.</param>
internal readonly record struct Finished(ushort Identifier, int Status, uint Result);

/// <summary>
/// A submission queue and its completion queue: NVMe 1.4 §4.1, §4.6. The controller may write what it likes: all that is read from it is checked.
/// </summary>
internal sealed class QueuePair
{
    /// <summary>Bytes of an entry of the completion queue.</summary>
    public const int CompletionLength = 16;

    // Completion entry, figure 122: head and number of the submission queue, identifier with phase and status.
    private const ulong QueueField = 8, StatusField = 12;
    private const int SecondHalf = 16, StatusShift = 17, StatusMask = 0x7FF;

    private readonly MappedMemory memory;
    private readonly ulong submissionAt, completionAt;
    private int head, told;
    private uint phase = 1;

    /// <summary>A pair whose entries are in zeroed memory.</summary>
    /// <param name="number">Its number; both queues have the same.</param>
    /// <param name="size">Entries of each; the submission queue holds one less.</param>
    /// <param name="memory">Where they are.</param>
    /// <param name="submissionAt">First entry of the submission queue.</param>
    /// <param name="completionAt">First entry of the completion queue.</param>
    public QueuePair(ushort number, int size, MappedMemory memory, ulong submissionAt, ulong completionAt)
    {
        (Number, Size, this.memory, this.submissionAt, this.completionAt) = (number, size, memory, submissionAt, completionAt);
        memory.Span(submissionAt, size * Command.Length).Clear();
        memory.Span(completionAt, size * CompletionLength).Clear();
    }

    /// <summary>Its number.</summary>
    public ushort Number { get; }

    /// <summary>Entries.</summary>
    public int Size { get; }

    /// <summary>Where the next command goes: what the submission doorbell is told.</summary>
    public int Tail { get; private set; }

    /// <summary>The completion that is looked at next: what the completion doorbell is told.</summary>
    public int CompletionHead { get; private set; }

    /// <summary>Adds a command, of which the controller does not know before its doorbell is told.</summary>
    /// <exception cref="NvmeException">There is no room, though fewer than fit are unfinished: the controller has finished what it did not fetch.</exception>
    public void Add(in Command command, ushort identifier)
    {
        int next = (Tail + 1) % Size;
        if (next == head)
            throw new NvmeException($"queue {Number} is full of commands that were not fetched");
        command.Write(memory, submissionAt + (ulong)(Tail * Command.Length), identifier);
        Tail = next;
    }

    /// <summary>True if something was added since the last time this was asked: the doorbell has to be told.</summary>
    public bool MustTell()
    {
        bool must = told != Tail;
        told = Tail;
        return must;
    }

    /// <summary>Takes a command that the controller has finished. False: there is none. Whether it was under way the caller has to check.</summary>
    /// <exception cref="NvmeException">The controller says what cannot be.</exception>
    public bool TryTake(out Finished finished)
    {
        finished = default;
        ulong at = completionAt + (ulong)(CompletionHead * CompletionLength);
        // The phase changes when all of the entry is there (§4.6): it is read first, and each word once.
        uint status = memory.ReadUInt32(at + StatusField);
        if ((status >> SecondHalf & 1) != phase)
            return false;
        uint queue = memory.ReadUInt32(at + QueueField);
        int fetched = (int)(queue & ushort.MaxValue);
        if (queue >> SecondHalf != Number)
            throw new NvmeException($"queue {Number} has a completion of queue {queue >> SecondHalf}");
        // It has fetched no fewer than before, and not more than it was told of.
        if (fetched >= Size || (fetched - head + Size) % Size > (told - head + Size) % Size)
            throw new NvmeException($"queue {Number}: fetched up to {fetched}, of {head} to {told}");
        head = fetched;
        finished = new Finished((ushort)status, (int)(status >> StatusShift) & StatusMask, memory.ReadUInt32(at));
        CompletionHead = (CompletionHead + 1) % Size;
        if (CompletionHead == 0)
            phase ^= 1;
        return true;
    }
}
