using Iced.Intel;
using Microkernel.Image.Elf;

namespace Microkernel.Image.Verify;

/// <summary>
/// Disassembles every executable byte of a linked image and reports instructions that only generated stubs may contain. It sees what the
/// linker sees: straight-line code from each function's start. Code that builds other code at run time is not its subject; W^X excludes that.
/// </summary>
internal static class CodeVerifier
{
    public static List<Violation> Verify(ElfImage image, CodePolicy policy)
    {
        var violations = new List<Violation>();
        foreach (ElfSection section in image.Sections.Where(s => s.Flags.HasFlag(SectionFlags.Execute) && s.Type == SectionType.ProgramBits && s.Length > 0))
        {
            ulong position = section.Address;
            foreach (ElfSymbol symbol in CoveringSymbols(image, section))
            {
                VerifyPadding(image, section, position, symbol.Address, violations);
                if (symbol.Kind == SymbolKind.Function)
                    VerifyFunction(image, section, symbol, policy, violations);
                position = Math.Max(position, symbol.Address + symbol.Size);
            }
            VerifyPadding(image, section, position, section.Address + section.Length, violations);
        }
        return violations;
    }

    // Functions and named data of a section, without second names for the same bytes.
    private static IEnumerable<ElfSymbol> CoveringSymbols(ElfImage image, ElfSection section) => image.Symbols
        .Where(s => s.Size > 0 && s.Kind is SymbolKind.Function or SymbolKind.Object && s.Address >= section.Address
        && s.Address < section.Address + section.Length)
        .GroupBy(s => s.Address).Select(g => g.MaxBy(s => s.Size)!).OrderBy(s => s.Address);

    private static void VerifyFunction(ElfImage image, ElfSection section, ElfSymbol symbol, CodePolicy policy, List<Violation> violations)
    {
        policy.Stubs.TryGetValue(symbol.Name, out Symbol? stub);
        byte[] code = Slice(image, section, symbol.Address, symbol.Address + symbol.Size);
        var decoder = Decoder.Create(stub?.Bitness ?? 64, code, symbol.Address);
        var rules = new InstructionRules(policy, stub);
        while (decoder.IP < symbol.Address + symbol.Size)
        {
            Instruction instruction = decoder.Decode();
            if (rules.Broken(instruction) is { } rule)
                violations.Add(new Violation(symbol.Name, instruction.IP - symbol.Address, instruction.IP, instruction.ToString(), rule));
        }
    }

    // Between functions only what compilers and linkers pad with: nop, int3 and zero bytes.
    private static void VerifyPadding(ElfImage image, ElfSection section, ulong start, ulong end, List<Violation> violations)
    {
        if (start >= end)
            return;
        var decoder = Decoder.Create(64, Slice(image, section, start, end), start);
        while (decoder.IP < end)
        {
            ulong address = decoder.IP;
            Instruction instruction = decoder.Decode();
            bool zeros = Slice(image, section, address, Math.Min(end, decoder.IP)).All(b => b == 0);
            if (!zeros && instruction.Mnemonic is not (Mnemonic.Nop or Mnemonic.Int3))
                violations.Add(new Violation("", 0, address, instruction.ToString(), "code that belongs to no function"));
        }
    }

    private static byte[] Slice(ElfImage image, ElfSection section, ulong start, ulong end) =>
        image.Contents(section)[(int)(start - section.Address)..(int)(end - section.Address)].ToArray();
}
