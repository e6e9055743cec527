using System.Runtime.CompilerServices;
using Libsys.Abi;
using Libsys.Messages;
using Servers.Vfs.Objects;
using Servers.Vfs.Processes;

namespace Servers.Vfs.Pipes;

// That programs move data in memory: docs/streams.md.
public sealed partial class Pipe
{
    private readonly List<StreamMapping> mappings = [];
    private readonly List<OpenFile?> described = [];
    private PipeStream? stream;
    private (uint Rises, uint Falls) seen;
    private uint lastNumber;

    /// <summary>Programs share its bytes.</summary>
    public bool IsShared => stream is not null;

    /// <summary>How many ends of it processes have mapped.</summary>
    public int Mappings => mappings.Count;

    /// <summary>Numbers of changes, as the last look found them: by writers and by readers.</summary>
    public (uint Rises, uint Falls) Changes => seen = stream?.Changes ?? buffer.Changes;

    /// <summary>
    /// Maps it into the space of a process, over what that has offered, as an end of it allows. ENOMEM: programs do without. Who has mapped that end already
    /// gets the same number again.
    /// </summary>
    public Errno Map(OpenFile file, bool reads, bool writes, AttachedSpace space, uint slot, ulong address, ISourcePages? pages, bool isPrivileged,
        out uint number)
    {
        number = 0;
        if (isTakenBack)
            return Errno.ENODEV;
        if (!TryDescribe(file) || (stream is null && !TryShare(pages, isPrivileged)))
            return Errno.ENOMEM;
        KernelStatus status = MapParts(space, address, reads, writes);
        if (status != KernelStatus.Ok)
            return status is KernelStatus.NoMemory or KernelStatus.NoHandle ? Errno.ENOMEM : Errno.EINVAL;
        StreamMapping? mapping = mappings.Find(known => known.Space == space && known.Slot == slot && known.File == file);
        if (mapping is null)
        {
            lastNumber = (lastNumber + 1) % StreamLayout.Owner;
            mapping = new StreamMapping(this, file, space, slot, Math.Max(lastNumber, 1));
            mappings.Add(mapping);
            space.Grants.Add(mapping);
        }

        number = mapping.Number;
        return Errno.None;
    }

    /// <summary>Where the status flags of an end lie in the stream.</summary>
    public int IndexOf(OpenFile file) => described.IndexOf(file);

    /// <summary>The status flags of an end have changed.</summary>
    public void ShowFlags(OpenFile file)
    {
        if (IndexOf(file) is var index and >= 0)
            stream?.Page.Memory.WriteUInt32(StreamLayout.Flags + ((uint)index * sizeof(uint)), file.Flags);
    }

    /// <summary>A program has changed the stream, and says so because somebody waits.</summary>
    public void LookAgain()
    {
        // Before anybody looks: who waits on wishes again. Who is passed by does not.
        if (Waiters.TryWakeAll())
            stream?.Page.Memory.WriteUInt32(StreamLayout.Watched, 0);
    }

    /// <summary>The last handle of an end is closed: nobody moves data by it any more.</summary>
    public void Forget(OpenFile file)
    {
        for (int index = mappings.Count - 1; index >= 0; index--)
        {
            if (mappings[index].File == file)
                mappings[index].Withdraw();
        }

        if (IndexOf(file) is var place and >= 0)
            described[place] = null;
    }

    /// <summary>A process that had it mapped has ended, perhaps while it moved data or before it woke somebody: that is made up for.</summary>
    internal void Forget(StreamMapping mapping)
    {
        mappings.Remove(mapping);
        if (stream is null)
            return;
        stream.ReleaseLocks(mapping.Number);
        stream.AnnounceAll();
        LookAgain();
    }

    private static KernelStatus MapPart(AttachedSpace space, ulong address, ISourcePage page, uint from, uint to, bool isWritable) =>
        space.Channel.Space.Map(address + from, page, from, to - from, isWritable);

    // Parts as the space has offered them.
    private KernelStatus MapParts(AttachedSpace space, ulong address, bool reads, bool writes)
    {
        ISourcePage page = stream!.Page;
        KernelStatus status = MapPart(space, address, page, 0, StreamLayout.ReaderSide, isWritable: false);
        if (status == KernelStatus.Ok)
            status = MapPart(space, address, page, StreamLayout.ReaderSide, StreamLayout.Data, reads);
        if (status == KernelStatus.Ok)
            status = MapPart(space, address, page, StreamLayout.Data, StreamLayout.Length, writes);
        return status;
    }

    private bool TryDescribe(OpenFile file)
    {
        int index = described.IndexOf(file);
        if (index < 0)
            index = described.IndexOf(null);
        if (index < 0 && described.Count == StreamLayout.Descriptions)
            return false;
        if (index < 0)
            described.Add(file);
        else
            described[index] = file;
        ShowFlags(file);
        return true;
    }

    private bool TryShare(ISourcePages? pages, bool isPrivileged)
    {
        if (pages?.CreateStream(isPrivileged) is not { } page)
            return false;
        stream = new PipeStream(page, number => mappings.Exists(mapping => mapping.Number == number));
        stream.Begin(buffer);
        stream.SetEnds(Readers, Writers, WritersEver > 0);
        ShowWords();
        stream.GoOn(buffer.Changes);
        buffer.Release();
        buffer = stream;
        foreach (OpenFile? file in described)
        {
            if (file is not null)
                ShowFlags(file);
        }

        // Who waits already has not said so in the stream.
        if (!Waiters.IsEmpty)
        {
            seen = stream.Changes;
            Watch();
        }

        return true;
    }

    private void Release()
    {
        foreach (StreamMapping mapping in mappings)
            mapping.Space.Grants.Remove(mapping);
        mappings.Clear();
        packets.Clear();
        asks = 0;
        isTakenBack = false;
        buffer.Release();
        if (stream is null)
            return;
        if (buffer != stream)
            stream.Release();
        stream = null;
        buffer = new PipeBuffer(budget);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private PipeStorage Look()
    {
        IsHeld = false;
        seen = stream?.Changes ?? default;
        return buffer;
    }

    /// <summary>A request has joined the queue: programs are to ring from now on, and what they have changed since the look is seen here.</summary>
    internal void Watch()
    {
        if (stream is null)
            return;
        stream.Page.Memory.ExchangeUInt32(StreamLayout.Watched, 1);
        if (stream.Changes != seen || stream.IsUnsettled)
            Waiters.Wake();
    }
}
