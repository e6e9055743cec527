using Libsys.Abi;
using Microkernel.Image.Elf;

namespace Microkernel.Image.Generate.Personality;

/// <summary>The header from which the kernel learns where to enter.</summary>
internal static class HeaderData
{
    public static void Emit(ObjectFile o, string copyStubs, int copyStubCount)
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
            .SetAddress(nameof(PersonalityHeader.CopyStubs), copyStubs)
            .Set(nameof(PersonalityHeader.CopyStubCount), (ulong)copyStubCount)
            .SetAddress(nameof(PersonalityHeader.CallTable), CallTable.Symbol);
    }
}
