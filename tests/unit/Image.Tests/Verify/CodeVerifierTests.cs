using Iced.Intel;
using Microkernel.Image.Elf;
using Microkernel.Image.Generate;
using Microkernel.Image.Link;
using Microkernel.Image.Verify;
using static Iced.Intel.AssemblerRegisters;

namespace Microkernel.Image.Tests.Verify;

/// <summary>Each forbidden kind of instruction is planted in a small linked image.</summary>
public sealed class CodeVerifierTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("code-verifier").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    public static TheoryData<string, Action<Assembler>> PrivilegedInstructions => new()
    {
        { "cli", a => a.cli() },
        { "sti", a => a.sti() },
        { "hlt", a => a.hlt() },
        { "in", a => a.@in(al, dx) },
        { "out", a => a.@out(dx, eax) },
        { "outsb", a => a.rep.outsb() },
        { "mov to cr3", a => a.mov(cr3, rax) },
        { "mov from cr2", a => a.mov(rax, cr2) },
        { "mov to dr7", a => a.mov(dr7, rax) },
        { "wrmsr", a => a.wrmsr() },
        { "rdmsr", a => a.rdmsr() },
        { "lgdt", a => a.lgdt(__[rdi]) },
        { "lidt", a => a.lidt(__[rdi]) },
        { "ltr", a => a.ltr(ax) },
        { "invlpg", a => a.invlpg(__byte_ptr[rdi]) },
        { "invpcid", a => a.invpcid(rdi, __xmmword_ptr[rsi]) },
        { "swapgs", a => a.swapgs() },
        { "sysretq", a => a.sysretq() },
        { "wbinvd", a => a.wbinvd() },
        { "xsetbv", a => a.xsetbv() },
        { "clts", a => a.clts() },
        { "stac", a => a.stac() },
        { "iretq", a => a.iretq() },
        { "popfq", a => a.popfq() },
    };

    public static TheoryData<string, Action<Assembler>> VectorInstructions => new()
    {
        { "movups", a => a.movups(xmm0, __xmmword_ptr[rsi]) },
        { "vmovdqu", a => a.vmovdqu(ymm3, __ymmword_ptr[rsi]) },
        { "vmovdqu64", a => a.vmovdqu64(zmm1, __zmmword_ptr[rsi]) },
        { "movq mm", a => a.movq(mm0, __qword_ptr[rsi]) },
        { "fld", a => a.fld(__qword_ptr[rsi]) },
        { "kmovq", a => a.kmovq(k1, __qword_ptr[rsi]) },
    };

    [Theory]
    [MemberData(nameof(PrivilegedInstructions))]
    public void A_privileged_instruction_in_compiled_code_is_found(string name, Action<Assembler> plant)
    {
        Violation violation = Assert.Single(VerifyPlanted(plant, kernel: true));
        Assert.True(violation.Symbol == "planted" && violation.Offset == 1, $"{name}: {violation}");
    }

    [Theory]
    [MemberData(nameof(PrivilegedInstructions))]
    public void A_privileged_instruction_in_a_kernel_stub_is_fine(string name, Action<Assembler> plant)
    {
        List<Violation> violations = VerifyPlanted(plant, kernel: true, asStub: true);
        Assert.True(violations.Count == 0, name);
    }

    [Theory]
    [MemberData(nameof(PrivilegedInstructions))]
    public void A_privileged_instruction_in_a_personality_stub_is_found(string name, Action<Assembler> plant)
    {
        // Ring 3 may return by iretq and set its own flags.
        int expected = name is "iretq" or "popfq" ? 0 : 1;
        Assert.Equal(expected, VerifyPlanted(plant, kernel: false, asStub: true).Count);
    }

    [Theory]
    [MemberData(nameof(VectorInstructions))]
    public void A_vector_register_is_found_in_compiled_code_and_in_undeclared_stubs(string name, Action<Assembler> plant)
    {
        Assert.True(VerifyPlanted(plant, kernel: true).Count == 1, name);
        Assert.True(VerifyPlanted(plant, kernel: true, asStub: true).Count == 1, name);
        Assert.True(VerifyPlanted(plant, kernel: false, asStub: true).Count == 1, name);
    }

    [Theory]
    [MemberData(nameof(VectorInstructions))]
    public void A_vector_register_in_a_stub_that_declares_it_is_fine(string name, Action<Assembler> plant) =>
        Assert.True(VerifyPlanted(plant, kernel: false, asStub: true, usesVectors: true).Count == 0, name);

    [Fact]
    public void A_system_call_outside_the_gate_is_found()
    {
        Assert.Single(VerifyPlanted(a => a.syscall(), kernel: false));
        Assert.Single(VerifyPlanted(a => a.syscall(), kernel: false, asStub: true));
        Assert.Empty(VerifyPlanted(a => a.syscall(), kernel: false, asStub: true, symbol: "gate"));
        Assert.Single(VerifyPlanted(a => a.@int(0x80), kernel: false, asStub: true));
    }

    [Fact]
    public void A_write_below_the_stack_pointer_is_found_and_a_probe_is_not()
    {
        Assert.Single(VerifyPlanted(a => a.mov(__qword_ptr[rsp - 8], rax), kernel: true));
        Assert.Empty(VerifyPlanted(a => a.test(__dword_ptr[rsp - 4096], eax), kernel: true));
        Assert.Empty(VerifyPlanted(a => a.mov(__qword_ptr[rsp + 8], rax), kernel: true));
    }

    [Fact]
    public void Thread_local_storage_is_found() =>
        Assert.Single(VerifyPlanted(a => a.mov(rax, __qword_ptr.fs[0]), kernel: true));

    [Fact]
    public void A_violation_names_function_offset_address_and_instruction()
    {
        Violation violation = Assert.Single(VerifyPlanted(a => a.wrmsr(), kernel: true));
        Assert.Equal($"planted+0x1 ({violation.Address:x}): wrmsr: privileged instruction outside the generated stubs", violation.ToString());
        Assert.Equal(Linked.AddressOf("planted") + 1, violation.Address);
    }

    [Fact]
    public void Code_that_belongs_to_no_function_is_found()
    {
        var file = NewImage();
        file.Text.Bytes([0x0f, 0x30]); // wrmsr
        Assert.NotEmpty(CodeVerifier.Verify(LinkImage(file), Policy(file, stub: null, kernel: true)));
    }

    [Fact]
    public void Ordinary_code_passes() => Assert.Empty(VerifyPlanted(a => a.xor(eax, eax), kernel: false));

    private ElfImage Linked => ElfImage.Load(Path.Combine(directory, "planted.elf"));

    private List<Violation> VerifyPlanted(
        Action<Assembler> plant, bool kernel, bool asStub = false, bool usesVectors = false, string symbol = "planted")
    {
        ObjectFile file = NewImage();
        file.Function(symbol, a =>
        {
            a.push(rbp);
            plant(a);
            a.pop(rbp);
            a.ret();
        }, usesVectors);
        return CodeVerifier.Verify(LinkImage(file), Policy(file, asStub ? symbol : null, kernel));
    }

    // kernel.ld asks for an entry point in the boot section.
    private static ObjectFile NewImage()
    {
        var file = new ObjectFile();
        Section boot = file.AddSection(".boot", SectionType.ProgramBits, SectionFlags.Allocate | SectionFlags.Execute, 16);
        file.Function("pvh_start", boot, a => a.ret());
        return file;
    }

    private static CodePolicy Policy(ObjectFile file, string? stub, bool kernel) => new()
    {
        Stubs = file.Symbols.Values.Where(s => s.Name == stub).ToDictionary(s => s.Name),
        Privileged = kernel,
        Gate = kernel ? null : "gate",
    };

    private ElfImage LinkImage(ObjectFile file)
    {
        string path = Path.Combine(directory, "planted.o");
        File.WriteAllBytes(path, file.ToBytes());
        string output = Path.Combine(directory, "planted.elf");
        Linker.Link("kernel.ld", output, [path], []);
        return ElfImage.Load(output);
    }
}
