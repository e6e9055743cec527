using System;
using System.Runtime;
using System.Runtime.InteropServices;
using Bare;

namespace ExecStatus;

/// <summary>
/// Executes /tmp/program with its own arguments after the first name, and ends with the error number if that is refused. A shell would run as a
/// script what is no program, and so hide ENOEXEC.
/// </summary>
internal static class Program
{
    // execveat, asm/unistd_64.h; AT_FDCWD, execveat(2).
    private const long ExecuteAt = 322, WorkingDirectory = -100;

    [RuntimeExport("program_main")]
    private static int Main(int argumentCount, ulong arguments)
    {
        ReadOnlySpan<byte> path = "/tmp/program\0"u8;
        return (int)-Linux.Call(ExecuteAt, WorkingDirectory, ref MemoryMarshal.GetReference(path), (long)arguments + sizeof(ulong), 0, 0, 0);
    }
}
