using Libsys.Messages;
using Libsys.Rings;

namespace Libsys.Hosting.Devices.Disks;

/// <summary>A disk as its driver shows it to clients.</summary>
public interface IServedDisk
{
    /// <summary>Length in sectors of <see cref="BlockLimits.SectorLength"/> bytes.</summary>
    ulong Sectors { get; }

    /// <summary>Bytes of the smallest transfer.</summary>
    uint LogicalBlock { get; }

    /// <summary>Bytes of what it writes in one go.</summary>
    uint PhysicalBlock { get; }

    /// <summary>Bytes of what it likes to transfer in one go; 0: it does not say.</summary>
    uint OptimalTransfer { get; }

    /// <summary>What it can do.</summary>
    DiskFlags Flags { get; }

    /// <summary>What its device may reach: where clients pin the memory of their requests.</summary>
    DmaDomainHandle Domain { get; }

    /// <summary>An IOMMU refuses its device everything else.</summary>
    bool IsConfined { get; }

    /// <summary>Address of its function: bus &lt;&lt; 8 | device &lt;&lt; 3 | function.</summary>
    uint Address { get; }

    /// <summary>Number of the namespace of its function that it is, below 2^16; 0: the function has none.</summary>
    uint Namespace => 0;

    /// <summary>What of it can be discarded or zeroed at once.</summary>
    EraseLimits Erase => new(0, 0, 0);

    /// <summary>Serial number: at most <see cref="BlockLimits.SerialLength"/> bytes of ASCII.</summary>
    ReadOnlySpan<byte> Serial { get; }

    /// <summary>
    /// Takes a request: a private copy, all of it the client's claims. It is answered once, now or later. The device need not know of it before
    /// <see cref="Notify"/>.
    /// </summary>
    void Submit(IBlockClient client, in Submission request);

    /// <summary>Tells the device what was added; once for all that came together.</summary>
    void Notify();

    /// <summary>Answers what the device has finished, whether it has interrupted or not.</summary>
    void Serve();
}

/// <summary>Bounds of what moves no bytes.</summary>
/// <param name="MostDiscard">Most sectors of a discard.</param>
/// <param name="Granularity">Bytes of what is discarded as a whole.</param>
/// <param name="MostZeroes">Most sectors of a write of zeroes.</param>
public readonly record struct EraseLimits(ulong MostDiscard, uint Granularity, ulong MostZeroes);

/// <summary>Whose requests these are: its memory, and the way to answer.</summary>
public interface IBlockClient
{
    /// <summary>The segments that a request named; empty if they are not in the pool. The client may change them at any time.</summary>
    ReadOnlySpan<byte> Segments(in Submission request);

    /// <summary>Answers: 0 or −errno.</summary>
    void Complete(ulong tag, long result);
}
