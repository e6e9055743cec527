using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Processes;

namespace Servers.Vfs.Hosting;

/// <summary>
/// Memory that programs share with vfs: an object for each description, stream or space, charged to vfs, which nothing but the end of that frees. A
/// thirty-second of it is root's, so that a user who has taken all slows down others only.
/// </summary>
/// <param name="length">Bytes of each that is not a stream.</param>
/// <param name="most">How many of those there may be: what comes later works by requests.</param>
internal sealed class KernelSourcePages(uint length, int most) : ISourcePages
{
    // 28 MiB of frames at most, 19 for a stream that is used; the buffer of a pipe in vfs' heap goes when it is mapped. More than one space can have mapped
    // ends of, so that others find some. The account holds them beside a full heap and all else that is made here.
    private const int MostStreams = 384;

    private int count, streams;

    /// <summary>Streams that there are: programs may be waiting in them, whom nobody but vfs tells that an end was closed.</summary>
    public int Streams => streams;

    /// <summary>Of descriptions: 2 MiB of frames, and a handle each.</summary>
    public static KernelSourcePages OfDescriptions() => new(EventCounterPage.Length, 512);

    /// <summary>Of spaces that see their files: 4 MiB, and a handle each.</summary>
    public static KernelSourcePages OfFileAreas() => new(FileSlots.AreaLength, 256);

    /// <inheritdoc/>
    public ISourcePage? Create(bool isPrivileged)
    {
        if (count >= Limit(most, isPrivileged) || SealedMemory.TryCreate(length, out MemoryObjectHandle memory, out MappedMemory? mapped) != KernelStatus.Ok)
            return null;
        count++;
        return new KernelSourcePage(memory, mapped!, () => count--);
    }

    /// <inheritdoc/>
    public ISourcePage? CreateStream(bool isPrivileged)
    {
        if (streams >= Limit(MostStreams, isPrivileged)
            || SealedMemory.TryCreate(StreamLayout.Length, out MemoryObjectHandle memory, out MappedMemory? mapped) != KernelStatus.Ok)
            return null;
        streams++;
        return new KernelSourcePage(memory, mapped!, () => streams--);
    }

    private static int Limit(int all, bool isPrivileged) => isPrivileged ? all : all - all / 32;
}

/// <summary>One of them.</summary>
internal sealed class KernelSourcePage(MemoryObjectHandle memory, MappedMemory mapped, Action destroyed) : ISourcePage
{
    /// <summary>The object.</summary>
    public MemoryObjectHandle Object => memory;

    /// <inheritdoc/>
    public MappedMemory Memory => mapped;

    /// <inheritdoc/>
    public void Wake(uint offset) => mapped.WakeUInt32(offset);

    /// <inheritdoc/>
    public void Destroy()
    {
        mapped.Dispose();
        memory.Destroy();
        memory.Handle.Close();
        destroyed();
    }
}
