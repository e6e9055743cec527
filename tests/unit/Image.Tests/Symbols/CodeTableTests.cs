using CsCheck;
using Libsys.Hosting.Symbols;
using Microkernel.Image.Configuration;
using Microkernel.Image.Elf;
using Microkernel.Image.Symbols;

namespace Microkernel.Image.Tests.Symbols;

public class CodeTableTests
{
    private static readonly Gen<CodeFunction[]> Functions =
        Gen.Select(
            Gen.UInt[0, 100], Gen.UInt[1, 5000], Gen.String[Gen.Char['a', 'c'], 1, 250],
            Gen.Select(Gen.UInt[0, 4999], Gen.OneOfConst<string?>("a.cs", "servers/b.cs", null), Gen.Int[1, 5000]).Array[0, 10])
        .Array[0, 100].Select(parts =>
        {
            ulong end = 0x40_0000;
            var functions = new List<CodeFunction>();
            foreach ((uint gap, uint length, string name, (uint, string?, int)[] lines) in parts)
            {
                var ordered = lines.Where(l => l.Item1 < length).DistinctBy(l => l.Item1).OrderBy(l => l.Item1)
                    .Select(l => (l.Item1, l.Item2, l.Item2 is null ? 0 : l.Item3));
                functions.Add(new CodeFunction(end + gap, length, name, [.. ordered]));
                end += gap + length;
            }
            return functions.ToArray();
        });

    [Fact]
    public void Every_address_is_found_again() => Functions.Sample(functions =>
    {
        Assert.True(CodeTableReader.TryOpen(CodeTableWriter.Write(functions), out CodeTableReader reader));
        foreach (CodeFunction function in functions)
        {
            foreach (uint offset in function.Lines.Select(l => l.Offset).Append(0u).Append(function.Length - 1))
            {
                (uint, string? File, int Line) expected = function.Lines.LastOrDefault(l => l.Offset <= offset);
                Assert.True(reader.TryFind(function.Address + offset, out CodeLocation location));
                string name = function.Name[..Math.Min(function.Name.Length, CodeTable.LongestName)];
                Assert.Equal(new CodeLocation(name, offset, expected.File, expected.Line), location);
            }
        }
        Assert.False(reader.TryFind(0x3f_ffff, out _));
        Assert.False(reader.TryFind(functions.Length == 0 ? 0x40_0000 : functions[^1].Address + functions[^1].Length, out _));
    }, iter: 300);

    [Fact]
    public void A_damaged_table_gives_no_exception() =>
        Gen.Select(Functions, Gen.Select(Gen.Int[0, 1 << 16], Gen.Byte).Array[1, 20], Gen.Int[0, 1 << 16]).Sample(
        (functions, damage, cut) =>
        {
            byte[] table = CodeTableWriter.Write(functions);
            foreach ((int at, byte value) in damage)
                table[at % table.Length] = value;
            if (CodeTableReader.TryOpen(table.AsSpan(0, table.Length - cut % table.Length), out CodeTableReader reader))
            {
                for (ulong address = 0x3f_ff00; address < 0x41_0000; address += 97)
                    reader.TryFind(address, out _);
            }
        }, iter: 1000);

    [Theory]
    [InlineData("vfs", "vfs_Servers_Vfs_Names_PathWalk__GoUp", "Servers.Vfs.Names.PathWalk.GoUp", "servers/vfs/Names/PathWalk.cs", " GoUp(Location")]
    [InlineData("console", "Libsys_Hosting_Libsys_Hosting_EventLoop__Run", "Libsys.Hosting.EventLoop.Run", "libsys/hosting/EventLoop.cs", "public void Run(")]
    public void Functions_of_a_server_have_their_lines(string server, string symbol, string name, string file, string declaration)
    {
        string root = Root();
        ulong address = ElfImage.Load(Path.Combine(root, $".build/publish/{server}/{server}.dbg")).AddressOf(symbol);
        Assert.True(CodeTableReader.TryOpen(File.ReadAllBytes(Path.Combine(root, ".build/symbols", server)), out CodeTableReader reader));
        Assert.True(reader.TryFind(address, out CodeLocation location));
        Assert.Equal((name, file), (location.Function, location.File));
        // Code begins at the opening brace or at the first statement, which a comment may precede.
        int declared = Array.FindIndex(File.ReadAllLines(Path.Combine(root, file)), l => l.Contains(declaration, StringComparison.Ordinal)) + 1;
        Assert.InRange(location.Line, declared, declared + 4);
    }

    [Fact]
    public void Tables_stay_small()
    {
        // They lie in memory as long as the system runs: those of the servers that the default configuration has, with disks.
        string[] servers = [.. MachineConfiguration.Load(RepositoryLayout.Find(), "default", MachinePart.All).Manifest.Servers.Select(one => one.ArchiveEntry)];
        long length = servers.Append("personality").Sum(name => new FileInfo(Path.Combine(Root(), ".build/symbols", name)).Length);
        Assert.InRange(length, 1, 3 << 19);
    }

    private static string Root()
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Directory.Packages.props")))
            directory = directory.Parent;
        return directory!.FullName;
    }
}
