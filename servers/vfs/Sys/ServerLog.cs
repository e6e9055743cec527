using System.Buffers;
using System.Text;

namespace Servers.Vfs.Sys;

/// <summary>What the kernel's log has of one server: its own lines ("NAME: ", "NAME/GENERATION: "), and those of the supervisor about it.</summary>
public static class ServerLog
{
    private static readonly SearchValues<byte> Ends = SearchValues.Create(" :/"u8);

    private static ReadOnlySpan<byte> TimeEnd => "] "u8;

    /// <summary>The lines, without priorities.</summary>
    /// <param name="server">Name of the server.</param>
    /// <param name="records">Whole records: a priority, the time in brackets, the text.</param>
    public static byte[] Of(string server, ReadOnlySpan<byte> records)
    {
        byte[] name = Encoding.UTF8.GetBytes(server);
        var lines = new ArrayBufferWriter<byte>();
        while (!records.IsEmpty)
        {
            int length = records.IndexOf((byte)'\n') + 1;
            ReadOnlySpan<byte> line = records[..(length == 0 ? records.Length : length)];
            records = records[line.Length..];
            line = line[(line.IndexOf((byte)'>') + 1)..];
            int end = line.IndexOf(TimeEnd);
            ReadOnlySpan<byte> text = end < 0 ? default : line[(end + TimeEnd.Length)..];
            if (IsAbout(name, text) || (text.StartsWith("supervisor: "u8) && IsAbout(name, text["supervisor: ".Length..])))
                lines.Write(line);
        }

        return lines.WrittenSpan.ToArray();
    }

    private static bool IsAbout(ReadOnlySpan<byte> name, ReadOnlySpan<byte> text) =>
        text.Length > name.Length && text.StartsWith(name) && Ends.Contains(text[name.Length]);
}
