using Libsys.Abi;
using Servers.Vfs.Pages;

namespace Servers.Vfs.Processes;

/// <summary>A region of a client's address space, as SpaceQuery tells it.</summary>
public readonly record struct SpaceRegion(ulong Start, ulong Length, MapFlags Flags, ulong Object, ulong Offset, ulong Resident, uint Label = 0);

/// <summary>Sizes and times of an address space, as SpaceUsage tells them.</summary>
public readonly record struct SpaceUsage(ulong Resident, ulong Mapped, ulong UserNanoseconds, ulong SystemNanoseconds, ulong Threads, ulong MinorFaults,
    uint Runnable);

/// <summary>A client's address space: vfs maps file pages into it and shows it in /proc.</summary>
public interface IClientSpace : IMappingSpace
{
    /// <summary>Maps a shared page over what the space has offered at an address in the window.</summary>
    KernelStatus Map(ulong address, ISourcePage page);

    /// <summary>The same for a part of it, which the space can never write unless <paramref name="isWritable"/>.</summary>
    KernelStatus Map(ulong address, ISourcePage page, uint offset, uint length, bool isWritable);

    /// <summary>Maps memory to be read over what the space has offered at an address in the window.</summary>
    KernelStatus Map(ulong address, IReadableMemory memory);

    /// <summary>The region that holds <paramref name="address"/> or the next one above; false if there is none.</summary>
    bool TryQuery(ulong address, out SpaceRegion region);

    /// <summary>Sizes and times; zeros if the space is gone.</summary>
    SpaceUsage Usage();
}
