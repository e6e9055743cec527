using Libsys.Messages;

namespace Servers.Vfs.Pipes;

// Pipes of another size than memory has, fcntl(2) F_SETPIPE_SZ, and how any is taken back from memory: docs/streams.md.
public sealed partial class Pipe
{
    private bool isTakenBack;

    /// <summary>Its size (F_GETPIPE_SZ): at least a page, also if there is no memory for that now.</summary>
    public int Size => Math.Max(buffer.Capacity, AtomicLength);

    // What can be put in: each packet takes a page of it.
    private int Room => packets.Count == 0 ? buffer.Free : Math.Max(buffer.Capacity - Occupied, 0);

    private int Occupied => packets.Count == 0
        ? buffer.Count
        : ((buffer.Count - PacketBytes + AtomicLength - 1) & -AtomicLength) + (packets.Count * AtomicLength);

    /// <summary>Gives it another size, a power of two. EAGAIN: a program is moving data (<see cref="IsHeld"/>), and it is to be tried again.</summary>
    public Errno Resize(int size, bool isPrivileged)
    {
        IsHeld = false;
        int before = buffer.Capacity;
        if (size == before)
            return Errno.None;
        if (size > Math.Max(before, VfsLimits.LargestPipe) && !isPrivileged)
            return Errno.EPERM;
        if (!TryTakeBack())
            return Errno.EAGAIN;
        if (Occupied > size)
            return Errno.EBUSY;
        if (!budget.MayHave(size, ((PipeBuffer)buffer).Held, isPrivileged))
            return isPrivileged ? Errno.ENOMEM : Errno.EPERM;
        PipeStorage old = buffer;
        buffer = new PipeBuffer(budget, old, size);
        old.Release();
        ((PipeBuffer)buffer).CountBoth();
        stream?.AnnounceAll();
        Waiters.Wake();
        return Errno.None;
    }

    /// <summary>
    /// Has the bytes here alone from now on: programs that have mapped it ask. False: one is moving data (<see cref="IsHeld"/>), and it is to be tried again.
    /// </summary>
    private bool TryTakeBack()
    {
        if (!isTakenBack && stream is not null)
        {
            if (!TryEnter(reads: true))
                return false;
            bool isFree = TryEnter(reads: false);
            if (isFree)
            {
                buffer = new PipeBuffer(budget, stream, PipeBuffer.LargestCapacity);
                asks |= StreamLayout.Elsewhere | StreamLayout.ReadersAsk | StreamLayout.WritersAsk;
                ShowWords();
                stream.Leave(reads: false);
            }

            stream.Leave(reads: true);
            if (!isFree)
                return false;
            stream.AnnounceAll();
            Waiters.Wake();
        }

        isTakenBack = true;
        return true;
    }

    // Bytes were put in, or taken out where there was so much room: an edge for who has mapped what was taken back, as PipeStream counts them.
    private void Put()
    {
        if (isTakenBack)
            stream?.Announce(reads: false);
    }

    private void Taken(int roomBefore)
    {
        if (!isTakenBack || roomBefore >= AtomicLength || Room < AtomicLength)
            return;
        stream?.Announce(reads: true);
        ((PipeBuffer)buffer).CountBoth(); // packets take more room than they have bytes
    }
}
