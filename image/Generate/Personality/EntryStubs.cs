using Microkernel.Image.Elf;
using static Iced.Intel.AssemblerRegisters;

namespace Microkernel.Image.Generate.Personality;

/// <summary>
/// Where the kernel enters: rdi = thread block, rsp = top of the thread's personality stack (a multiple of 16). The program's registers are in the block, so
/// nothing is saved; rbx keeps the block across the C# function, which the exit stub wants in rdi. Calls enter by <see cref="CallStub"/>.
/// </summary>
internal static class EntryStubs
{
    public static void Emit(ObjectFile o)
    {
        // (block, argument): the first thread of a fresh space.
        Entry(o, "start_entry", "personality_start");
        // (block, argument): a thread made by clone.
        Entry(o, "thread_entry", "personality_thread");
        // (block, argument): the only thread of a forked space, on the empty stack of its parent's slot.
        Entry(o, "fork_entry", "personality_forked");
    }

    private static void Entry(ObjectFile o, string symbol, string function) => o.Function(symbol, a =>
    {
        a.mov(rbx, rdi);
        a.call(o.Address(function));
        a.mov(rdi, rbx);
        a.jmp(o.Address("exit_recheck"));
    });
}
