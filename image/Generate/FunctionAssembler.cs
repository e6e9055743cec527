using Iced.Intel;
using Microkernel.Image.Elf;

namespace Microkernel.Image.Generate;

/// <summary>Assembles functions with Iced into sections of an <see cref="ObjectFile"/>.</summary>
internal static class FunctionAssembler
{
    /// <summary>Assembles a 64-bit function into .text; see the overload with a section.</summary>
    public static void Function(this ObjectFile file, string symbol, Action<Assembler> body, bool usesVectors = false) =>
        file.Function(symbol, file.Text, body, usesVectors: usesVectors);

    /// <summary>
    /// Assembles one function at the end of a section and defines its symbol there, with its size.
    /// Operands from <see cref="ObjectFile.Address"/> become relocations. A position inside the function gets a symbol of its own by
    /// <see cref="Mark"/>.
    /// </summary>
    /// <param name="bitness">16, 32 or 64: the mode that the CPU is in.</param>
    /// <param name="alignment">Of the first instruction, bytes.</param>
    /// <param name="usesVectors">Declares that the function uses vector registers, which the verifier otherwise refuses.</param>
    public static void Function(
        this ObjectFile file, string symbol, Section section, Action<Assembler> body, int bitness = 64, uint alignment = 16, bool usesVectors = false)
    {
        const byte Int3 = 0xcc;
        ulong start = section.Align(alignment, Int3);
        var assembler = new Assembler(bitness);
        List<(string Symbol, int Instruction)> marks = [];
        Marks.Add(assembler, marks);
        body(assembler);

        using var stream = new MemoryStream();
        AssemblerResult result = assembler.Assemble(
            new StreamCodeWriter(stream), start, BlockEncoderOptions.ReturnConstantOffsets | BlockEncoderOptions.ReturnNewInstructionOffsets);
        byte[] code = stream.ToArray();
        BlockEncoderResult block = result.Result[0];
        uint OffsetOf(int instruction) => instruction < assembler.Instructions.Count ? block.NewInstructionOffsets[instruction] : (uint)code.Length;

        for (int i = 0; i < assembler.Instructions.Count; i++)
        {
            if (OffsetOf(i) == uint.MaxValue)
                throw new InvalidOperationException($"{symbol}: instruction {i} was rewritten by the encoder; use a near branch");
            Relocate(file, section, bitness, start, code, assembler.Instructions[i], OffsetOf(i), OffsetOf(i + 1), block.ConstantOffsets[i]);
        }
        section.Bytes(code);
        file.Define(new Symbol(symbol, section, start, SymbolKind.Function, (ulong)code.Length) { Bitness = bitness, UsesVectors = usesVectors });
        foreach ((string mark, int instruction) in marks)
            file.Define(mark, section, start + OffsetOf(instruction), SymbolKind.None);
    }

    /// <summary>Defines a symbol at the present position of the function that is being assembled.</summary>
    public static void Mark(this Assembler assembler, string symbol)
    {
        if (!Marks.TryGetValue(assembler, out List<(string, int)>? marks))
            throw new InvalidOperationException("not inside ObjectFile.Function");
        marks.Add((symbol, assembler.Instructions.Count));
    }

    /// <summary>
    /// Loads the address of a symbol relative to the instruction pointer: 7 bytes, and right in an image at any address. (Iced's operand
    /// syntax has no rip; <c>mov</c> with <see cref="ObjectFile.Address"/> takes 10 bytes.)
    /// </summary>
    public static void LoadAddress(this Assembler assembler, AssemblerRegister64 register, ulong address) =>
        assembler.AddInstruction(Instruction.Create(Code.Lea_r64_m, register, new MemoryOperand(Register.RIP, (long)address, 8)));

    private static readonly System.Runtime.CompilerServices.ConditionalWeakTable<Assembler, List<(string, int)>> Marks = [];

    private static void Relocate(
        ObjectFile file, Section section, int bitness, ulong start, byte[] code, Instruction instruction, uint offset, uint end, ConstantOffsets constants)
    {
        if (constants.HasImmediate)
        {
            bool nearBranch = instruction.Op0Kind is OpKind.NearBranch16 or OpKind.NearBranch32 or OpKind.NearBranch64;
            ulong operand = nearBranch ? instruction.NearBranchTarget
                : instruction.Op0Kind == OpKind.FarBranch32 ? instruction.FarBranch32
                : instruction.Op0Kind == OpKind.FarBranch16 ? instruction.FarBranch16
                : instruction.GetImmediate(instruction.OpCount - 1);
            Apply(operand, constants.ImmediateOffset, constants.ImmediateSize, nearBranch);
        }
        if (constants.HasDisplacement)
            Apply(instruction.MemoryDisplacement64, constants.DisplacementOffset, constants.DisplacementSize, instruction.IsIPRelativeMemoryOperand);

        void Apply(ulong operand, int fieldOffset, int fieldSize, bool relative)
        {
            if (!file.References.TryResolve(operand, out string symbol, out long addend))
                return;
            uint at = offset + (uint)fieldOffset;
            code.AsSpan((int)at, fieldSize).Clear();
            RelocationType type = (fieldSize, relative, bitness) switch
            {
                (4, true, _) => RelocationType.ProgramCounter32,
                (8, false, _) => RelocationType.Absolute64,
                (4, false, 64) => RelocationType.Absolute32Signed,
                (4, false, _) => RelocationType.Absolute32,
                _ => throw new InvalidOperationException($"{symbol}: no relocation for a field of {fieldSize} bytes"),
            };
            // A relative field counts from the end of the instruction, a relocation from the field.
            section.Relocate(start + at, type, symbol, relative ? addend - (end - at) : addend);
        }
    }
}
