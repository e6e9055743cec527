using Libsys.Hosting;

namespace Servers.Vfs.Pipes;

/// <summary>
/// Memory for pipe buffers, which lies in vfs' own heap. As on Linux, pipes get a full buffer until many are in use and then only a page, pipe(7)
/// pipe-user-pages-soft; beyond a last limit a write finds no memory.
/// </summary>
public sealed class PipeMemory
{
    private const int FullLimit = 8 << 20, LastLimit = 12 << 20;

    // What users may make pipes larger with: half of what the others get before they get less.
    private const int ResizedLimit = FullLimit / 2;
    private readonly Budget buffers = new(LastLimit);

    /// <summary>Capacity that the next buffer gets; 0: none.</summary>
    public int Next => buffers.Used + PipeBuffer.LargestCapacity <= FullLimit ? PipeBuffer.LargestCapacity : buffers.HasRoom(Pipe.AtomicLength)
        ? Pipe.AtomicLength : 0;

    /// <summary>Whether a buffer may be made as long as somebody wants it, in place of one.</summary>
    public bool MayHave(int length, int before, bool isPrivileged) =>
        buffers.Used - before + length <= (isPrivileged || length <= PipeBuffer.LargestCapacity ? LastLimit : ResizedLimit);

    /// <summary>A buffer of <paramref name="length"/> bytes was made.</summary>
    public void Take(int length) => buffers.Take(length);

    /// <summary>A buffer is gone.</summary>
    public void Give(int length) => buffers.Give(length);
}
