using System.IO.Hashing;
using Servers.Vfs.Names;

namespace Servers.Vfs.Tests.Disk;

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
    /// </summary>
    public ulong Fingerprint()
    {
        var hash = new XxHash3();
        foreach (DiskRecord record in Records.Values.Where(static record => record.Links > 0).OrderBy(static record => record.Number))
        {
            ReadOnlySpan<ulong> fields = [record.Number, record.Mode, record.User, record.Group, record.Links, (ulong)record.ModifyTime,
                (ulong)record.ChangeTime, (ulong)record.Size];
            foreach (ulong field in fields)
                hash.Append(BitConverter.GetBytes(field));
            hash.Append(record.Text);
            foreach (DiskName name in record.Names.Values.OrderBy(static name => name.Cookie))
            {
                hash.Append(name.Name);
                hash.Append(BitConverter.GetBytes(name.Number));
            }

            foreach ((long page, byte[] bytes) in record.Pages.OrderBy(static pair => pair.Key))
            {
                hash.Append(BitConverter.GetBytes(page));
                hash.Append(bytes);
            }
        }

        return hash.GetCurrentHashAsUInt64();
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
}
