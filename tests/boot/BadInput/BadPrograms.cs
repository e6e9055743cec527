using System.Buffers.Binary;
using Microkernel.Image;

namespace Microkernel.Boot.Tests.BadInput;

/// <summary>ELF files that lie, made from the static busybox by changing single fields of its headers (elf(5)).</summary>
internal static class BadPrograms
{
    private const int HeaderLength = 64, ProgramHeaderLength = 56;
    private const int Load = 1, Interpreter = 3;

    // Offsets in a program header.
    private const int FileOffset = 8, Address = 16, FileSize = 32, MemorySize = 40;

    /// <summary>Name and content of each; <c>good</c> is the program as it is.</summary>
    public static IEnumerable<(string Name, byte[] Content)> All(byte[] program)
    {
        int other = Headers(program).First(at => BinaryPrimitives.ReadInt32LittleEndian(program.AsSpan(at)) != Load);

        yield return ("good", program);
        yield return ("empty", []);
        yield return ("cut-magic", program[..10]);
        yield return ("cut-header", program[..(HeaderLength - 1)]);
        yield return ("only-header", program[..HeaderLength]);
        yield return ("cut-program-headers", program[..(HeaderLength + ProgramHeaderLength / 2)]);
        yield return ("class-32", With(program, 4, 1, 1));
        yield return ("other-machine", With(program, 18, 0xb7, 2));
        yield return ("relocatable", With(program, 16, 1, 2));
        yield return ("phoff-huge", With(program, 32, 0x7fff_ffff_ffff_f000, 8));
        yield return ("phoff-negative", With(program, 32, ulong.MaxValue - 63, 8));
        yield return ("phnum-zero", With(program, 56, 0, 2));
        yield return ("phnum-most", With(program, 56, 0xffff, 2));
        yield return ("phentsize", With(program, 54, 1, 2));
        yield return ("interpreter-missing", WithInterpreter(program, other, "/no/such/loader\0"));
        yield return ("interpreter-directory", WithInterpreter(program, other, "/tmp\0"));
        yield return ("interpreter-no-program", WithInterpreter(program, other, "/init\0"));
        yield return ("interpreter-endless", WithInterpreter(program, other, "/no/such/loader"));
        yield return ("interpreter-empty", WithInterpreter(program, other, ""));
        yield return ("interpreter-long", WithInterpreter(program, other, new string('/', 5000) + "\0"));
    }

    /// <summary>Those that are found out only while they are mapped: Linux kills the program then (SIGKILL, SIGSEGV), for its old memory has gone.</summary>
    public static IEnumerable<(string Name, byte[] Content)> Unmappable(byte[] program)
    {
        int[] loads = [.. Headers(program).Where(at => BinaryPrimitives.ReadInt32LittleEndian(program.AsSpan(at)) == Load)];
        ulong firstAddress = BinaryPrimitives.ReadUInt64LittleEndian(program.AsSpan(loads[0] + Address));
        yield return ("cut-code", program[..(program.Length / 3)]);
        yield return ("filesz-huge", With(program, loads[0] + FileSize, 0x7fff_ffff_ffff, 8));
        yield return ("filesz-above-memsz", With(program, loads[1] + MemorySize, 1, 8));
        yield return ("memsz-huge", With(program, loads[^1] + MemorySize, 0x7fff_ffff_f000, 8));
        yield return ("memsz-wraps", With(program, loads[^1] + MemorySize, ulong.MaxValue - 4095, 8));
        yield return ("vaddr-kernel", With(program, loads[^1] + Address, 0xffff_ffff_8000_0000, 8));
        yield return ("vaddr-window", With(program, loads[^1] + Address, 0x7fff_f000_0000, 8));
        yield return ("vaddr-unaligned", With(program, loads[1] + Address, firstAddress + 0x1001, 8));
        yield return ("offset-huge", With(program, loads[1] + FileOffset, 0x7fff_ffff_ffff_f000, 8));
        yield return ("entry-zero", With(program, 24, 0, 8));
        yield return ("entry-kernel", With(program, 24, 0xffff_ffff_8000_0000, 8));
        yield return ("overlapping", With(program, loads[1] + Address, firstAddress, 8));
        yield return ("no-code", With(program, loads[1], 0, 4));
    }

    private static IEnumerable<int> Headers(byte[] program)
    {
        int first = (int)BinaryPrimitives.ReadUInt64LittleEndian(program.AsSpan(32));
        int count = BinaryPrimitives.ReadUInt16LittleEndian(program.AsSpan(56));
        return Enumerable.Range(0, count).Select(i => first + i * ProgramHeaderLength);
    }

    private static byte[] With(byte[] program, int at, ulong value, int length)
    {
        byte[] changed = [.. program];
        for (int i = 0; i < length; i++)
            changed[at + i] = (byte)(value >> (8 * i));
        return changed;
    }

    private static byte[] WithInterpreter(byte[] program, int header, string path)
    {
        byte[] changed = [.. With(program, header, Interpreter, 4), .. System.Text.Encoding.ASCII.GetBytes(path)];
        changed = With(changed, header + FileOffset, (ulong)program.Length, 8);
        return With(changed, header + FileSize, (ulong)path.Length, 8);
    }
}
