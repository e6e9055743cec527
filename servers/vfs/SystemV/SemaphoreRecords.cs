using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Servers.Vfs.SystemV;

/// <summary>What programs are shown of semaphores: the structures of semctl(2), and /proc/sysvipc/sem, proc(5).</summary>
public static class SemaphoreRecords
{
    // struct seminfo: semmap, semmni, semmns, semmnu, semmsl, semopm, semume, semusz, semvmx, semaem. What Linux does not use it still tells: as many undo
    // structures as semaphores, as many entries in one as operations in a call, 20 bytes for one.
    private const int UsedPlace = 7, TotalPlace = 9;
    private static readonly int[] Limits =
    [
        SemaphoreNumbers.MostTogether, SemaphoreNumbers.MostSets, SemaphoreNumbers.MostTogether, SemaphoreNumbers.MostTogether, SemaphoreNumbers.MostOfSet,
        SemaphoreNumbers.MostOperations, SemaphoreNumbers.MostOperations, 20, SemaphoreNumbers.Largest, SemaphoreNumbers.Largest,
    ];

    private const long Second = 1_000_000_000; // nanoseconds

    /// <summary>struct semid64_ds.</summary>
    public static void Write(SemaphoreSet set, Span<byte> record)
    {
        record[..SemaphoreLayout.Length].Clear();
        set.Permission.Write(record, set.Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(record[SemaphoreLayout.OperateTime..], set.OperateTime / Second);
        BinaryPrimitives.WriteInt64LittleEndian(record[SemaphoreLayout.ChangeTime..], set.ChangeTime / Second);
        BinaryPrimitives.WriteInt64LittleEndian(record[SemaphoreLayout.Count..], set.Count);
    }

    /// <summary>struct seminfo: the limits, or with <paramref name="isUsage"/> sets and semaphores that there are in two of its places.</summary>
    public static void WriteInformation(SemaphoreSets sets, Span<byte> record, bool isUsage)
    {
        for (int place = 0; place < Limits.Length; place++)
        {
            int value = (isUsage, place) switch
            {
                (true, UsedPlace) => sets.Table.Count,
                (true, TotalPlace) => sets.Total,
                _ => Limits[place],
            };
            BinaryPrimitives.WriteInt32LittleEndian(record[(place * sizeof(int))..], value);
        }
    }

    /// <summary>/proc/sysvipc/sem.</summary>
    public static string Describe(SemaphoreSets sets)
    {
        var text = new StringBuilder("       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime\n");
        foreach (SemaphoreSet set in sets.Table.All)
        {
            Permission permission = set.Permission;
            string mode = Convert.ToString(permission.Mode, toBase: 8);
            text.Append(CultureInfo.InvariantCulture, $"{permission.Key,10} {set.Id,10}  {mode,4} {set.Count,10} ")
                .Append(CultureInfo.InvariantCulture, $"{permission.UserId,5} {permission.GroupId,5} {permission.CreatorUser,5} {permission.CreatorGroup,5} ")
                .Append(CultureInfo.InvariantCulture, $"{set.OperateTime / Second,10} {set.ChangeTime / Second,10}\n");
        }

        return text.ToString();
    }
}
