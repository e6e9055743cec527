using CsCheck;
using Libsys.Hosting;
using Libsys.Messages;
using Libsys.Rings;
using Servers.Drivers.Nvme.Controller;
using Servers.Drivers.Nvme.Disks;

namespace Servers.Drivers.Nvme.Tests;

/// <summary>How requests become commands; the judge reads PRPs as NVMe 1.4 §4.3 says a controller does.</summary>
public sealed class TransferTests
{
    private const ulong ListAddress = 0x7_0000, Page = 4096;

    private readonly MappedMemory list = MappedMemory.Allocate(Transfer.ListLength);

    [Fact]
    public void Pages_are_one_command_with_a_list()
    {
        var client = new RequestClient((0x1200, 0xE00), (0x9000, 0x1000), (0x4000, 0x1000), (0x6000, 0x200));
        Command command = Assert.Single(Make(client, BlockOperation.Read, 8, 512, most: 0));
        Assert.Equal((Opcode.Read, 1u, 0x1200ul, ListAddress, 8ul, 23u),
            (command.Opcode, command.Namespace, command.Prp1, command.Prp2, command.Dword10, command.Dword12));
        Assert.Equal<ulong>([0x9000, 0x4000, 0x6000], [list.ReadUInt64(0), list.ReadUInt64(8), list.ReadUInt64(16)]);
    }

    [Fact]
    public void One_page_has_no_second_entry_and_of_two_the_second_is_the_page_itself()
    {
        Assert.Equal(0ul, Assert.Single(Make(new RequestClient((0x1200, 0x400), (0x1600, 0x200)), BlockOperation.Write, 0, 512, most: 0)).Prp2);
        Command two = Assert.Single(Make(new RequestClient((0x1E00, 0x200), (0x5000, 0x200)), BlockOperation.Write, 0, 512, most: 0));
        Assert.Equal((Opcode.Write, 0x1E00ul, 0x5000ul, 1u), (two.Opcode, two.Prp1, two.Prp2, two.Dword12));
    }

    [Fact]
    public void A_gap_between_segments_begins_another_command()
    {
        var client = new RequestClient((0x1000, 0x200), (0x2000, 0x1000), (0x3200, 0x200), (0x3400, 0xC00), (0x8000, 0x1000));
        Command[] commands = Make(client, BlockOperation.Write, 100, 512, most: 0);
        Assert.Equal([(0x1000ul, 0ul, 100ul, 0u), (0x2000, 0, 101, 7), (0x3200, 0x8000, 109, 14)],
            commands.Select(static one => (one.Prp1, one.Prp2, one.Dword10, one.Dword12)));
    }

    [Theory]
    [InlineData(0x1000ul, 0x100u)]
    [InlineData(0x1100ul, 0x200u)]
    [InlineData(0x1E00ul, 0x400u)]
    [InlineData(0x1000ul, 0u)]
    [InlineData(0x1000ul, 0x1200u)]
    public void A_segment_that_is_none_is_refused(ulong address, uint length)
    {
        var client = new RequestClient((address, length));
        Submission request = client.Request(BlockOperation.Read, 0) with { A2 = Math.Max(1, length / 512) };
        Assert.Equal(-22, new Transfer().Begin(client, request, 512, Identity(0), 1));
    }

    [Fact]
    public void Segments_that_are_not_as_long_as_the_sectors_are_refused()
    {
        var client = new RequestClient((0x1000, 0x1000));
        Assert.Equal(-22, new Transfer().Begin(client, client.Request(BlockOperation.Read, 0) with { A2 = 7 }, 512, Identity(0), 1));
        // Half a block of 4,096 bytes.
        var half = new RequestClient((0x1000, 0x800), (0x1800, 0x800));
        Assert.Equal(-22, new Transfer().Begin(half, half.Request(BlockOperation.Read, 0), 4096, Identity(0), 1));
    }

    [Fact]
    public void Any_segments_arrive_whole_and_in_order_whatever_the_bound_is()
    {
        Gen<(ulong, uint)> segment = Gen.Select(Gen.Int[0, 40], Gen.Int[0, 7], Gen.Int[1, 8]).Select(static (page, first, count) =>
            ((ulong)page * Page + (ulong)first * 512, (uint)Math.Min(count, 8 - first) * 512));
        Gen<(ulong, uint)> whole = Gen.Int[0, 40].Select(static page => ((ulong)page * Page, (uint)Page));
        Gen.Select(Gen.Frequency((1, segment), (4, whole)).Array[1, BlockLimits.Segments], Gen.Int[0, 3]).Sample((segments, exponent) =>
        {
            var client = new RequestClient(segments);
            ulong most = exponent == 0 ? ulong.MaxValue : Page << exponent, block = 1000;
            var transfer = new Transfer();
            var seen = new List<ulong>();
            Assert.Equal(0, transfer.Begin(client, client.Request(BlockOperation.Write, block), 512, Identity(exponent), 1));
            var memory = MappedMemory.Allocate(Transfer.ListLength);
            int count = 0;
            for (; !transfer.IsMade; count++)
            {
                Command command = transfer.Next(memory, 0, ListAddress);
                Assert.Equal(block, command.Dword10);
                ulong bytes = (command.Dword12 + 1ul) * 512;
                Assert.True(bytes <= most);
                block += command.Dword12 + 1;
                seen.AddRange(Sectors(command, bytes, memory));
            }

            Assert.Equal(segments.SelectMany(one => Enumerable.Range(0, (int)one.Item2 / 512).Select(number => one.Item1 + (ulong)number * 512)), seen);
            // Answered once, by the last.
            for (int number = 1; number <= count; number++)
                Assert.Equal(number == count, transfer.End(0));
            Assert.Equal([(7ul, 0L)], client.Answers);
        }, iter: 500);
    }

    [Fact]
    public void What_has_failed_is_answered_when_the_last_of_its_commands_has_ended_and_not_gone_on_with()
    {
        var client = new RequestClient((0x1000, 0x200), (0x3000, 0x200), (0x5000, 0x200));
        var transfer = new Transfer();
        Assert.Equal(0, transfer.Begin(client, client.Request(BlockOperation.Read, 0), 512, Identity(0), 1));
        transfer.Next(list, 0, ListAddress);
        transfer.Next(list, 0, ListAddress);
        Assert.False(transfer.End(0x281));
        Assert.True(transfer.IsMade);
        Assert.True(transfer.End(0));
        Assert.Equal([(7ul, -5L)], client.Answers);
    }

    [Theory]
    [InlineData(0x001, -95L)]
    [InlineData(0x020, -30L)]
    [InlineData(0x182, -30L)]
    [InlineData(0x004, -5L)]
    [InlineData(0x7FF, -5L)]
    public void Status_codes_are_errors(int status, long expected)
    {
        var client = new RequestClient();
        var transfer = new Transfer();
        Assert.Equal(0, transfer.Begin(client, new Submission { Operation = (ushort)BlockOperation.Flush, Tag = 3 }, 512, Identity(0), 1));
        Assert.Equal(Opcode.Flush, transfer.Next(list, 0, ListAddress).Opcode);
        Assert.True(transfer.End(status));
        Assert.Equal([(3ul, expected)], client.Answers);
    }

    [Fact]
    public void Zeroes_are_as_many_commands_as_their_field_needs_and_a_discard_is_one()
    {
        const ulong sectors = 1 << 18;
        Command[] zeroes = Make(new RequestClient(), BlockOperation.WriteZeroes, 16, 512, most: 1, sectors);
        Assert.Equal([(16ul, 65535u), (65552, 65535), (131088, 65535), (196624, 65535)], zeroes.Select(static one => (one.Dword10, one.Dword12)));
        Command discard = Assert.Single(Make(new RequestClient(), BlockOperation.Discard, 16, 4096, most: 1, sectors));
        Assert.Equal((Opcode.DatasetManagement, ListAddress, 1ul << 34), (discard.Opcode, discard.Prp1, discard.Dword10));
        Assert.Equal((0u, (uint)(sectors / 8), 2ul), (list.ReadUInt32(0), list.ReadUInt32(4), list.ReadUInt64(8)));
    }

    // Where a controller finds each sector of a command.
    private static IEnumerable<ulong> Sectors(Command command, ulong bytes, MappedMemory memory)
    {
        ulong pages = ((command.Prp1 & (Page - 1)) + bytes + Page - 1) / Page;
        var entries = new List<ulong> { command.Prp1 };
        if (pages == 2)
            entries.Add(command.Prp2);
        for (ulong number = 0; pages > 2 && number < pages - 1; number++)
            entries.Add(memory.ReadUInt64(number * sizeof(ulong)));
        if (pages > 2)
            Assert.Equal(ListAddress, command.Prp2);
        Assert.All(entries.Skip(1), static entry => Assert.Equal(0ul, entry & (Page - 1)));
        foreach (ulong entry in entries)
        {
            for (ulong at = entry; bytes > 0 && at < (entry & ~(Page - 1)) + Page; at += 512, bytes -= 512)
                yield return at;
        }
    }

    private static ControllerIdentity Identity(int exponent)
    {
        byte[] bytes = new byte[4096];
        bytes[77] = (byte)exponent;
        return new ControllerIdentity(bytes);
    }

    private Command[] Make(RequestClient client, BlockOperation operation, ulong sector, uint block, int most, ulong sectors = 0)
    {
        var transfer = new Transfer();
        Submission request = client.Request(operation, sector);
        Assert.Equal(0, transfer.Begin(client, sectors > 0 ? request with { A2 = sectors } : request, block, Identity(most), 1));
        var commands = new List<Command>();
        while (!transfer.IsMade)
            commands.Add(transfer.Next(list, 0, ListAddress));
        return [.. commands];
    }
}
