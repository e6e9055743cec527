using Microkernel.Image.Elf;
using Microkernel.Image.Generate;
using static Iced.Intel.AssemblerRegisters;

namespace Microkernel.Image.Tests.Elf;

public class ObjectFileTests
{
    [Fact]
    public void Each_use_of_a_symbol_becomes_the_right_relocation()
    {
        var file = new ObjectFile();
        file.Function("f", a =>
        {
            a.call(file.Address("called"));
            a.mov(rax, file.Address("wide"));
            a.LoadAddress(rcx, file.Address("relative") + 8);
            a.mov(__dword_ptr[rdx + (long)file.Address("signed")], eax);
            a.cmp(__byte_ptr[(long)file.Address("absolute")], 7);
        });
        Assert.Equal(
            [
                new Relocation(1, RelocationType.ProgramCounter32, "called", -4),
                new Relocation(7, RelocationType.Absolute64, "wide", 0),
                new Relocation(18, RelocationType.ProgramCounter32, "relative", 8 - 4),
                new Relocation(24, RelocationType.Absolute32Signed, "signed", 0),
                new Relocation(31, RelocationType.Absolute32Signed, "absolute", 0),
            ],
            file.Text.Relocations);
    }

    [Fact]
    public void A_mark_names_the_position_of_the_next_instruction()
    {
        var file = new ObjectFile();
        file.Function("f", a =>
        {
            a.nop();
            a.Mark("middle");
            a.ret();
            a.Mark("end");
        });
        Assert.Equal(1u, file.Symbols["middle"].Offset);
        Assert.Equal(2u, file.Symbols["end"].Offset);
        Assert.Equal(2u, file.Symbols["f"].Size);
    }

    [Fact]
    public void A_symbol_cannot_be_defined_twice()
    {
        var file = new ObjectFile();
        file.Function("f", a => a.ret());
        Assert.Throws<InvalidOperationException>(() => file.Function("f", a => a.ret()));
    }

    [Fact]
    public void The_same_content_gives_the_same_bytes()
    {
        static byte[] Build()
        {
            var file = new ObjectFile();
            file.Function("f", a => a.jmp(file.Address("g")));
            file.Data.Pointer64("f");
            return file.ToBytes();
        }
        Assert.Equal(Build(), Build());
    }
}
