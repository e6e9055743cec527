using System.Runtime.InteropServices;

namespace Libsys.Abi;

/// <summary>
/// Bytes of the personality image at the window's base, behind the page of <see cref="Window.Vdso"/>. All addresses are absolute (the image is linked there),
/// all lengths bytes.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct PersonalityHeader
{
    /// <summary><see cref="MagicValue"/>.</summary>
    public ulong Magic;
    /// <summary>"PERSONA1", little endian.</summary>
    public const ulong MagicValue = 0x31414E4F53524550;

    /// <summary>Header, gate and code: [Window.Base, TextEnd), read + execute. Page aligned, as the next two.</summary>
    public ulong TextEnd;
    /// <summary>Constants: [TextEnd, RodataEnd), read.</summary>
    public ulong RodataEnd;
    /// <summary>Initialised data: [RodataEnd, DataEnd), read + write, private to each space (copy-on-write).</summary>
    public ulong DataEnd;
    /// <summary>Zeroed data: [DataEnd, BssEnd), read + write.</summary>
    public ulong BssEnd;

    /// <summary>
    /// Where a reflected <c>syscall</c>, a fault or an interrupt enters: rdi = thread block, rsp = the block's StackTop, rflags = 0x202.
    /// Other registers hold the program's values.
    /// </summary>
    public ulong Entry;
    /// <summary>Where the first thread of a fresh space starts: rdi = thread block, rsi = argument.</summary>
    public ulong StartEntry;
    /// <summary>Where a thread made by the personality for a program starts: rdi = block, rsi = argument.</summary>
    public ulong ThreadEntry;
    /// <summary>Where a forked child's thread starts: rdi = block, rsi = address of the saved context (the fork call's argument).</summary>
    public ulong ForkEntry;

    /// <summary>
    /// The exit stub, [ExitRecheck, ExitEnd). A thread interrupted inside it is sent back to ExitRecheck with rdi = block and rsp = StackTop.
    /// </summary>
    public ulong ExitRecheck;
    /// <summary>End of the exit stub (exclusive).</summary>
    public ulong ExitEnd;

    /// <summary>
    /// Address of the table of copy stubs: entries of (start, end, recovery). A fault with start ≤ rip &lt; end continues at recovery, other registers
    /// unchanged.
    /// </summary>
    public ulong CopyStubs;
    /// <summary>Number of its entries.</summary>
    public ulong CopyStubCount;

    /// <summary>Address of the personality's own table of handlers, by Linux call number; the kernel does not look at it.</summary>
    public ulong CallTable;
    /// <summary>Entries of <see cref="CallTable"/>: above the highest number of Linux 6.1 (450).</summary>
    public const int CallTableLength = 512;
}
