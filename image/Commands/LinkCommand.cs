using System.CommandLine;
using Libsys.Abi;
using Microkernel.Image.Elf;
using Microkernel.Image.Generate.Counting;
using Microkernel.Image.Link;

namespace Microkernel.Image.Commands;

/// <summary><c>image link kernel|personality|program</c>: makes images without a runtime from their objects.</summary>
internal static class LinkCommand
{
    /// <summary>Builds the command for the root command line.</summary>
    public static Command Create() => new("link", "Links an image from its objects.") { Personality(), Vdso(), Kernel(), Program() };

    private static Command Personality()
    {
        var objects = Objects();
        var output = new Option<FileInfo>("--output") { Required = true, Description = "The linked ELF file; the flat image gets .bin instead of .elf." };
        var vdso = new Option<FileInfo>("--vdso") { Description = "The object that programs find below it, vdso(7)." };
        var command = new Command("personality", "Links the personality at the window's base.") { objects, output, vdso };
        command.SetAction(result =>
        {
            string elf = result.GetRequiredValue(output).FullName;
            string[] names = Names(result.GetRequiredValue(objects));
            if (result.GetValue(vdso) is { } page)
                names = [.. names, BlobObject.Write(elf + ".vdso.o", ".vdso", 4096, File.ReadAllBytes(page.FullName))];
            Linker.Link("personality.ld", elf, names,
                [("VDSO_ADDRESS", Window.Vdso), ("WINDOW_BASE", Window.Base), ("GATE_ADDRESS", Window.Gate)]);
            ElfImage image = ElfImage.Load(elf);
            UpToDateFile.Write(Path.ChangeExtension(elf, ".bin"), FlatImage.Extract(image, Window.Vdso, image.AddressOf("data_end")));
        });
        return command;
    }

    private static Command Vdso()
    {
        var objects = Objects();
        var output = new Option<FileInfo>("--output") { Required = true, Description = "The shared object." };
        var command = new Command("vdso", "Links what programs call instead of the system.") { objects, output };
        command.SetAction(result =>
            Linker.LinkShared("vdso.ld", "linux-vdso.so.1", result.GetRequiredValue(output).FullName, Names(result.GetRequiredValue(objects))));
        return command;
    }

    private static Command Kernel()
    {
        var objects = Objects();
        var output = new Option<FileInfo>("--output") { Required = true, Description = "The linked ELF file, bootable through PVH." };
        var personality = new Option<FileInfo>("--personality") { Required = true, Description = "The flat personality image to embed." };
        var counting = new Option<bool>("--counting") { Description = "With the object of `generate counting`: calls go through its functions." };
        var command = new Command("kernel", "Links the kernel with the personality inside.") { objects, output, personality, counting };
        command.SetAction(result => KernelLink.Link(
            result.GetRequiredValue(output).FullName, Names(result.GetRequiredValue(objects)), File.ReadAllBytes(result.GetRequiredValue(personality).FullName),
            RepositoryLayout.Find().Root, result.GetValue(counting) ? CountingStubs.Wrapped : []));
        return command;
    }

    private static Command Program()
    {
        var objects = Objects();
        var output = new Option<FileInfo>("--output") { Required = true, Description = "The static Linux program." };
        var command = new Command("program", "Links a Linux program in C# without a runtime.") { objects, output };
        command.SetAction(result => Linker.Link("program.ld", result.GetRequiredValue(output).FullName, Names(result.GetRequiredValue(objects)), []));
        return command;
    }

    private static Argument<FileInfo[]> Objects() => new("OBJECT") { Arity = ArgumentArity.OneOrMore, Description = "Objects to link." };

    private static string[] Names(FileInfo[] files) => [.. files.Select(f => f.FullName)];
}
