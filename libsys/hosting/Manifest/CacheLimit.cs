using MessagePack;

namespace Libsys.Hosting.Manifest;

/// <summary>Memory that pages of files may take, of what programs and files compete for: a part of the machine's, or a size.</summary>
/// <param name="Percent">Part of the machine's memory; 0: <paramref name="Bytes"/> says it.</param>
/// <param name="Bytes">Bytes, without the tables for them; 0 with a percentage.</param>
public readonly record struct CacheLimit(int Percent, long Bytes)
{
    /// <summary>Most of the memory that it may be: the servers and the programs' page tables have to live too.</summary>
    public const int MostPercent = 90;

    // Tables of the objects that hold the pages: 1/512 for the arena, the rest for mapped files.
    private const ulong TablesShare = 32;

    /// <summary>Half, as Linux' tmpfs takes by default.</summary>
    public static CacheLimit Default => new(50, 0);

    /// <summary>Frames of the account, tables included, on a machine that has so many.</summary>
    public ulong Frames(ulong total, ulong frameLength)
    {
        ulong pages = Percent > 0 ? total / 100 * (ulong)Percent : Math.Min((ulong)Bytes / frameLength, total);
        return pages + pages / TablesShare;
    }

    /// <summary>Pages that an account with so many frames is good for, the reverse of <see cref="Frames"/>.</summary>
    public static ulong PagesOf(ulong frames) => frames / (TablesShare + 1) * TablesShare;

    internal void Write(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(2);
        writer.Write(Percent);
        writer.Write(Bytes);
    }

    internal static CacheLimit Read(ref MessagePackReader reader)
    {
        ManifestFormat.ExpectArray(ref reader, 2, "cache");
        var limit = new CacheLimit(
            ManifestFormat.ReadInt32(ref reader, 0, MostPercent, "percentage of the cache"), ManifestFormat.ReadInt64(ref reader, "size of the cache", 0));
        return (limit.Percent > 0) != (limit.Bytes > 0) ? limit : throw new ManifestException("the cache has neither a percentage nor a size, or both");
    }
}
