using Microkernel.Image.Elf;

namespace Microkernel.Image.Generate.Personality;

/// <summary>Everything in the personality that C# cannot say, as one object: header, gate, entries, exit stub, copy stubs.</summary>
internal static class PersonalityStubs
{
    public static void Emit(ObjectFile o)
    {
        RuntimeSupport.Emit(o, "personality_fail_fast");
        GateStubs.Emit(o);
        CallStub.Emit(o);
        EntryStubs.Emit(o);
        ExitStub.Emit(o);
        ProcessorStubs.Emit(o);
        var recovery = new RecoveryTable();
        CopyStubs.Emit(o, recovery);
        VectorStubs.Emit(o, recovery);
        recovery.Emit(o, "copy_stubs");
        CallTable.Emit(o);
        HeaderData.Emit(o, "copy_stubs", recovery.Count);
    }
}
