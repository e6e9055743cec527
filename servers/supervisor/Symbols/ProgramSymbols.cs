using System.Text;
using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Hosting.Symbols;

namespace Servers.Supervisor.Symbols;

/// <summary>
/// Names addresses of a server's program for crash reports, by the tables in the boot archive. They are read where they lie; nothing is kept. A report
/// must come out in any case: what has no table, or a damaged one, is written as a bare number.
/// </summary>
internal static class ProgramSymbols
{
    /// <summary><c>Servers.Vfs.Names.PathWalk.Push+0x12 (servers/vfs/Names/PathWalk.cs:88)</c>, or <c>0x4eed9c</c>.</summary>
    /// <param name="program">Name of the program in the boot archive.</param>
    /// <param name="address">An instruction in it or in the personality.</param>
    /// <param name="isReturnAddress">It is where a call returns to: the call itself is named.</param>
    public static string Describe(string program, ulong address, bool isReturnAddress)
    {
        bool inWindow = address >= Window.Base;
        ulong instruction = isReturnAddress ? address - 1 : address;
        MappedMemory memory = FixedMemory.BootArchive;
        var archive = new BootArchiveReader(memory.Span(0, (int)memory.Length));
        int entry = archive.Find(Encoding.UTF8.GetBytes(CodeTable.EntryPrefix + (inWindow ? CodeTable.Personality : program)), system: true);
        return entry >= 0 && CodeTableReader.TryOpen(archive.Data(entry), out CodeTableReader table) && table.TryFind(instruction, out CodeLocation location)
            ? location.ToString()
            : $"0x{address:x}";
    }
}
