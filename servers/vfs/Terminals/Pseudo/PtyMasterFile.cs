using System.Buffers.Binary;
using Servers.Vfs.Objects;
using Servers.Vfs.Processes;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Terminals.Pseudo;

/// <summary>The open master of a pseudo-terminal, pty(7), tty_ioctl(4).</summary>
public sealed class PtyMasterFile : OpenFile
{
    private readonly PseudoTerminal pair;
    private readonly PtsFileSystem fileSystem;

    /// <summary>Opens it.</summary>
    public PtyMasterFile(Location location, uint flags, PseudoTerminal pair, PtsFileSystem fileSystem)
        : base(location, flags)
    {
        this.pair = pair;
        this.fileSystem = fileSystem;
    }

    /// <inheritdoc/>
    public override bool IsSeekable => false;

    /// <inheritdoc/>
    public override WaitQueue? Waiters => pair.MasterWaiters;

    /// <inheritdoc/>
    public override ushort Poll()
    {
        bool hasNews = pair.IsPacketMode && pair.PacketStatus != 0;
        return (ushort)((pair.Readable > 0 || hasNews ? PollEvents.Readable : 0) | (hasNews ? PollEvents.Priority : 0)
            | (pair.Writable > 0 ? PollEvents.Writable : 0) | (pair.IsSlaveClosed ? PollEvents.HangUp : 0));
    }

    /// <inheritdoc/>
    public override bool TryStart(FileRequest request, bool write, out long result)
    {
        result = write ? Write(request) : Read(request);
        return true;
    }

    /// <inheritdoc/>
    public override long Control(FileRequest request, uint operation, ulong argument)
    {
        Span<byte> buffer = request.Payload;
        switch (operation)
        {
            case TerminalRequest.GetNumber:
                return Put(buffer, (int)pair.Number);
            case TerminalRequest.SetLock:
                if (!BinaryPrimitives.TryReadInt32LittleEndian(buffer, out int locks))
                    return -(long)Errno.EFAULT;
                pair.IsLocked = locks != 0;
                return 0;
            case TerminalRequest.GetLock:
                return Put(buffer, pair.IsLocked ? 1 : 0);
            case TerminalRequest.PacketMode:
                if (!BinaryPrimitives.TryReadInt32LittleEndian(buffer, out int on))
                    return -(long)Errno.EFAULT;
                pair.PacketStatus = 0;
                pair.IsPacketMode = on != 0;
                return 0;
            case TerminalRequest.GetPacketMode:
                return Put(buffer, pair.IsPacketMode ? 1 : 0);
            case TerminalRequest.OpenPeer:
                return OpenPeer(request, (uint)argument);
            case TerminalRequest.BytesReadable:
                return Put(buffer, pair.Readable);
            case TerminalRequest.Flush:
                const ulong input = 0, output = 1, both = 2;
                if (argument > both)
                    return -(long)Errno.EINVAL;
                pair.FlushMaster(argument is input or both, argument is output or both);
                return 0;
            case TerminalRequest.FlowControl:
                return argument <= 3 ? 0 : -(long)Errno.EINVAL; // nobody stops what the master writes
            default:
                return pair.Slave.Control(request, this, isMaster: true, operation, argument);
        }
    }

    /// <inheritdoc/>
    protected override void OnLastClose() => pair.CloseMaster();

    private long Read(FileRequest request)
    {
        if (request.Payload.IsEmpty)
            return 0;
        if (pair.IsPacketMode && pair.PacketStatus != 0)
        {
            request.Payload[0] = pair.PacketStatus;
            pair.PacketStatus = 0;
            return 1;
        }

        if (pair.Readable > 0)
        {
            if (!pair.IsPacketMode)
                return pair.Read(request.Payload);
            request.Payload[0] = 0; // TIOCPKT_DATA
            return 1 + pair.Read(request.Payload[1..]);
        }

        if (pair.IsSlaveClosed)
            return -(long)Errno.EIO;
        return request.WaitOr(this, -(long)Errno.EAGAIN);
    }

    private long Write(FileRequest request)
    {
        request.Progress += pair.Write(request.Payload[(int)request.Progress..]);
        if (request.Progress == request.Payload.Length)
            return request.Progress;
        return request.WaitOr(this, request.Progress > 0 ? request.Progress : -(long)Errno.EAGAIN);
    }

    private long OpenPeer(FileRequest request, uint flags)
    {
        if (fileSystem.Mounts == null || fileSystem.Find(pair, fileSystem.Mounts, out Location place) != Errno.None)
            return -(long)Errno.ENXIO;
        Errno error = SlaveInode.Open(new OpenRequest(request, place, flags & ~OpenFlags.CloseOnExec), pair, fileSystem.Table, out OpenFile? file);
        if (error != Errno.None)
            return -(long)error;
        long handle = request.Process.Handles.Add(file!);
        if (handle < 0)
            file!.Release();
        return handle;
    }

    private static long Put(Span<byte> buffer, int value) => BinaryPrimitives.TryWriteInt32LittleEndian(buffer, value) ? 0 : -(long)Errno.EFAULT;
}
