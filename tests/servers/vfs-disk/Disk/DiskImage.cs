using System.IO.Hashing;
using Servers.Vfs.Names;

namespace Servers.DiskVfs.Disk;

/// <summary>What lies on the disk: the truth, which outlives a mount.</summary>
internal sealed class DiskImage
{
    public const ulong RootNumber = 1;
    private ulong next = RootNumber;

    public Dictionary<ulong, DiskRecord> Records { get; } = [];

    public DiskRecord Add(uint mode, uint device)
    {
        var record = new DiskRecord { Number = next++, Mode = mode, Device = device };
        Records.Add(record.Number, record);
        return record;
    }

    /// <summary>
    /// A number for all that can be seen by name, but for access times: equal before and after what had no effect. Files without names may go at any time.
    /// Where
    /// files are mapped the other times are left out too: what mappings have written is found at any time.
    /// </summary>
    public ulong Fingerprint(bool isMapped = false)
    {
        var hash = new XxHash3();
        foreach (DiskRecord record in Records.Values.Where(static record => record.Links > 0).OrderBy(static record => record.Number))
        {
            ReadOnlySpan<ulong> fields = [record.Number, record.Mode, record.User, record.Group, record.Links,
                isMapped ? 0 : (ulong)record.ModifyTime,
                isMapped ? 0 : (ulong)record.ChangeTime, (ulong)record.Size];
            foreach (ulong field in fields)
                hash.Append(BitConverter.GetBytes(field));
            hash.Append(record.Text);
            foreach (DiskName name in record.Names.Values.OrderBy(static name => name.Cookie))
            {
                hash.Append(name.Name);
                hash.Append(BitConverter.GetBytes(name.Number));
            }

            // What readers see: the bytes of a block may still be in memory. What a mapping writes gets its block with the bytes.
            foreach (long page in isMapped ? Pages(record) : record.Pages.Keys)
            {
                byte[]? bytes = record.Live?.Seen(page) ?? record.Pages.GetValueOrDefault(page);
                ReadOnlySpan<byte> seen = bytes.AsSpan(0, (int)Math.Clamp(record.Size - page * DiskFile.PageSize, 0, bytes?.Length ?? 0));
                if (isMapped && !seen.ContainsAnyExcept((byte)0))
                    continue;
                hash.Append(BitConverter.GetBytes(page));
                hash.Append(seen);
            }
        }

        return hash.GetCurrentHashAsUInt64();
    }

    private static IEnumerable<long> Pages(DiskRecord record)
    {
        for (long page = 0; page * DiskFile.PageSize < record.Size; page++)
            yield return page;
    }
}

/// <summary>A name in a directory.</summary>
internal sealed record DiskName(byte[] Name, ulong Number, uint Mode, long Cookie);

/// <summary>An inode on the disk.</summary>
internal sealed class DiskRecord
{
    public ulong Number { get; init; }

    public uint Mode { get; set; }

    public uint User { get; set; }

    public uint Group { get; set; }

    public uint Links { get; set; } = 1;

    public uint Device { get; init; }

    public long AccessTime { get; set; }

    public long ModifyTime { get; set; }

    public long ChangeTime { get; set; }

    public long Size { get; set; }

    public byte[] Text { get; set; } = [];

    public Dictionary<byte[], DiskName> Names { get; } = new(NameComparer.Instance);

    public SortedDictionary<long, byte[]> Pages { get; } = [];

    public long NextCookie { get; set; } = 1;

    /// <summary>The file in memory, whose pages may be newer.</summary>
    public DiskFile? Live { get; set; }

    /// <summary>Makes sure that a page has a block.</summary>
    public void Block(long page) => Pages.TryAdd(page, new byte[DiskFile.PageSize]);
}
