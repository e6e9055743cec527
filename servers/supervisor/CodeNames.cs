using System.Globalization;
using System.Text;
using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Hosting.Symbols;

namespace Servers.Supervisor;

/// <summary>Names of code addresses of one server: from the tables that the boot archive carries, else the addresses themselves.</summary>
internal sealed class CodeNames
{
    private readonly string server;

    private CodeNames(string server) => this.server = server;

    /// <summary>Names of a server's code.</summary>
    public static CodeNames Of(Server server) => new(server.Description.ArchiveEntry);

    /// <summary>The function and line at an address.</summary>
    public string Name(ulong address)
    {
        string number = string.Create(CultureInfo.InvariantCulture, $"0x{address:x}");
        string table = address >= Window.Base ? CodeTable.Personality : server;
        MappedMemory memory = FixedMemory.BootArchive;
        var archive = new BootArchiveReader(memory.Span(0, (int)memory.Length));
        int entry = archive.Find(Encoding.UTF8.GetBytes(CodeTable.EntryPrefix + table), system: true);
        return entry >= 0 && CodeTableReader.TryOpen(archive.Data(entry), out CodeTableReader reader) && reader.TryFind(address, out CodeLocation location)
            ? number + " " + location
            : number;
    }
}
