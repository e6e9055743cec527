using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Servers.Vfs.SystemV;

/// <summary>What programs are shown of segments: the structures of shmctl(2), and /proc/sysvipc/shm, proc(5).</summary>
public static class SegmentRecords
{
    private const long Second = 1_000_000_000; // nanoseconds

    /// <summary>struct shmid64_ds.</summary>
    public static void Write(Segment segment, Span<byte> record)
    {
        record[..SegmentLayout.Length].Clear();
        segment.Permission.Write(record, segment.Sequence);
        BinaryPrimitives.WriteUInt64LittleEndian(record[SegmentLayout.Size..], segment.Size);
        BinaryPrimitives.WriteInt64LittleEndian(record[SegmentLayout.AttachTime..], segment.AttachTime / Second);
        BinaryPrimitives.WriteInt64LittleEndian(record[SegmentLayout.DetachTime..], segment.DetachTime / Second);
        BinaryPrimitives.WriteInt64LittleEndian(record[SegmentLayout.ChangeTime..], segment.ChangeTime / Second);
        BinaryPrimitives.WriteUInt32LittleEndian(record[SegmentLayout.Creator..], segment.Creator);
        BinaryPrimitives.WriteUInt32LittleEndian(record[SegmentLayout.Last..], segment.Last);
        BinaryPrimitives.WriteInt64LittleEndian(record[SegmentLayout.Attached..], segment.Attached);
    }

    /// <summary>struct shminfo64: the limits.</summary>
    public static void WriteLimits(Segments segments, Span<byte> record)
    {
        record[..SegmentLayout.LimitsLength].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(record[SegmentLayout.Largest..], segments.Largest);
        BinaryPrimitives.WriteUInt64LittleEndian(record[SegmentLayout.Smallest..], 1);
        BinaryPrimitives.WriteUInt64LittleEndian(record[SegmentLayout.Most..], (ulong)segments.Table.Most);
        BinaryPrimitives.WriteUInt64LittleEndian(record[SegmentLayout.MostOfProcess..], (ulong)segments.Table.Most);
        BinaryPrimitives.WriteUInt64LittleEndian(record[SegmentLayout.MostPages..], segments.MostPages);
    }

    /// <summary>struct shm_info: how much there is. Nothing is ever swapped.</summary>
    public static void WriteUsage(Segments segments, Span<byte> record)
    {
        record[..SegmentLayout.UsageLength].Clear();
        BinaryPrimitives.WriteInt32LittleEndian(record[SegmentLayout.Used..], segments.Table.Count);
        BinaryPrimitives.WriteInt64LittleEndian(record[SegmentLayout.Pages..], segments.TotalPages);
        BinaryPrimitives.WriteInt64LittleEndian(record[SegmentLayout.Resident..], segments.Table.All.Sum(segment => segment.Content.CountTouchedPages()));
    }

    /// <summary>/proc/sysvipc/shm.</summary>
    public static string Describe(Segments segments)
    {
        const int pageSize = Pages.CachedFile.PageSize;
        var text = new StringBuilder("       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid")
            .Append("      atime      dtime      ctime                   rss                  swap\n");
        foreach (Segment known in segments.Table.All.ToArray())
        {
            if (segments.Find(known.Id) is not { } segment)
                continue;
            Permission permission = segment.Permission;
            string mode = Convert.ToString(permission.Mode, toBase: 8);
            text.Append(CultureInfo.InvariantCulture, $"{permission.Key,10} {segment.Id,10}  {mode,4} {segment.Size,21} ")
                .Append(CultureInfo.InvariantCulture, $"{segment.Creator,5} {segment.Last,5}  {segment.Attached,5} ")
                .Append(CultureInfo.InvariantCulture, $"{permission.UserId,5} {permission.GroupId,5} {permission.CreatorUser,5} {permission.CreatorGroup,5} ")
                .Append(CultureInfo.InvariantCulture, $"{segment.AttachTime / Second,10} {segment.DetachTime / Second,10} {segment.ChangeTime / Second,10} ")
                .Append(CultureInfo.InvariantCulture, $"{segment.Content.CountTouchedPages() * pageSize,21} {0,21}\n");
        }

        return text.ToString();
    }
}
