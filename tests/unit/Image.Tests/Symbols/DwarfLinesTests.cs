using Microkernel.Image.Symbols;

namespace Microkernel.Image.Tests.Symbols;

public class DwarfLinesTests
{
    [Fact]
    public void A_line_program_is_executed()
    {
        // DWARF 4 §6.2: unit length, version, header length; then the header's fields, one directory, one file, the program.
        byte[] header =
        [
            1, 1, 1, 0xfb /* line base -5 */, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1,
            (byte)'/', (byte)'r', 0, 0,
            (byte)'a', (byte)'.', (byte)'c', (byte)'s', 0, 1, 0, 0, 0,
        ];
        byte[] program =
        [
            0, 9, 2, 0, 0x10, 0, 0, 0xff, 0xff, 0xff, 0xff, // set address
            3, 0xe4, 0x00, // advance line by 100
            1, // copy
            61, // special: address + 3, line + 1
            8, // address + 17
            2, 5, // advance pc by 5
            3, 0x76, // advance line by -10
            1,
            0, 1, 1, // end of sequence
        ];
        byte[] unit = [4, 0, .. BitConverter.GetBytes(header.Length), .. header, .. program];
        List<SourceLine> lines = DwarfLines.Read([.. BitConverter.GetBytes(unit.Length), .. unit]);
        Assert.Equal(
            [
                new SourceLine(0xffff_ffff_0000_1000, "/r/a.cs", 101),
                new SourceLine(0xffff_ffff_0000_1003, "/r/a.cs", 102),
                new SourceLine(0xffff_ffff_0000_1019, "/r/a.cs", 92),
                new SourceLine(0xffff_ffff_0000_1019, null, 0),
            ],
            lines);
    }

    [Theory]
    [InlineData("Microkernel_Microkernel_Boot__Main", "Microkernel.Boot.Main")]
    [InlineData("CoreLib_System_Span_1<UInt8>__Slice", "System.Span.1<UInt8>.Slice")]
    [InlineData("vfs_Servers_Vfs_Names_PathWalk__Push", "Servers.Vfs.Names.PathWalk.Push")]
    [InlineData("S_P_CoreLib_System_Action_1<Libsys_Hosting_Libsys_Rings_Completion>__Invoke", "System.Action.1<Libsys.Rings.Completion>.Invoke")]
    [InlineData("_ZN3WKS7gc_heap11mark_objectEPh", "WKS::gc_heap::mark_object")]
    [InlineData("pvh_start", "pvh_start")]
    public void Names_are_made_readable(string symbol, string readable) => Assert.Equal(readable, MethodName.Readable(symbol));
}
