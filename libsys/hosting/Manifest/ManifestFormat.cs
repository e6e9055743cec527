using MessagePack;

namespace Libsys.Hosting.Manifest;

/// <summary>The boot manifest is damaged or contradicts itself.</summary>
public sealed class ManifestException(string message) : Exception("boot manifest: " + message);

/// <summary>Checked reads of the manifest's fields.</summary>
internal static class ManifestFormat
{
    // Names are shown in /sys/servers and in logs.
    private const int LongestName = 64;

    public static void ExpectArray(ref MessagePackReader reader, int length, string what)
    {
        int actual = reader.ReadArrayHeader();
        if (actual != length)
            throw new ManifestException($"{what} has {actual} fields instead of {length}");
    }

    public static int ReadCount(ref MessagePackReader reader, int most, string what)
    {
        int count = reader.ReadArrayHeader();
        return count <= most ? count : throw new ManifestException($"{count} {what}, more than {most}");
    }

    public static string ReadText(ref MessagePackReader reader, string what)
    {
        string? text = reader.ReadString();
        return text is { Length: > 0 and <= LongestName } ? text : throw new ManifestException($"{what} is empty or too long");
    }

    public static int ReadInt32(ref MessagePackReader reader, int least, int most, string what)
    {
        int value = reader.ReadInt32();
        return value >= least && value <= most ? value : throw new ManifestException($"{what} {value} is not between {least} and {most}");
    }

    public static long ReadInt64(ref MessagePackReader reader, string what, long least = 1)
    {
        long value = reader.ReadInt64();
        return value >= least ? value : throw new ManifestException($"{what} {value} is less than {least}");
    }
}
