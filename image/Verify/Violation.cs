namespace Microkernel.Image.Verify;

/// <summary>An instruction that must not be where it is.</summary>
/// <param name="Symbol">Function that holds it, or "" if none does.</param>
/// <param name="Offset">Bytes from the start of the function.</param>
internal sealed record Violation(string Symbol, ulong Offset, ulong Address, string Instruction, string Rule)
{
    public override string ToString() => $"{Symbol}+0x{Offset:x} ({Address:x}): {Instruction}: {Rule}";
}
