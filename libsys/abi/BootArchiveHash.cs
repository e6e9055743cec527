using System;

namespace Libsys.Abi;

/// <summary>
/// FNV-1a with 64 bits (Fowler, Noll, Vo; RFC 9923), taken over words of eight bytes and over single bytes at the end: some lines without tables,
/// good enough to find a damaged archive. Each step is a bijection of the state, so a change of one word is always found. Words and not bytes, because
/// the archive of a large root has megabytes of names and every boot computes this.
/// </summary>
public static class BootArchiveHash
{
    private const ulong OffsetBasis = 0xcbf29ce484222325;
    private const ulong Prime = 0x100000001b3;

    /// <summary>Hash of header, entries and names; the eight bytes of the hash field itself count as zero.</summary>
    public static ulong Compute(ReadOnlySpan<byte> metadata)
    {
        ulong hash = OffsetBasis;
        int position = 0;
        for (; position + 8 <= metadata.Length; position += 8)
            hash = unchecked((hash ^ (position == BootArchive.HashOffset ? 0 : LittleEndian.UInt64(metadata, position))) * Prime);
        for (; position < metadata.Length; position++)
            hash = unchecked((hash ^ metadata[position]) * Prime);
        return hash;
    }
}
