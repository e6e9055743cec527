using Servers.Vfs.Generated;
using Servers.Vfs.Machine;
using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Proc;

/// <summary>/proc/kmsg, proc(5): reading consumes the kernel's log, as action 2 of syslog(2) does.</summary>
public sealed class KernelLogInode : GeneratedInode
{
    private const uint OwnerReads = 0x100;
    private readonly KernelLog log;

    /// <summary>The file.</summary>
    public KernelLogInode(FileSystem fileSystem, ulong number, long time, KernelLog log)
        : base(fileSystem, number, InodeMode.Regular | OwnerReads, time)
    {
        this.log = log;
    }

    /// <inheritdoc/>
    public override Errno Open(in OpenRequest request, out OpenFile? file)
    {
        file = new Opened(request.Location, request.Flags, log);
        return Errno.None;
    }

    private sealed class Opened(Location location, uint flags, KernelLog log) : OpenFile(location, flags)
    {
        public override bool IsSeekable => false;

        public override WaitQueue Waiters => log.StartWaiting();

        public override long Read(OperationContext context, Span<byte> buffer, long offset) => log.Read(buffer);

        public override long Write(OperationContext context, ReadOnlySpan<byte> data, long offset) => -(long)Errno.EIO;

        public override ushort Poll() => log.HasUnread ? PollEvents.Readable : (ushort)0;
    }
}
