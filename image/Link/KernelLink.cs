using Microkernel.Image.Elf;
using Microkernel.Image.Symbols;

namespace Microkernel.Image.Link;

/// <summary>
/// Links the kernel with the flat personality in its read-only data, then again with the symbol table made from the first result.
/// The table comes after all code, so the second link moves none.
/// </summary>
internal static class KernelLink
{
    /// <param name="root">The repository, to which source paths in the symbol table are relative.</param>
    /// <param name="wrapped">Functions that calls from other objects reach through <c>__wrap_NAME</c> of one of the objects.</param>
    public static void Link(string output, IReadOnlyList<string> objects, byte[] personality, string root, IReadOnlyList<string> wrapped)
    {
        string[] withBlob = [.. objects, BlobObject.Write(output + ".personality.o", ".personality.blob", 4096, personality)];
        string first = output + ".first";
        Linker.Link("kernel.ld", first, withBlob, [], wrapped);

        byte[] table = SymbolTable.Build(ElfImage.Load(first), root);
        Linker.Link("kernel.ld", output, [.. withBlob, BlobObject.Write(output + ".symbols.o", ".symbol_table", 8, table)], [], wrapped);
        if (ElfImage.Load(output).AddressOf("kernel_text_end") != ElfImage.Load(first).AddressOf("kernel_text_end"))
            throw new BuildFailedException("the symbol table moved the code that it describes");
        File.Delete(first);
    }
}
