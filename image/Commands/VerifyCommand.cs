using System.CommandLine;
using Microkernel.Image.Elf;
using Microkernel.Image.Generate.Counting;
using Microkernel.Image.Generate.Kernel;
using Microkernel.Image.Generate.Personality;
using Microkernel.Image.Verify;

namespace Microkernel.Image.Commands;

/// <summary><c>image verify kernel|counting|personality FILE</c>: fails if code holds an instruction that only generated stubs may contain.</summary>
internal static class VerifyCommand
{
    // More would only scroll the first, which matters, out of sight.
    private const int Shown = 20;

    /// <summary>Builds the command for the root command line.</summary>
    public static Command Create() => new("verify", "Disassembles a linked image and checks its instructions.")
    {
        Target("kernel", "Privileged instructions only in stubs.", () => CodePolicy.Kernel(KernelStubs.Emit)),
        Target("counting", "The same for the kernel that counts its entries.", () => CodePolicy.Kernel(o =>
        {
            KernelStubs.Emit(o);
            CountingStubs.Emit(o);
        })),
        Target("personality", "Nothing privileged, one gate.", () => CodePolicy.Personality(PersonalityStubs.Emit)),
    };

    private static Command Target(string name, string description, Func<CodePolicy> policy)
    {
        var input = new Argument<FileInfo>("FILE.elf") { Description = "The linked image." };
        var command = new Command(name, description) { input };
        command.SetAction(result =>
        {
            string path = result.GetRequiredValue(input).FullName;
            List<Violation> violations = CodeVerifier.Verify(ElfImage.Load(path), policy());
            if (violations.Count > 0)
            {
                throw new BuildFailedException(
                    $"{path}: {violations.Count} forbidden instructions; docs/toolchain.md says what makes the compiler emit them\n  "
                    + string.Join("\n  ", violations.Take(Shown)));
            }
        });
        return command;
    }
}
