using Microkernel.Image.Elf;

namespace Microkernel.Image.Link;

/// <summary>Bytes as a section of an object, for the linker to place.</summary>
internal static class BlobObject
{
    /// <summary>Writes the object and returns its path.</summary>
    public static string Write(string path, string section, uint alignment, byte[] contents)
    {
        var file = new ObjectFile();
        file.AddSection(section, SectionType.ProgramBits, SectionFlags.Allocate, alignment).Bytes(contents);
        File.WriteAllBytes(path, file.ToBytes());
        return path;
    }
}
