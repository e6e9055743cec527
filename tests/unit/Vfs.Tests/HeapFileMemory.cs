using Servers.Vfs.Tmpfs;

namespace Servers.Vfs.Tests;

/// <summary>File memory on the test's own heap.</summary>
internal sealed class HeapFileMemory(byte[] bytes) : IFileMemory
{
    public Span<byte> Bytes => bytes;

    public bool Commit(long offset, long length) => true;

    public void Discard(long offset, long length) => bytes.AsSpan((int)offset, (int)length).Clear();

    public void Release()
    {
    }
}

/// <summary>Makes it, and counts.</summary>
internal sealed class HeapFileMemorySource : IFileMemorySource
{
    public int Created { get; private set; }

    public bool IsExhausted { get; set; }

    public IFileMemory? Create(long length)
    {
        if (IsExhausted)
            return null;
        Created++;
        return new HeapFileMemory(new byte[length]);
    }
}
