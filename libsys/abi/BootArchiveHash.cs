using System;

namespace Libsys.Abi;

/// <summary>
/// FNV-1a with 64 bits (Fowler, Noll, Vo; RFC 9923): some lines without tables, good enough to find a damaged archive.
/// </summary>
public static class BootArchiveHash
{
    private const ulong OffsetBasis = 0xcbf29ce484222325;
    private const ulong Prime = 0x100000001b3;

    /// <summary>Hash of header, entries and names; the eight bytes of the hash field itself count as zero.</summary>
    public static ulong Compute(ReadOnlySpan<byte> metadata)
    {
        ulong hash = OffsetBasis;
        for (int position = 0; position < metadata.Length; position++)
        {
            bool isHashField = position >= BootArchive.HashOffset && position < BootArchive.HashOffset + 8;
            hash = unchecked((hash ^ (isHashField ? (byte)0 : metadata[position])) * Prime);
        }

        return hash;
    }
}
