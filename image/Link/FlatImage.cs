using Microkernel.Image.Elf;

namespace Microkernel.Image.Link;

/// <summary>Turns a linked file into the bytes that are mapped from its first address on.</summary>
internal static class FlatImage
{
    /// <summary>The bytes of [<paramref name="start"/>, <paramref name="end"/>); what no segment fills is zero.</summary>
    public static byte[] Extract(ElfImage image, ulong start, ulong end)
    {
        byte[] flat = new byte[end - start];
        foreach (ElfSegment segment in image.Segments)
        {
            if (segment.FileLength == 0)
                continue;
            if (segment.Address < start || segment.Address + segment.FileLength > end)
                throw new BuildFailedException($"segment at {segment.Address:x} lies outside the image {start:x}-{end:x}");
            image.Contents(segment).CopyTo(flat.AsSpan((int)(segment.Address - start)));
        }
        return flat;
    }
}
