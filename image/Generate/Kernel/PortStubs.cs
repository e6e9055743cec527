using Microkernel.Image.Elf;
using static Iced.Intel.AssemblerRegisters;

namespace Microkernel.Image.Generate.Kernel;

/// <summary>Access to I/O ports.</summary>
internal static class PortStubs
{
    public static void Emit(ObjectFile o)
    {
        o.Function("port_out8", a =>
        {
            a.mov(edx, edi);
            a.mov(eax, esi);
            a.@out(dx, al);
            a.ret();
        });
        o.Function("port_out16", a =>
        {
            a.mov(edx, edi);
            a.mov(eax, esi);
            a.@out(dx, ax);
            a.ret();
        });
        o.Function("port_out32", a =>
        {
            a.mov(edx, edi);
            a.mov(eax, esi);
            a.@out(dx, eax);
            a.ret();
        });
        o.Function("port_in8", a =>
        {
            a.mov(edx, edi);
            a.@in(al, dx);
            a.movzx(eax, al);
            a.ret();
        });
        o.Function("port_in16", a =>
        {
            a.mov(edx, edi);
            a.@in(ax, dx);
            a.movzx(eax, ax);
            a.ret();
        });
        o.Function("port_in32", a =>
        {
            a.mov(edx, edi);
            a.@in(eax, dx);
            a.ret();
        });
        // (port, bytes, length)
        o.Function("port_write_bytes", a =>
        {
            a.mov(rcx, rdx);
            a.mov(edx, edi);
            a.rep.outsb();
            a.ret();
        });
    }
}
