using Servers.Drivers.Pci.Bus;

namespace Servers.Drivers.Pci.Tests;

public sealed class BusTests
{
    private const uint SomeDevice = 0x1042_1AF4, Bridge = 0x000C_1B36;
    private const int Command = 4, Capabilities = 0x34;
    private const uint HasCapabilities = 1u << 20;

    private readonly TestBus bus = new();

    [Fact]
    public void Functions_are_found_on_all_buses_in_order()
    {
        bus.Add(0x0000, SomeDevice);
        bus.Add(0x0008, Bridge, header: 1);
        bus.Set(0x0008, 0x18, 3 << 8);
        bus.Add(0x00F8, SomeDevice, header: 0x80);
        bus.Add(0x00FA, SomeDevice, header: 0x80);
        bus.Add(0x0300, SomeDevice);
        // Without the bit of several functions nobody looks for others.
        bus.Add(0x0301, SomeDevice);
        Assert.Equal([0x0000, 0x0008, 0x00F8, 0x00FA, 0x0300], Enumeration.Find(bus).Select(static function => function.Address));
    }

    [Fact]
    public void Bridges_that_lead_in_a_circle_or_nowhere_end_it()
    {
        var small = new TestBus { LastBus = 7 };
        small.Add(0x0000, Bridge, header: 1);
        small.Set(0x0000, 0x18, 0);
        small.Add(0x0008, Bridge, header: 1);
        small.Set(0x0008, 0x18, 200 << 8);
        Assert.Equal(2, Enumeration.Find(small).Count);
    }

    [Fact]
    public void Registers_say_where_and_how_long()
    {
        bus.Add(0, SomeDevice);
        bus.Set(0, 0x10, 0xC001, 0xFFFF_FF80);
        bus.Set(0, 0x14, 0xFEBF_E000, 0xFFFF_F000);
        bus.Set(0, 0x20, 0xFEBF_800C, 0xFFFF_C000);
        bus.Set(0, 0x24, 0x0000_0012, 0xFFFF_FFFF);
        bus.Set(0, 0x30, 0xFEB0_0000, 0xFFFC_0001);
        bus.Set(0, Command, 3, 0x547);
        var function = new Function(bus, 0);
        Enumeration.Size(function);
        FunctionRange[] expected =
        [
            new(0xC000, 0x80, 1), new(0xFEBF_E000, 0x1000, 0), default, default, new(0x12_FEBF_8000, 0x4000, 0xC), default, new(0xFEB0_0000, 0x4_0000, 0),
        ];
        Assert.Equal(expected, function.Ranges);
        // Everything is as before.
        Assert.Equal([0xC001u, 0xFEBF_E000, 0xFEBF_800C, 0x12, 0xFEB0_0000, 3u],
            ((int[])[0x10, 0x14, 0x20, 0x24, 0x30, Command]).Select(function.Read));
    }

    [Fact]
    public void Sizing_happens_while_the_function_answers_nowhere()
    {
        bus.Add(0, SomeDevice);
        bus.Set(0, 0x10, 0xFEBF_E000, 0xFFFF_F000);
        bus.Set(0, Command, 7, 0x547);
        bool wasOff = true;
        bus.Answer = (address, offset, word) =>
        {
            if (offset == 0x10 && word == 0xFFFF_F000)
                wasOff &= (bus.Read(0, Command) & 3) == 0;
            return word;
        };
        Enumeration.Size(new Function(bus, 0));
        Assert.True(wasOff);
    }

    [Fact]
    public void A_function_is_cut_off_and_that_is_read_back()
    {
        bus.Add(0, SomeDevice);
        bus.Set(0, Command, HasCapabilities | 7, 0x547);
        bus.Set(0, Capabilities, 0x40);
        bus.Set(0, 0x40, 0x8002_0011, 0xC000_0000);
        var function = new Function(bus, 0);
        Assert.True(function.TryCutOff());
        Assert.Equal(0u, function.Read(Command) & 4);
        Assert.Equal(1u << 10, function.Read(Command) & 1 << 10);
        Assert.Equal(0u, function.Read(0x40) & 1u << 31);
        function.Enable();
        Assert.Equal(6u, function.Read(Command) & 6);
    }

    [Fact]
    public void A_function_that_does_not_obey_or_does_not_finish_is_not_cut_off()
    {
        bus.Add(0, SomeDevice);
        bus.Set(0, Command, 7);
        Assert.False(new Function(bus, 0).TryCutOff());
        bus.Add(8, SomeDevice);
        bus.Set(8, Command, HasCapabilities | 7, 0x547);
        bus.Set(8, Capabilities, 0x40);
        bus.Set(8, 0x40, 0x0010);
        bus.Set(8, 0x48, 1u << 21);
        Assert.False(new Function(bus, 8).TryCutOff());
    }

    [Fact]
    public void Capabilities_that_lead_in_a_circle_end()
    {
        bus.Add(0, SomeDevice);
        bus.Set(0, Command, HasCapabilities);
        bus.Set(0, Capabilities, 0x40);
        bus.Set(0, 0x40, 0x5005);
        bus.Set(0, 0x50, 0x4009);
        var function = new Function(bus, 0);
        Assert.Equal(0, function.FindCapability(0x11));
        Assert.Equal(0x50, function.FindCapability(9));
    }

    [Fact]
    public void Messages_are_where_the_function_says()
    {
        bus.Add(0, SomeDevice);
        bus.Set(0, Command, HasCapabilities, 0x547);
        bus.Set(0, Capabilities, 0x40);
        bus.Set(0, 0x40, 0x0003_0011, 0xC000_0000);
        bus.Set(0, 0x44, 0x2001);
        bus.Set(0, 0x48, 0x3001);
        MessageTable table = MessageTable.Find(new Function(bus, 0))!;
        Assert.Equal((1, 0x2000u, 1, 0x3000u, 4), (table.Register, table.Offset, table.PendingRegister, table.PendingOffset, table.Count));
        var writes = new Dictionary<uint, uint>();
        table.Stop((offset, value) => writes[offset] = value);
        Assert.Equal<uint>([12, 28, 44, 60], [.. writes.Keys.Order()]);
        Assert.All(writes.Values, static value => Assert.Equal(1u, value));
        MessageTable.Set(1, 0x1_FEE0_0000, 0x45, (offset, value) => writes[offset] = value);
        Assert.Equal([0xFEE0_0000u, 1u, 0x45u, 0u], ((uint[])[16, 20, 24, 28]).Select(offset => writes[offset]));
        table.Start();
        Assert.Equal(1u << 31, bus.Read(0, 0x40) & 3u << 30);
    }
}
