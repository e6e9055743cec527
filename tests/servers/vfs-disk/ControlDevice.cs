using System.Globalization;
using System.Text;
using Libsys.Hosting;
using Servers.DiskVfs.Disk;
using Servers.Vfs.Devices;
using Servers.Vfs.Objects;
using Servers.Vfs.Pages;

namespace Servers.DiskVfs;

/// <summary>
/// Character device 241:0. A read gives what was counted, or what a page has on the disk; a write is a command, a line of words: unreadable, unwritable or
/// page INODE PAGE; figures; good; evict; hold; go.
/// </summary>
internal sealed class ControlDevice(DiskType type, AccountHandle account) : IDevice
{
    /// <summary>For local use, Documentation/admin-guide/devices.txt of Linux.</summary>
    public const uint Major = 241;

    // What a page shows of itself.
    private const int Shown = 16;

    private string? answer;

    public Errno Open(in OpenRequest request, out OpenFile? file)
    {
        file = new ControlFile(request.Location, request.Flags, this);
        return Errno.None;
    }

    private string Figures()
    {
        PageCache cache = type.Cache;
        account.TryQuery(out AccountState state);
        return string.Create(CultureInfo.InvariantCulture,
            $"read {type.Drive.PagesRead} written {type.Drive.PagesWritten} pending {type.Drive.Pending} dirty {cache.WriteBack.Pages} waiting "
            + $"{cache.Transfers.MissingPages} cached {cache.States.Count} slots {cache.Slots.Used} reclaimed {cache.Reclaimed} files "
            + $"{type.Image.Records.Count} handles {state.Handles}\n");
    }

    private Errno Command(string[] words)
    {
        answer = null;
        switch (words)
        {
            case ["unreadable", var inode, var page]:
                type.Drive.Unreadable.Add((Number(inode), (long)Number(page)));
                return Errno.None;
            case ["unwritable", var inode, var page]:
                type.Drive.Unwritable.Add((Number(inode), (long)Number(page)));
                return Errno.None;
            case ["figures"]:
                return Errno.None;
            case ["good"]:
                type.Drive.Unreadable.Clear();
                type.Drive.Unwritable.Clear();
                return Errno.None;
            case ["page", var inode, var page]:
                byte[]? bytes = type.Image.Records.GetValueOrDefault(Number(inode))?.Pages.GetValueOrDefault((long)Number(page));
                answer = (bytes == null ? "none" : Convert.ToHexString(bytes.AsSpan(0, Shown))) + "\n";
                return Errno.None;
            case ["evict"]:
                // Once for the marks of use.
                type.Cache.Reclaim.MeetNothing();
                for (int round = 0; round < 2; round++)
                    type.Cache.Reclaim.Free(int.MaxValue);
                return Errno.None;
            case ["hold"]:
                type.IsHeld = true;
                return Errno.None;
            case ["go"]:
                type.IsHeld = false;
                return Errno.None;
            default:
                return Errno.EINVAL;
        }
    }

    private static ulong Number(string word) => ulong.TryParse(word, CultureInfo.InvariantCulture, out ulong number) ? number : ulong.MaxValue;

    private sealed class ControlFile(Location location, uint flags, ControlDevice device) : OpenFile(location, flags)
    {
        public override long Read(OperationContext context, Span<byte> buffer, long offset)
        {
            byte[] text = Encoding.ASCII.GetBytes(device.answer ?? device.Figures());
            if (offset >= text.Length)
                return 0;
            ReadOnlySpan<byte> rest = text.AsSpan((int)offset);
            rest = rest[..Math.Min(rest.Length, buffer.Length)];
            rest.CopyTo(buffer);
            return rest.Length;
        }

        public override long Write(OperationContext context, ReadOnlySpan<byte> data, long offset)
        {
            Errno error = device.Command(Encoding.ASCII.GetString(data).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            return error == Errno.None ? data.Length : -(long)error;
        }
    }
}
