using Microkernel.Image.Elf;

namespace Microkernel.Image.Verify;

/// <summary>What machine code may contain: which functions are generated stubs, and what those are allowed to do.</summary>
internal sealed class CodePolicy
{
    /// <summary>Generated functions by symbol. Everything else came out of the compiler.</summary>
    public required IReadOnlyDictionary<string, Symbol> Stubs { get; init; }

    /// <summary>Whether the image runs in ring 0, so that stubs may use privileged instructions.</summary>
    public required bool Privileged { get; init; }

    /// <summary>The only function that may enter the kernel, or null if none may.</summary>
    public string? Gate { get; init; }

    /// <summary>The kernel: privileged instructions in stubs, vector registers in the stubs that say so.</summary>
    public static CodePolicy Kernel(Action<ObjectFile> emit) => new() { Stubs = StubsOf(emit), Privileged = true };

    /// <summary>The personality: nothing privileged, one gate.</summary>
    public static CodePolicy Personality(Action<ObjectFile> emit) => new() { Stubs = StubsOf(emit), Privileged = false, Gate = "gate" };

    // The generator itself is asked, so that no second list of stubs can go out of date.
    private static Dictionary<string, Symbol> StubsOf(Action<ObjectFile> emit)
    {
        var file = new ObjectFile();
        emit(file);
        return file.Symbols.Values.Where(s => s.Kind == SymbolKind.Function).ToDictionary(s => s.Name);
    }
}
