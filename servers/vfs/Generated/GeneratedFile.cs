using Libsys.Hosting;
using Servers.Vfs.Objects;
using Servers.Vfs.Processes;

namespace Servers.Vfs.Generated;

/// <summary>Makes the content of a file for a process that reads it; null: what it was about is gone (ESRCH).</summary>
public delegate byte[]? Generate(ClientProcess reader);

/// <summary>A file whose content is made when it is read from the start, so that a program may rewind and read news.</summary>
public sealed class GeneratedFile : GeneratedInode
{
    private readonly Generate generate;

    /// <summary>A file made by <paramref name="generate"/>.</summary>
    public GeneratedFile(FileSystem fileSystem, ulong number, uint permissions, long time, Generate generate)
        : base(fileSystem, number, InodeMode.Regular | permissions, time)
    {
        this.generate = generate;
    }

    /// <inheritdoc/>
    public override Errno Open(in OpenRequest request, out OpenFile? file)
    {
        file = new Opened(request.Location, request.Flags, this, request.Process);
        return Errno.None;
    }

    private sealed class Opened(Location location, uint flags, GeneratedFile inode, ClientProcess opener) : OpenFile(location, flags)
    {
        // The opener may be gone when the last one who shares the description closes it.
        private readonly Budget memory = opener.Handles.Memory;
        private byte[]? content;
        private long kept;

        public override Inode Inode => inode;

        public override long Read(OperationContext context, Span<byte> buffer, long offset)
        {
            if (content == null || offset == 0)
            {
                Forget();
                content = inode.generate(opener);
                if (content == null)
                    return -(long)Errno.ESRCH;
                kept = content.Length;
                if (!memory.TryTake(kept))
                {
                    content = null;
                    return -(long)Errno.ENOMEM;
                }
            }

            if (offset >= content.Length)
                return 0;
            int length = (int)Math.Min(buffer.Length, content.Length - offset);
            content.AsSpan((int)offset, length).CopyTo(buffer);
            return length;
        }

        // Nothing can be set through these files yet.
        public override long Write(OperationContext context, ReadOnlySpan<byte> data, long offset) => -(long)Errno.EIO;

        protected override void OnLastClose() => Forget();

        private void Forget()
        {
            if (content != null)
                memory.Give(kept);
            content = null;
        }
    }
}
