using System.CommandLine;

namespace Microkernel.Image.Commands;

/// <summary><c>image generate kernel|personality|hosting OUT.o</c>: writes the machine code that C# cannot express as an ELF object.</summary>
internal static class GenerateCommand
{
    /// <summary>Builds the command for the root command line.</summary>
    public static Command Create() => new("generate", "Writes generated machine code as an ELF object.");
}
