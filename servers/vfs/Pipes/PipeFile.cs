using System.Buffers.Binary;
using Libsys.Messages;
using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Pipes;

/// <summary>An end of a pipe, or a fifo opened for one or both directions.</summary>
public class PipeFile : OpenFile
{
    /// <summary>Opens an end.</summary>
    public PipeFile(Location location, uint flags, Pipe pipe)
        : base(location, flags)
    {
        Pipe = pipe;
        pipe.Open(CanRead, CanWrite);
        NotePackets();
    }

    /// <summary>The pipe.</summary>
    public Pipe Pipe { get; }

    /// <inheritdoc/>
    public override bool IsSeekable => false;

    /// <inheritdoc/>
    public override WaitQueue? Waiters => Pipe.Waiters;

    /// <inheritdoc/>
    public override bool IsHeld => Pipe.IsHeld;

    /// <inheritdoc/>
    public override void FlagsChanged()
    {
        Pipe.ShowFlags(this);
        NotePackets();
    }

    /// <summary>What it writes are packets, pipe(2) O_DIRECT.</summary>
    public bool WritesPackets => CanWrite && (Flags & OpenFlags.Direct) != 0;

    /// <inheritdoc/>
    public sealed override bool CountsChanges => true;

    /// <inheritdoc/>
    public override uint ChangeNumber(ushort events)
    {
        (uint rises, uint falls) = Pipe.Changes;
        return EventCounterPage.ChangeNumber((events & PollEvents.Readable) != 0, (events & PollEvents.Writable) != 0, rises, falls);
    }

    /// <inheritdoc/>
    public override long Read(OperationContext context, Span<byte> buffer, long offset) => Pipe.Read(buffer);

    /// <inheritdoc/>
    public override long Write(OperationContext context, ReadOnlySpan<byte> data, long offset) => Write(data, isWhole: true);

    /// <summary>The same, as <see cref="Pipe.Write"/> says.</summary>
    public long Write(ReadOnlySpan<byte> data, bool isWhole) => WritesPackets ? Pipe.WritePackets(data) : Pipe.Write(data, isWhole);

    /// <inheritdoc/>
    public override ushort Poll() => (ushort)((CanRead ? Pipe.PollRead() : 0) | (CanWrite ? Pipe.PollWrite() : 0));

    /// <inheritdoc/>
    public override long Control(FileRequest request, uint operation, ulong argument)
    {
        if (operation != Ioctl.BytesReadable)
            return -(long)Errno.ENOTTY;
        if (request.Payload.Length < sizeof(int))
            return -(long)Errno.EFAULT;
        BinaryPrimitives.WriteInt32LittleEndian(request.Payload, Pipe.Count);
        return 0;
    }

    // Nobody writes packets in memory.
    private void NotePackets()
    {
        if (WritesPackets)
            Pipe.SetAsks(StreamLayout.WritersAsk, on: true);
    }

    /// <inheritdoc/>
    protected override void OnLastClose()
    {
        Pipe.Forget(this);
        Pipe.Close(CanRead, CanWrite);
    }
}
