using Libsys.Hosting;
using Servers.Drivers.Nvme.Controller;

namespace Servers.Drivers.Nvme.Disks;

/// <summary>
/// The commands of a disk that are with its controller, by identifier, and the requests that wait for one. The controller says which commands it has finished;
/// only such as are with it can be.
/// </summary>
/// <param name="queue">Where commands go.</param>
/// <param name="memory">Has <see cref="Transfer.ListLength"/> bytes for each command.</param>
/// <param name="start">Where these begin, at a page.</param>
/// <param name="count">Commands that there is such memory for.</param>
/// <param name="addressOf">Where the controller sees an offset of the memory.</param>
internal sealed class CommandTable(QueuePair queue, MappedMemory memory, ulong start, int count, Func<ulong, ulong> addressOf)
{
    // Which request each is part of.
    private readonly Transfer?[] underWay = new Transfer?[Math.Min(queue.Size - 1, count)];
    private readonly Stack<int> free = new(Enumerable.Range(0, Math.Min(queue.Size - 1, count)));

    // Requests of which there are commands to make, in order; and such as are not used.
    private readonly Queue<Transfer> waiting = new();
    private readonly Stack<Transfer> idle = new();

    /// <summary>One that is no request's. It comes back by <see cref="Add"/> or <see cref="Return"/>.</summary>
    public Transfer Rent() => idle.TryPop(out Transfer? used) ? used : new Transfer();

    /// <summary>One that was not begun.</summary>
    public void Return(Transfer transfer) => idle.Push(transfer);

    /// <summary>A request has begun; its commands are added as soon as there are identifiers for them.</summary>
    public void Add(Transfer transfer)
    {
        waiting.Enqueue(transfer);
        Fill();
    }

    /// <summary>Answers what the controller has finished, and adds commands in the place of these. False: it has finished nothing.</summary>
    /// <exception cref="NvmeException">The controller says what cannot be.</exception>
    public bool Serve()
    {
        bool hasTaken = false;
        while (queue.TryTake(out Finished finished))
        {
            hasTaken = true;
            if (finished.Identifier >= underWay.Length || underWay[finished.Identifier] is not { } transfer)
                throw new NvmeException($"command {finished.Identifier} is finished and was not begun");
            underWay[finished.Identifier] = null;
            free.Push(finished.Identifier);
            if (transfer.End(finished.Status))
                idle.Push(transfer);
        }

        Fill();
        return hasTaken;
    }

    private void Fill()
    {
        while (free.Count > 0 && waiting.TryPeek(out Transfer? transfer))
        {
            // One of which a command has failed already is not gone on with.
            if (!transfer.IsMade)
            {
                int identifier = free.Pop();
                ulong at = start + (ulong)(identifier * Transfer.ListLength);
                queue.Add(transfer.Next(memory, at, addressOf(at)), (ushort)identifier);
                underWay[identifier] = transfer;
            }

            if (transfer.IsMade)
                waiting.Dequeue();
        }
    }
}
