using Servers.Vfs.Blocks;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Ext4;

/// <summary>
/// Reads metadata for those who have no request: transfers of pages, and what the file system does by itself. They cannot wait for pages of the device, for
/// these may wait for room that transfers take; so they have a slot of their own, one after the other.
/// </summary>
internal sealed class DirectReads
{
    private readonly Volume volume;
    private readonly Queue<DirectReader> waiting = [];
    private readonly DiskTransfer transfer;
    private DirectReader? current;
    private int slot;
    private bool isStarting;

    public DirectReads(Volume volume)
    {
        this.volume = volume;
        transfer = new DiskTransfer(volume.Device);
    }

    /// <summary>Blocks were written to the device in place since: what was read before may be older.</summary>
    public long Generation { get; private set; }

    /// <summary>Takes its slot. False: no memory.</summary>
    public bool TryPrepare() => slot > 0 || volume.Cache.TakeSlots(1, out slot, out _) > 0;

    /// <summary>Gives it back; nothing is under way.</summary>
    public void Close()
    {
        if (slot > 0)
            volume.Cache.Slots.Give(slot, 1, isShared: false);
        slot = 0;
    }

    /// <summary>Blocks of the device have changed by writing them in place.</summary>
    public void Changed() => Generation++;

    /// <summary>Reads a block for somebody.</summary>
    public void Begin(DirectReader reader)
    {
        waiting.Enqueue(reader);
        Next();
    }

    private void Next()
    {
        // What ends at once does not go deeper and deeper.
        if (isStarting)
            return;
        isStarting = true;
        while (current == null && waiting.TryDequeue(out current))
        {
            current.Starts(Generation);
            transfer.Begin(BlockKind.Read);
            transfer.Add(volume.Sector(current.Wanted), new BlockSegment(slot, 0, volume.BlockSize));
            transfer.Submit(Arrived);
        }

        isStarting = false;
    }

    private void Arrived(Errno error)
    {
        DirectReader reader = current!;
        current = null;
        reader.Arrived(error, volume.Cache.Slots.Span(slot, 1)[..volume.BlockSize]);
        Next();
    }
}

/// <summary>Reads for something that goes on when a block has arrived: all that was read before is remembered.</summary>
/// <param name="volume">What is read.</param>
/// <param name="retry">Called when a block has arrived for which somebody was told to wait.</param>
internal sealed class DirectReader(Volume volume, Action retry) : BlockReader(volume)
{
    // Whoever needs more at once begins to read the first ones again.
    private const int MostKept = 64;

    private readonly Dictionary<long, byte[]> blocks = [];
    private Errno failure;
    private long generation;

    /// <summary>The block that it waits for.</summary>
    public long Wanted { get; private set; }

    public override Errno Read(long block, int offset, Span<byte> into)
    {
        if (Volume.Newer?.TryCopy(block, offset, into) == true || Volume.Device.Content.TryCopy((block << Volume.BlockBits) + offset, into))
            return Errno.None;
        if (generation == Volume.Direct.Generation && blocks.TryGetValue(block, out byte[]? known))
        {
            known.AsSpan(offset, into.Length).CopyTo(into);
            return Errno.None;
        }

        (Errno error, failure) = (failure, Errno.None);
        if (error != Errno.None)
            return error;
        if (blocks.Count == MostKept)
            blocks.Clear();
        Wanted = block;
        Volume.Direct.Begin(this);
        return Errno.Wait;
    }

    /// <summary>Who goes on by himself listens to the log.</summary>
    public override Errno WaitFor(Transactions log) => Errno.EAGAIN;

    /// <summary>The read begins.</summary>
    public void Starts(long now)
    {
        if (generation != now)
            blocks.Clear();
        generation = now;
    }

    /// <summary>The block is there, or not.</summary>
    public void Arrived(Errno error, ReadOnlySpan<byte> bytes)
    {
        failure = error;
        if (error == Errno.None)
            blocks[Wanted] = bytes.ToArray();
        retry();
    }
}
