using MessagePack;

namespace Libsys.Hosting.Manifest;

/// <summary>Kinds of hardware that a server can be given.</summary>
public enum HardwareKind
{
    /// <summary>A range of I/O ports: first port, number of ports.</summary>
    IoPorts = 1,

    /// <summary>An interrupt line of the ISA bus: number of the line, 1.</summary>
    Interrupt = 2,
}

/// <summary>Hardware that the supervisor hands to a server as a kernel handle under a name.</summary>
/// <param name="Name">Name of the handle in the server's start table, for example "com1.ports".</param>
/// <param name="Kind">What it is.</param>
/// <param name="First">First port, or the interrupt line.</param>
/// <param name="Count">Number of ports; 1 for an interrupt.</param>
public sealed record HardwareResource(string Name, HardwareKind Kind, int First, int Count)
{
    internal void Write(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(4);
        writer.Write(Name);
        writer.Write((int)Kind);
        writer.Write(First);
        writer.Write(Count);
    }

    internal static HardwareResource Read(ref MessagePackReader reader)
    {
        ManifestFormat.ExpectArray(ref reader, 4, "resource");
        string name = ManifestFormat.ReadText(ref reader, "resource name");
        var kind = (HardwareKind)ManifestFormat.ReadInt32(ref reader, (int)HardwareKind.IoPorts, (int)HardwareKind.Interrupt, "resource kind");
        int first = ManifestFormat.ReadInt32(ref reader, 0, 0xffff, "resource");
        int count = ManifestFormat.ReadInt32(ref reader, 1, 0x10000 - first, "resource count");
        return new HardwareResource(name, kind, first, count);
    }
}
