using MessagePack;

namespace Libsys.Hosting.Manifest;

/// <summary>Limits of a server's account.</summary>
/// <param name="Memory">Frames, page tables and kernel objects together, in bytes.</param>
/// <param name="Handles">Slots of its handle table.</param>
/// <param name="Keep">Bytes of what its processes make to outlive them; 0: nothing.</param>
/// <param name="KeepNames">Names under which they may keep objects.</param>
public sealed record AccountLimits(long Memory, int Handles, long Keep = 0, int KeepNames = 0)
{
    internal void Write(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(4);
        writer.Write(Memory);
        writer.Write(Handles);
        writer.Write(Keep);
        writer.Write(KeepNames);
    }

    internal static AccountLimits Read(ref MessagePackReader reader)
    {
        ManifestFormat.ExpectArray(ref reader, 4, "account");
        return new AccountLimits(
            ManifestFormat.ReadInt64(ref reader, "memory"),
            ManifestFormat.ReadInt32(ref reader, 1, int.MaxValue, "handles"),
            ManifestFormat.ReadInt64(ref reader, "keep", least: 0),
            ManifestFormat.ReadInt32(ref reader, 0, int.MaxValue, "keep-names"));
    }
}
