using System.CommandLine;
using Microkernel.Image.Elf;
using Microkernel.Image.Generate.Counting;
using Microkernel.Image.Generate.Hosting;
using Microkernel.Image.Generate.Kernel;
using Microkernel.Image.Generate.KernelTests;
using Microkernel.Image.Generate.Personality;
using Microkernel.Image.Generate.PersonalityTests;
using Microkernel.Image.Generate.Program;
using Microkernel.Image.Generate.Vdso;

namespace Microkernel.Image.Commands;

/// <summary>
/// <c>image generate kernel|counting|kernel-tests|personality|vdso|hosting|program OUT.o</c>: writes the machine code that C# cannot express as an ELF object.
/// </summary>
internal static class GenerateCommand
{
    /// <summary>Builds the command for the root command line.</summary>
    public static Command Create() => new("generate", "Writes generated machine code as an ELF object.")
    {
        Target("kernel", "Boot, entries and leaves of the kernel.", KernelStubs.Emit),
        Target("counting", "What a kernel that counts its entries has beside those.", CountingStubs.Emit),
        Target("personality-tests", "What the personality's test program cannot say in C#.", PersonalityTestStubs.Emit),
        Target("kernel-tests", "Header, gate, entries and programs of the kernel's test image.", KernelTestStubs.Emit),
        Target("personality", "Header, gate and entries of the personality.", PersonalityStubs.Emit),
        Target("vdso", "What programs call instead of the system.", VdsoStubs.Emit),
        Target("hosting", "The kernel call of servers on full .NET.", HostingStubs.Emit),
        Target("program", "Start and system call of a Linux program without a runtime.", ProgramStubs.Emit),
    };

    private static Command Target(string name, string description, Action<ObjectFile> emit)
    {
        var output = new Argument<FileInfo>("OUT.o") { Description = "The object file to write." };
        var command = new Command(name, description) { output };
        command.SetAction(result =>
        {
            var file = new ObjectFile();
            emit(file);
            UpToDateFile.Write(result.GetRequiredValue(output).FullName, file.ToBytes());
        });
        return command;
    }
}
