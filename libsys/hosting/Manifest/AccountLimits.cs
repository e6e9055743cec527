using MessagePack;

namespace Libsys.Hosting.Manifest;

/// <summary>Limits of a server's account.</summary>
/// <param name="Memory">Frames, page tables and kernel objects together, in bytes.</param>
/// <param name="Handles">Slots of its handle table.</param>
public sealed record AccountLimits(long Memory, int Handles)
{
    internal void Write(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(2);
        writer.Write(Memory);
        writer.Write(Handles);
    }

    internal static AccountLimits Read(ref MessagePackReader reader)
    {
        ManifestFormat.ExpectArray(ref reader, 2, "account");
        return new AccountLimits(
            ManifestFormat.ReadInt64(ref reader, "memory"),
            ManifestFormat.ReadInt32(ref reader, 1, int.MaxValue, "handles"));
    }
}
