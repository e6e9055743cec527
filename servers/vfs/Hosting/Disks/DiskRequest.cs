using Libsys.Hosting;
using Servers.Vfs.Blocks;

namespace Servers.Vfs.Hosting.Disks;

/// <summary>A block request on its way to a driver. There are as many as the driver takes at one time, each with a piece of the connection's pool.</summary>
internal sealed class DiskRequest(int piece) : ReplayRequest
{
    /// <summary>Number of its piece.</summary>
    public int Piece => piece;

    /// <summary>Its disk.</summary>
    public DriverDisk Disk { get; set; } = null!;

    /// <summary>What is asked.</summary>
    public BlockRequest Block { get; set; } = null!;

    /// <summary>Nanoseconds since boot when it was last sent.</summary>
    public ulong SentAt { get; set; }

    /// <summary>How often it has failed.</summary>
    public int Failures { get; set; }

    /// <summary>Pins of its memory in the domain of the present generation.</summary>
    public List<uint> Pins { get; } = [];
}
