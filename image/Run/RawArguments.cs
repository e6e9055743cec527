namespace Microkernel.Image.Run;

/// <summary>The arguments of this process as bytes: .NET's strings replace what is not UTF-8.</summary>
internal static class RawArguments
{
    /// <summary>The last <paramref name="count"/> arguments.</summary>
    public static byte[][] Last(int count)
    {
        // proc(5): each argument ends with a zero byte.
        byte[] line = File.ReadAllBytes("/proc/self/cmdline");
        var arguments = new List<byte[]>();
        int start = 0;
        for (int end = Array.IndexOf(line, (byte)0); end >= 0; end = Array.IndexOf(line, (byte)0, start))
        {
            arguments.Add(line[start..end]);
            start = end + 1;
        }

        return [.. arguments.TakeLast(count)];
    }
}
