using Iced.Intel;
using Microkernel.Image.Elf;
using static Iced.Intel.AssemblerRegisters;

namespace Microkernel.Image.Generate;

/// <summary>
/// What ilc's output and the core library expect in every image without a runtime: block memory, reference stores,
/// interface dispatch, fail-fast. System V functions unless said otherwise; no vector registers.
/// </summary>
internal static class RuntimeSupport
{
    // Codes of Internal.Runtime.FailFastCode.
    private const int Throw = 20, RuntimeHelper = 21;

    /// <param name="failFast">C# function (code, address) that ends the image.</param>
    public static void Emit(ObjectFile o, string failFast)
    {
        EmitBlockMemory(o);
        EmitReferenceStores(o);
        EmitInterfaceDispatch(o);
        EmitFailFast(o, failFast);
    }

    private static void EmitBlockMemory(ObjectFile o)
    {
        // (destination, source, length); the ranges may overlap. Returns the destination, so that it serves as memmove and memcpy too.
        o.Function("memory_move", a =>
        {
            Label backward = a.CreateLabel();
            a.mov(r8, rdi);
            a.mov(rcx, rdi);
            a.sub(rcx, rsi);
            a.cmp(rcx, rdx);
            a.jb(backward);
            a.mov(rcx, rdx);
            a.shr(rcx, 3);
            a.rep.movsq();
            a.mov(ecx, edx);
            a.and(ecx, 7);
            a.rep.movsb();
            a.mov(rax, r8);
            a.ret();
            // The destination starts inside the source: from the end down. Rare, so a byte at a time.
            a.Label(ref backward);
            a.mov(rcx, rdx);
            a.lea(rdi, __[rdi + rdx - 1]);
            a.lea(rsi, __[rsi + rdx - 1]);
            a.std();
            a.rep.movsb();
            a.cld();
            a.mov(rax, r8);
            a.ret();
        });

        // (destination, value, length); returns the destination, so that it serves as memset too.
        o.Function("memory_fill", a =>
        {
            a.mov(r8, rdi);
            a.movzx(eax, sil);
            a.mov(rcx, 0x0101_0101_0101_0101ul);
            a.imul(rax, rcx);
            a.mov(rcx, rdx);
            a.shr(rcx, 3);
            a.rep.stosq();
            a.mov(ecx, edx);
            a.and(ecx, 7);
            a.rep.stosb();
            a.mov(rax, r8);
            a.ret();
        });

        // The code generator may call the C names.
        o.Function("memmove", a => a.jmp(o.Address("memory_move")));
        o.Function("memcpy", a => a.jmp(o.Address("memory_move")));
        o.Function("memset", a => a.jmp(o.Address("memory_fill")));
    }

    // The garbage collector's write barriers, without a collector: plain stores. Register conventions are ilc's.
    private static void EmitReferenceStores(ObjectFile o)
    {
        foreach (string name in (string[])["RhpAssignRef", "RhpCheckedAssignRef"])
        {
            o.Function(name, a =>
            {
                a.mov(__qword_ptr[rdi], rsi);
                a.ret();
            });
        }
        o.Function("RhpByRefAssignRef", a =>
        {
            a.mov(rcx, __qword_ptr[rsi]);
            a.mov(__qword_ptr[rdi], rcx);
            a.add(rdi, 8);
            a.add(rsi, 8);
            a.ret();
        });
        // Transitions between managed and native code, which do not differ here.
        o.Function("RhpReversePInvoke", a => a.ret());
        o.Function("RhpReversePInvokeReturn", a => a.ret());

        // Compared on return from methods with unsafe buffers. Constant, because nothing random exists that early: it finds accidents.
        o.ReadOnlyData.Align(8);
        o.DefineHere("__security_cookie", o.ReadOnlyData);
        o.ReadOnlyData.UInt64(0x9e37_79b9_7f4a_7c15);
    }

    // Entered in place of an interface method: arguments in place, r11 = the call's dispatch cell. Finds the method in C# and jumps there.
    private static void EmitInterfaceDispatch(ObjectFile o) => o.Function("RhpInitialDynamicInterfaceDispatch", a =>
    {
        AssemblerRegister64[] arguments = [rdi, rsi, rdx, rcx, r8, r9];
        foreach (AssemblerRegister64 register in arguments)
            a.push(register);
        a.sub(rsp, 8);
        a.mov(rsi, r11);
        a.call(o.Address("resolve_interface"));
        a.add(rsp, 8);
        foreach (AssemblerRegister64 register in arguments.Reverse())
            a.pop(register);
        a.jmp(rax);
    });

    private static void EmitFailFast(ObjectFile o, string failFast)
    {
        // (code): adds the caller's address. The call leaves the stack aligned as the ABI wants it.
        o.Function("fail_fast", a =>
        {
            a.mov(rsi, __qword_ptr[rsp]);
            a.jmp(o.Address(failFast));
        });
        o.Function("RhpThrowEx", a =>
        {
            a.mov(edi, Throw);
            a.mov(rsi, __qword_ptr[rsp]);
            a.jmp(o.Address(failFast));
        });
        o.Function("RhpFallbackFailFast", a =>
        {
            a.mov(edi, RuntimeHelper);
            a.mov(rsi, __qword_ptr[rsp]);
            a.jmp(o.Address(failFast));
        });
    }
}
