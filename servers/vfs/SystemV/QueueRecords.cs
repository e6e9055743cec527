using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Servers.Vfs.SystemV;

/// <summary>What programs are shown of queues: the structures of msgctl(2), and /proc/sysvipc/msg, proc(5).</summary>
public static class QueueRecords
{
    private const long Second = 1_000_000_000; // nanoseconds

    /// <summary>struct msqid64_ds.</summary>
    public static void Write(MessageQueue queue, Span<byte> record)
    {
        record[..QueueLayout.Length].Clear();
        queue.Permission.Write(record, queue.Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(record[QueueLayout.SendTime..], queue.SendTime / Second);
        BinaryPrimitives.WriteInt64LittleEndian(record[QueueLayout.ReceiveTime..], queue.ReceiveTime / Second);
        BinaryPrimitives.WriteInt64LittleEndian(record[QueueLayout.ChangeTime..], queue.ChangeTime / Second);
        BinaryPrimitives.WriteInt64LittleEndian(record[QueueLayout.Bytes..], queue.Bytes);
        BinaryPrimitives.WriteInt64LittleEndian(record[QueueLayout.Count..], queue.Count);
        BinaryPrimitives.WriteInt64LittleEndian(record[QueueLayout.MostBytes..], queue.MostBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(record[QueueLayout.LastSender..], queue.LastSender);
        BinaryPrimitives.WriteUInt32LittleEndian(record[QueueLayout.LastReceiver..], queue.LastReceiver);
    }

    /// <summary>
    /// struct msginfo: msgpool, msgmap, msgmax, msgmnb, msgmni, msgssz, msgtql, and msgseg in 16 bits. With <paramref name="isUsage"/> queues, messages and
    /// bytes that there are in three of its places.
    /// </summary>
    public static void WriteInformation(MessageQueues queues, Span<byte> record, bool isUsage)
    {
        // What Linux does not use it still tells: a pool in KiB for all queues, segments of 16 bytes, as many maps and headers as a queue has bytes.
        const int segment = 16, pool = QueueNumbers.MostQueues * (QueueNumbers.MostBytes / 1024), mostSegments = ushort.MaxValue;
        int bytes = QueueNumbers.MostBytes;
        ReadOnlySpan<int> values =
        [
            isUsage ? queues.Table.Count : pool, isUsage ? queues.Table.All.Sum(static queue => queue.Count) : bytes, queues.LargestMessage, queues.MostBytes,
            queues.Table.Most, segment, isUsage ? (int)queues.Table.All.Sum(static queue => queue.Bytes) : bytes, mostSegments,
        ];
        for (int place = 0; place < values.Length; place++)
            BinaryPrimitives.WriteInt32LittleEndian(record[(place * sizeof(int))..], values[place]);
    }

    /// <summary>/proc/sysvipc/msg.</summary>
    public static string Describe(MessageQueues queues)
    {
        var text = new StringBuilder("       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid")
            .Append("      stime      rtime      ctime\n");
        foreach (MessageQueue queue in queues.Table.All)
        {
            Permission permission = queue.Permission;
            string mode = Convert.ToString(permission.Mode, toBase: 8);
            text.Append(CultureInfo.InvariantCulture, $"{permission.Key,10} {queue.Id,10}  {mode,4}  {queue.Bytes,10} {queue.Count,10} ")
                .Append(CultureInfo.InvariantCulture, $"{queue.LastSender,5} {queue.LastReceiver,5} ")
                .Append(CultureInfo.InvariantCulture, $"{permission.UserId,5} {permission.GroupId,5} {permission.CreatorUser,5} {permission.CreatorGroup,5} ")
                .Append(CultureInfo.InvariantCulture, $"{queue.SendTime / Second,10} {queue.ReceiveTime / Second,10} {queue.ChangeTime / Second,10}\n");
        }

        return text.ToString();
    }
}
