using Libsys.Abi;
using Microkernel.Image.Elf;
using static Iced.Intel.AssemblerRegisters;

namespace Microkernel.Image.Generate.Personality;

/// <summary>Everything in the personality that C# cannot say, as one object: header, gate, entries, exit stub, copy stubs.</summary>
internal static class PersonalityStubs
{
    public static void Emit(ObjectFile o)
    {
        RuntimeSupport.Emit(o, "personality_fail_fast");
        EmitGate(o);
        EmitEntries(o);
        EmitHeader(o);
    }

    // The linker script puts this section at Window.Gate.
    private static void EmitGate(ObjectFile o)
    {
        Section gate = o.AddSection(".personality.gate", SectionType.ProgramBits, SectionFlags.Allocate | SectionFlags.Execute, 16);
        o.Function("gate", gate, a =>
        {
            // The fourth argument: syscall overwrites rcx.
            a.mov(r10, rcx);
            a.syscall();
            a.Mark("gate_return");
            a.ret();
        });

        // (number, a0 .. a5), System V, for C#.
        o.Function("kernel_call", a =>
        {
            a.mov(eax, edi);
            a.mov(rdi, rsi);
            a.mov(rsi, rdx);
            a.mov(rdx, rcx);
            a.mov(rcx, r8);
            a.mov(r8, r9);
            a.mov(r9, __qword_ptr[rsp + 8]);
            a.jmp(o.Address("gate"));
        });
    }

    private static void EmitEntries(ObjectFile o)
    {
        foreach (string entry in (string[])["reflection_entry", "start_entry", "thread_entry", "fork_entry"])
        {
            o.Function(entry, a =>
            {
                a.call(o.Address("personality_main"));
                a.ud2();
            });
        }
        o.Function("exit_stub", a =>
        {
            a.Mark("exit_recheck");
            a.ud2();
            a.Mark("exit_end");
        });
    }

    private static void EmitHeader(ObjectFile o)
    {
        Section header = o.AddSection(".personality.header", SectionType.ProgramBits, SectionFlags.Allocate, 4096);
        new StructData<PersonalityHeader>(o, header, "personality_header")
            .Set(nameof(PersonalityHeader.Magic), PersonalityHeader.MagicValue)
            .SetAddress(nameof(PersonalityHeader.TextEnd), "text_end")
            .SetAddress(nameof(PersonalityHeader.RodataEnd), "rodata_end")
            .SetAddress(nameof(PersonalityHeader.DataEnd), "data_end")
            .SetAddress(nameof(PersonalityHeader.BssEnd), "bss_end")
            .SetAddress(nameof(PersonalityHeader.Entry), "reflection_entry")
            .SetAddress(nameof(PersonalityHeader.StartEntry), "start_entry")
            .SetAddress(nameof(PersonalityHeader.ThreadEntry), "thread_entry")
            .SetAddress(nameof(PersonalityHeader.ForkEntry), "fork_entry")
            .SetAddress(nameof(PersonalityHeader.ExitRecheck), "exit_recheck")
            .SetAddress(nameof(PersonalityHeader.ExitEnd), "exit_end")
            .SetAddress(nameof(PersonalityHeader.CopyStubs), "copy_stubs")
            .Set(nameof(PersonalityHeader.CopyStubCount), 0);
        o.ReadOnlyData.Align(8);
        o.DefineHere("copy_stubs", o.ReadOnlyData);
    }
}
