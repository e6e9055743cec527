using Microkernel.Image.Elf;

namespace Microkernel.Image.Link;

/// <summary>Links the kernel with the flat personality in its read-only data.</summary>
internal static class KernelLink
{
    public static void Link(string output, IEnumerable<string> objects, byte[] personality)
    {
        string blob = output + ".personality.o";
        var file = new ObjectFile();
        file.AddSection(".personality.blob", SectionType.ProgramBits, SectionFlags.Allocate, 4096).Bytes(personality);
        File.WriteAllBytes(blob, file.ToBytes());
        Linker.Link("kernel.ld", output, [.. objects, blob], []);
    }
}
