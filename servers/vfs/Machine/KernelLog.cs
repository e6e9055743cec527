using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Machine;

/// <summary>
/// The kernel's log as syslog(2) and /proc/kmsg give it: records of one line with a priority in front. One reading position serves all who consume, as on
/// Linux.
/// </summary>
public sealed class KernelLog
{
    // The kernel tells nobody of new lines, so they are looked for while somebody waits: soon for a person, rarely for a CPU.
    private const long LookInterval = 100_000_000;

    // The largest piece that one call of the kernel gives is smaller.
    private const int PieceLength = 4096;

    private readonly IKernelLogSource source;
    private readonly IClock clock;
    private readonly IAlarm alarm;
    private readonly WaitQueue waiters = new();
    private ulong consumed;
    private ulong cleared;
    private int givenOfRecord;

    /// <summary>A log that looks for news by an alarm.</summary>
    public KernelLog(IKernelLogSource source, IClock clock, Func<Action, IAlarm> createAlarm)
    {
        this.source = source;
        this.clock = clock;
        alarm = createAlarm(Look);
    }

    /// <summary>Bytes of the kernel's buffer.</summary>
    public int Capacity => source.Capacity;

    /// <summary>True if something is left to consume.</summary>
    public bool HasUnread => Unread > 0;

    /// <summary>Bytes that <see cref="Read"/> would give.</summary>
    public long Unread => UnreadRecords().Length;

    // "<6>": facility kernel, level informational (syslog(2)); the kernel's lines carry none of their own.
    private static ReadOnlySpan<byte> Priority => "<6>"u8;

    /// <summary>Who waits for news. Asking for it is what makes the log look for them.</summary>
    public WaitQueue StartWaiting()
    {
        alarm.Set(clock.Monotonic + LookInterval);
        return waiters;
    }

    /// <summary>Gives what nobody has consumed yet: whole records, or a part of one that is longer than the buffer. −EAGAIN: nothing yet.</summary>
    public long Read(Span<byte> buffer)
    {
        ReadOnlySpan<byte> left = UnreadRecords();
        if (left.IsEmpty)
            return -(long)Errno.EAGAIN;
        if (buffer.IsEmpty)
            return 0;
        int length = 0;
        while (length < left.Length)
        {
            int record = left[length..].IndexOf((byte)'\n') + 1;
            if (length + record > buffer.Length)
                break;
            length += record;
            consumed += (ulong)(record + givenOfRecord - Priority.Length);
            givenOfRecord = 0;
        }

        if (length == 0)
        {
            length = buffer.Length;
            givenOfRecord += length;
        }

        left[..length].CopyTo(buffer);
        return length;
    }

    /// <summary>Gives the last whole records since the log was cleared that fit.</summary>
    public long ReadLast(Span<byte> buffer, bool clear)
    {
        byte[] records = Records(ref cleared, out ulong end);
        int first = 0;
        while (records.Length - first > buffer.Length)
            first += records.AsSpan(first).IndexOf((byte)'\n') + 1;
        records.AsSpan(first).CopyTo(buffer);
        if (clear)
            cleared = end;
        return records.Length - first;
    }

    /// <summary>All records that are kept, whoever has consumed or cleared them.</summary>
    public ReadOnlySpan<byte> All()
    {
        ulong start = 0;
        return Records(ref start, out _);
    }

    /// <summary>What is there now is no longer given by <see cref="ReadLast"/>.</summary>
    public void Clear()
    {
        Records(ref cleared, out ulong end);
        cleared = end;
    }

    private ReadOnlySpan<byte> UnreadRecords()
    {
        ulong before = consumed;
        byte[] records = Records(ref consumed, out _);
        if (consumed != before)
            givenOfRecord = 0; // the record that was begun is no longer kept
        return records.AsSpan(givenOfRecord);
    }

    private void Look()
    {
        if (waiters.IsEmpty)
            return;
        if (HasUnread)
            waiters.Wake();
        else
            alarm.Set(clock.Monotonic + LookInterval);
    }

    // All whole lines from a line's start on, as records. The start moves if its line is no longer kept; a line that is still being written is left out.
    private byte[] Records(ref ulong start, out ulong end)
    {
        var raw = new List<byte>();
        byte[] piece = new byte[PieceLength];
        ulong position = start;
        bool isCut = false;

        // Others write meanwhile, perhaps faster than this reads.
        while (raw.Count < 2 * source.Capacity)
        {
            long count = source.Read(ref position, piece, out ulong skipped);
            if (count <= 0)
                break;
            if (skipped > 0)
            {
                raw.Clear();
                isCut = true;
            }

            raw.AddRange(piece.AsSpan(0, (int)count));
        }

        ReadOnlySpan<byte> text = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(raw);
        ulong first = position - (ulong)text.Length;
        if (isCut)
        {
            int broken = text.IndexOf((byte)'\n') + 1;
            text = text[broken..];
            start = first += (ulong)broken;
        }

        text = text[..(text.LastIndexOf((byte)'\n') + 1)];
        end = first + (ulong)text.Length;
        byte[] records = new byte[text.Length + text.Count((byte)'\n') * Priority.Length];
        Span<byte> to = records;
        while (!text.IsEmpty)
        {
            int line = text.IndexOf((byte)'\n') + 1;
            Priority.CopyTo(to);
            text[..line].CopyTo(to[Priority.Length..]);
            to = to[(Priority.Length + line)..];
            text = text[line..];
        }

        return records;
    }
}
